/** `routewatch version`: this program, its decoders and its parts. */
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { printRows } from '../lib/output.ts';

export function version(program: Command): void {
  program.command('version')
    .description('print the versions of program, runtime and decoders')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExamples:\n  routewatch version\n  routewatch version --json`)
    .action((options: { json?: boolean }) => {
      const { version: number } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };
      const rows = [
        { part: 'routewatch', version: number, hash: '' },
        { part: 'node', version: process.versions.node, hash: '' },
        ...registry.map((module) => ({ part: `${module.name}.wasm`, version: module.version, hash: hashOf(module) })),
      ];
      printRows(rows, options.json === true ? 'json' : 'table');
    });
}

function hashOf(module: (typeof registry)[number]): string {
  try {
    return loadModule(module).hash.slice(0, 16);
  } catch {
    return 'not built';
  }
}
