/** `routewatch demo`: the shipped lab captures through the full path, live on terminal and page. */
import type { Command } from 'commander';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWeb } from '../../dashboards/web/index.ts';
import { tapNameOf } from '../../infra/lab/decode.ts';
import { openCaptures } from '../lib/captures.ts';
import { readCookbook } from '../lib/cookbook.ts';
import { type Interrupt, onInterrupt } from '../lib/interrupt.ts';
import { printEvents } from '../lib/live-lines.ts';
import { liveDemoLacking, showLive } from '../lib/live-demo.ts';
import { colour, complain, EXIT } from '../lib/output.ts';
import { packetSource } from '../lib/packet-source.ts';
import { readerOf } from '../lib/reader.ts';
import { lastPacketTime, replayInto } from '../lib/replay.ts';
import { printSummary } from '../lib/summary.ts';
import { System } from '../lib/system.ts';
import { positive } from './replay.ts';

const captureFolder = join(import.meta.dirname, '..', '..', 'infra', 'lab', 'captures', 'demo');
/** Tap seconds a second: the story of about 100 s is told in a few. */
const DEMO_SPEED = 15;

export function demo(program: Command): void {
  program.command('demo')
    .description('replay the captures that ship with the project and show what RouteWatch makes of them')
    .option('--once', 'end after the summary instead of staying up')
    .option('--data <dir>', 'keep the data here (default: a directory of its own, removed at the end)')
    .option('--speed <n>', 'times the speed of the capture', positive, DEMO_SPEED)
    .option('--live', 'in place of captures run the routers here, each with a collector, and break something every few seconds (Linux, root); --once: until each fault came')
    .addHelpText('after', `\nExamples:\n  routewatch demo\n  sudo routewatch demo --live\n  routewatch demo --once --speed 100\n  routewatch demo --once --data demo-data && routewatch timeline --data demo-data`)
    .action(run);
}

async function run(options: { once?: boolean; data?: string; speed: number; live?: boolean }): Promise<void> {
  const isLive = options.live === true;
  const lacking = isLive ? liveDemoLacking() : undefined;
  if (lacking !== undefined) {
    complain(`the live demo cannot run here: ${lacking}. Without --live the demo needs none of that`);
    process.exitCode = EXIT.unavailable;
    return;
  }
  const files = isLive ? [] : demoCaptures();
  const interrupt = onInterrupt();
  const dataDir = options.data ?? mkdtempSync(join(tmpdir(), 'routewatch-demo-'));
  const remove = (): void => { if (options.data === undefined) rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }); };
  process.once('exit', remove);
  say('Starting log, store, worker and page ...');
  const system = await System.start({ dataDir });
  try {
    const web = await startWeb({ storeUrl: system.store.url, live: system.live, cookbook: readCookbook(), packets: packetSource(system.store.url, dataDir, undefined) });
    try {
      system.announce({ webUrl: web.url });
      const once = options.once === true;
      if (isLive) await showRouters(system, { url: web.url, once, interrupt });
      else await show(system, { files, url: web.url, speed: options.speed, once, interrupt });
    } finally {
      await web.stop();
    }
  } finally {
    await system.stop();
    remove();
  }
}

interface Show {
  readonly files: readonly string[];
  /** Of the page. */
  readonly url: string;
  readonly speed: number;
  readonly once: boolean;
  readonly interrupt: Interrupt;
}

async function show(system: System, { files, url, speed, once, interrupt }: Show): Promise<void> {
  const last = await lastPacketTime(files);
  sayWhere(system, url);
  say(`Replaying ${files.length} taps of a small network at ${speed} times its speed, as if it ended now (times are UTC):\n`);
  const stopLines = printEvents(system.live, { holdMs: 250, wanted: (event) => !event.initial || event.table !== 'route_changes' });
  const result = await Promise.race([system.failed, replayInto(system, {
    captures: await openCaptures(files), tapNames: files.map(tapNameOf), domain: 'demo', speed, signal: interrupt.signal,
    shiftNs: BigInt(Date.now()) * 1_000_000n - last!,
  })]);
  await system.drained();
  stopLines();
  if (interrupt.signal.aborted) return;
  await printSummary(readerOf(system.store.url), result);
  say(`\nPage   ${colour('cyan', url)}`);
  say(`SQL    ${colour('cyan', system.store.url)}   for example: curl '${system.store.url}/?database=routewatch' --data 'SELECT time, subject, prev, new, reason FROM timeline ORDER BY time DESC LIMIT 10 FORMAT PrettyCompact'`);
  if (once) return;
  say('Ctrl-C ends it.');
  await Promise.race([interrupt.asked, system.failed]);
}

async function showRouters(system: System, { url, once, interrupt }: Omit<Show, 'files' | 'speed'>): Promise<void> {
  sayWhere(system, url);
  say('Seven routers (FRR, BIRD) in network namespaces of this machine, a collector on each (times are UTC):\n');
  await showLive(system, { once, interrupt });
  if (interrupt.signal.aborted) return;
  await printSummary(readerOf(system.store.url), undefined);
}

function sayWhere(system: System, url: string): void {
  say(`Page ${colour('cyan', url)}   SQL ${colour('cyan', system.store.url)}   data ${system.dataDir}`);
}

function demoCaptures(): string[] {
  const names = existsSync(captureFolder) ? readdirSync(captureFolder).filter((name) => name.includes('.pcap')).toSorted() : [];
  if (names.length === 0) throw new Error(`the demo's captures are missing from ${captureFolder}: check the project out again`);
  return names.map((name) => join(captureFolder, name));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
