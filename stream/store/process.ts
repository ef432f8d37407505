/**
 * The store process after its confinement: reads its configuration from standard input, opens the
 * engine, listens, says so on standard output, and ends on SIGTERM or when standard input closes.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { storeConfig, type StoreConfig } from './config.ts';
import { Engine } from './engine.ts';
import { Front } from './front.ts';
import { parseReport, type ProcessMessage } from './messages.ts';
import { repairDeduplicationLogs } from './repair.ts';

/** How long running queries may take to end at a stop, in ms. */
const STOP_PATIENCE = 10_000;

async function main(): Promise<void> {
  const confinement = parseReport(process.argv[2] ?? 'null');
  const input = createInterface({ input: process.stdin, terminal: false });
  const config = await readConfiguration(input);
  const token = config.writerToken ?? randomBytes(24).toString('base64url');
  const engineDir = join(config.dataDir, 'engine');
  const repaired = repairDeduplicationLogs(engineDir);
  const engine = new Engine(engineDir);
  engine.open();
  const front = new Front(engine, config, token, config.spoolDir ?? join(config.dataDir, 'spool'));
  const port = await front.listen();

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void end(front, engine);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  input.on('close', stop);
  say({ ready: true, port, writerToken: token, engineVersion: engine.version, repaired, confinement });
}

function readConfiguration(input: ReturnType<typeof createInterface>): Promise<StoreConfig> {
  return new Promise((resolve, reject) => {
    input.once('close', () => reject(new Error('Standard input closed before the configuration')));
    input.once('line', (line) => {
      input.removeAllListeners('close');
      try {
        resolve(storeConfig.parse(JSON.parse(line)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Closes all in order; the engine may crash while it unloads, so "stopped" is said before. */
async function end(front: Front, engine: Engine): Promise<void> {
  const cut = setTimeout(() => process.exit(1), 2 * STOP_PATIENCE);
  await front.close(STOP_PATIENCE);
  await engine.close();
  clearTimeout(cut);
  say({ stopped: true });
  process.exit(0);
}

function say(message: ProcessMessage): void {
  try {
    writeSync(1, `${JSON.stringify(message)}\n`);
  } catch {
    // The parent has gone: nobody listens.
  }
}

try {
  await main();
} catch (error) {
  writeSync(2, `${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
