/** `routewatch up`: the whole embedded system, supervised, until it is asked to end. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { startWeb } from '../../dashboards/web/index.ts';
import { readCookbook } from '../lib/cookbook.ts';
import { readConfig, upConfig } from '../lib/config.ts';
import { System } from '../lib/system.ts';

const RESTART_MS = [1000, 2000, 5000, 10_000, 30_000];

export function up(program: Command): void {
  program.command('up')
    .description('run log, store, worker, sinks and page on this machine until Ctrl-C; a part that fails is started again')
    .option('--config <file>', 'configuration file (routewatch.json where there is one)')
    .option('--data <dir>', 'data directory')
    .action(run);
}

async function run(options: { config?: string; data?: string }): Promise<void> {
  const file = options.config ?? (existsSync('routewatch.json') ? 'routewatch.json' : undefined);
  const config = file === undefined ? upConfig.parse({}) : readConfig(file);
  const dataDir = options.data ?? config.data;
  let stopped = false;
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { stopped = true; resolve(); });
  });
  for (let failures = 0; !stopped; failures++) {
    const began = performance.now();
    try {
      const system = await System.start({ dataDir, storePort: config.storePort, worker: config.worker });
      const web = await startWeb({ storeUrl: system.store.url, live: system.live, cookbook: readCookbook(), port: config.webPort });
      system.announce({ webUrl: web.url });
      process.stdout.write(`page ${web.url}   SQL ${system.store.url}   data ${dataDir}\n`);
      try {
        await Promise.race([interrupted, system.failed]);
      } finally {
        await web.stop();
        await system.stop();
      }
    } catch (error) {
      if (performance.now() - began > 60_000) failures = 0;
      if (failures >= RESTART_MS.length) throw error;
      process.stderr.write(`routewatch: ${error instanceof Error ? error.message : String(error)}; starting again in ${RESTART_MS[failures]! / 1000} s\n`);
      await Promise.race([interrupted, new Promise((resolve) => { setTimeout(resolve, RESTART_MS[failures]); })]);
    }
  }
}
