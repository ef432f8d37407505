/** `routewatch finalize`: from here on there is no way back to the decoders before. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { holdStore } from '../../stream/store/index.ts';
import { ModuleStore } from '../../stream/worker/index.ts';
import { join } from 'node:path';
import { UsageError } from '../lib/output.ts';
import { defaultDataDir, modulesFolder } from '../lib/data-dir.ts';
import { System } from '../lib/system.ts';

export function finalize(program: Command): void {
  program.command('finalize')
    .description('give up the way back to the decoders before: their .wasm files are dropped, an older version is refused')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--json', 'as JSON')
    .addHelpText('after', `
Until then the older version can be started again on the same data directory: what it reads otherwise becomes rows
with the reason decoder-upgrade. Nothing may run on the data directory meanwhile.

Examples:
  routewatch finalize
  routewatch finalize --data /var/lib/routewatch`)
    .action(run);
}

async function run({ data, json }: { data: string; json?: boolean }): Promise<void> {
  if (!existsSync(join(data, 'log'))) throw new UsageError(`there is no log in ${data}`);
  // A start hands every partition over to this program's decoders, if that was not done before.
  const system = await System.start({ dataDir: data });
  await system.stop();
  const release = holdStore(join(data, 'store'));
  try {
    const dropped = new ModuleStore(modulesFolder(data)).finalize(Object.fromEntries(registry.map(loadModule).map(({ name, hash }) => [name, hash])));
    if (json === true) process.stdout.write(`${JSON.stringify({ dropped })}\n`);
    else process.stdout.write(dropped.length === 0 ? `${data}: no older decoder was kept\n` : `${data}: left behind ${dropped.join(', ')}\n`);
  } finally {
    release();
  }
}
