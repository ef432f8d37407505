/** `routewatch demo`: the shipped lab captures through the full path, live on terminal and page. */
import type { Command } from 'commander';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWeb } from '../../dashboards/web/index.ts';
import { tapNameOf } from '../../infra/lab/decode.ts';
import { readCookbook } from '../lib/cookbook.ts';
import { eventLine } from '../lib/live-lines.ts';
import { colour } from '../lib/output.ts';
import { withReader } from '../lib/reader.ts';
import { lastPacketTime, replayInto } from '../lib/replay.ts';
import { printSummary } from '../lib/summary.ts';
import { System } from '../lib/system.ts';

const captureFolder = join(import.meta.dirname, '..', '..', 'infra', 'lab', 'captures', 'demo');
/** Tap seconds a second: the story of about 100 s is told in a few. */
const DEMO_SPEED = 15;

export function demo(program: Command): void {
  program.command('demo')
    .description('replay the captures that ship with the project and show what RouteWatch makes of them')
    .option('--once', 'end after the summary instead of staying up')
    .option('--data <dir>', 'keep the data here (default: a directory of its own, removed at the end)')
    .option('--speed <n>', 'times the speed of the capture', Number, DEMO_SPEED)
    .action(run);
}

async function run(options: { once?: boolean; data?: string; speed: number }): Promise<void> {
  const dataDir = options.data ?? mkdtempSync(join(tmpdir(), 'routewatch-demo-'));
  const stop = new AbortController();
  const interrupted = new Promise<void>((resolve) => { stop.signal.addEventListener('abort', () => { resolve(); }); });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => { stop.abort(); });
  const say = (text: string): void => { process.stdout.write(`${text}\n`); };
  say('Starting log, store, worker and page ...');
  const system = await System.start({ dataDir });
  const web = await startWeb({ storeUrl: system.store.url, live: system.live, cookbook: readCookbook() });
  system.announce({ webUrl: web.url });
  try {
    const files = readdirSync(captureFolder).filter((name) => name.includes('.pcap')).map((name) => join(captureFolder, name));
    const last = await lastPacketTime(files);
    say(`Page ${colour('cyan', web.url)}   SQL ${colour('cyan', system.store.url)}   data ${dataDir}`);
    say(`Replaying ${files.length} taps of a small network at ${options.speed} times its speed, as if it ended now:\n`);
    system.live.subscribe((event) => { if (!event.initial || event.table !== 'route_changes') say(eventLine(event)); });
    const result = await Promise.race([system.failed, replayInto(system, {
      files, tapNames: files.map(tapNameOf), domain: 'demo', speed: options.speed, signal: stop.signal,
      shiftNs: BigInt(Date.now()) * 1_000_000n - last!,
    })]);
    await system.drained();
    await withReader(dataDir, (reader) => printSummary(reader, result));
    say(`\nPage   ${colour('cyan', web.url)}`);
    say(`SQL    ${colour('cyan', system.store.url)}   for example: curl '${system.store.url}/?database=routewatch' --data 'SELECT time, subject, prev, new, reason FROM timeline ORDER BY time DESC LIMIT 10 FORMAT PrettyCompact'`);
    if (options.once !== true && !stop.signal.aborted) {
      say('Ctrl-C ends it.');
      await Promise.race([interrupted, system.failed]);
    }
  } finally {
    await web.stop();
    await system.stop();
    if (options.data === undefined) rmSync(dataDir, { recursive: true, force: true });
  }
}
