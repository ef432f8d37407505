/** `routewatch version`: this program, its decoders and its parts. */
import type { Command } from 'commander';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registry } from '../../decoders-wasm/host/registry.ts';
import { printRows } from '../lib/output.ts';

const root = join(import.meta.dirname, '..', '..');

export function version(program: Command): void {
  program.command('version')
    .description('print the versions of program, runtime, decoders and kernel filter')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nThe hash begins the SHA-256 of what was compiled.\n\nExamples:\n  routewatch version\n  routewatch version --json`)
    .action((options: { json?: boolean }) => {
      const { version: number } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
      const rows = [
        { part: 'routewatch', version: number, hash: '' },
        { part: 'node', version: process.versions.node, hash: '' },
        ...registry.map(({ name, version: own }) => ({ part: `${name}.wasm`, version: own, hash: hashOf(`wasm/${name}.wasm`) })),
        { part: 'link.wasm', version: number, hash: hashOf('wasm/link.wasm') },
        { part: 'routewatch.bpf.o', version: number, hash: hashOf('bpf/routewatch.bpf.o') },
      ];
      printRows(rows, options.json === true ? 'json' : 'table');
    });
}

function hashOf(built: string): string {
  const file = join(root, 'build', built);
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16) : 'not here';
}
