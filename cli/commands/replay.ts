/** `routewatch replay`: captures through the whole path, until every row can be queried. */
import { type Command, InvalidArgumentError } from 'commander';
import { checkFiles, openCaptures, readingProgress, reportFaults, tapNames } from '../lib/captures.ts';
import { readMap } from '../lib/config.ts';
import { onInterrupt } from '../lib/interrupt.ts';
import { type LogOptions, kafkaOf, withLogOptions } from '../lib/kafka.ts';
import { printEvents } from '../lib/live-lines.ts';
import { EXIT, UsageError, complain } from '../lib/output.ts';
import { defaultDataDir, readerOf } from '../lib/reader.ts';
import { type ReplayOptions, type ReplayResult, lastPacketTime, replayInto } from '../lib/replay.ts';
import { printSummary } from '../lib/summary.ts';
import { System } from '../lib/system.ts';
import { parseTime } from '../lib/time.ts';

interface Options extends LogOptions {
  readonly fast?: boolean;
  readonly speed?: number;
  readonly until?: string;
  readonly retime?: string;
  readonly tap: readonly string[];
  readonly domain: string;
  readonly map?: string;
  readonly data: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** How long lines wait for earlier ones: where packets come in their own time, and where they come all at once. */
const HOLD_PACED_MS = 250;
const HOLD_FAST_MS = 1500;

export function replay(program: Command): void {
  withLogOptions(program.command('replay')
    .description('decode captures into the store; several files are several taps of one domain, merged by time'))
    .argument('<file...>', 'pcap or pcapng files, gzip or not; - for standard input')
    .option('--fast', 'as fast as it goes (the default)')
    .option('--speed <n>', 'at n times the speed of the capture', positive)
    .option('--until <time>', 'leave out packets after this capture time')
    .option('--retime <when>', '"now": shift all times so that the capture ends now')
    .option('--tap <name>', 'name of a tap, once a file in their order; without it a tap is called as its file\'s base name', (name: string, names: readonly string[] | undefined) => [...names ?? [], name])
    .option('--domain <name>', 'name of the routing domain', 'default')
    .option('--map <file>', 'JSON rules that name domains, network instances and links by tap, VLAN and tunnel (docs/where-to-tap.md)')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--quiet', 'print no events and no summary')
    .option('--json', 'print events as JSON, one a line, and no summary')
    .addHelpText('after', `
Lines: time (UTC), + gained, ! lost, ? an error; then who, to whom, from what to what, why.
Run again on the same data it goes on where it stopped; what is known is passed over.
Ctrl-C ends it cleanly. One command uses a data directory at a time.

Examples:
  routewatch replay lan0.pcap.gz
  routewatch replay west.pcap east.pcap --tap rtr1-eth0 --tap rtr2-eth3 --domain backbone
  routewatch replay trunk.pcap --map map.json
  routewatch replay lan0.pcap --speed 10 --until 2026-11-21T02:20:00Z
  tcpdump -i eth0 -U -w - | routewatch replay - --tap eth0`)
    .action((files: string[], options: Omit<Options, 'tap'> & { tap?: string[] }) => run(files, { ...options, tap: options.tap ?? [] }));
}

async function run(files: string[], options: Options): Promise<void> {
  const settings = check(files, options);
  const isStream = files.includes('-');
  const early = isStream ? undefined : await openCaptures(files);
  const shiftNs = await shift(files, options.retime, settings.untilNs);
  const interrupt = onInterrupt();
  const system = await System.start({ dataDir: options.data, kafka: kafkaOf(options) });
  try {
    const paced = isStream || options.speed !== undefined;
    const stopLines = options.quiet === true ? undefined
      : printEvents(system.live, { json: options.json === true, holdMs: paced ? HOLD_PACED_MS : HOLD_FAST_MS });
    const work = async (): Promise<ReplayResult> => {
      const captures = early ?? await openCaptures(files);
      const progress = readingProgress('reading', options.quiet === true || !process.stdout.isTTY ? files : ['-'], captures);
      const result = await replayInto(system, { captures, ...settings, shiftNs, live: isStream, signal: interrupt.signal, progress: progress.tell });
      progress.stop();
      await system.drained();
      return result;
    };
    if (isStream) void interrupt.asked.then(() => process.stdin.destroy());
    const result = await Promise.race([system.failed, work()]);
    stopLines?.();
    await report(system, result, options, interrupt.signal.aborted && !isStream);
  } finally {
    await system.stop();
  }
}

function check(files: readonly string[], options: Options): Pick<ReplayOptions, 'tapNames' | 'domain' | 'map' | 'speed' | 'untilNs'> {
  checkFiles(files);
  if (options.fast === true && options.speed !== undefined) throw new UsageError('--fast and --speed exclude each other');
  if (options.retime !== undefined && options.retime !== 'now') throw new UsageError(`--retime ${options.retime}: only "now" is known`);
  if (options.retime !== undefined && files.includes('-')) throw new UsageError('--retime now needs files: the end of standard input is not known before it comes');
  if (options.domain === '') throw new UsageError('--domain needs a name');
  return {
    tapNames: tapNames(files, options.tap), domain: options.domain, map: options.map === undefined ? [] : readMap(options.map),
    ...(options.speed === undefined ? {} : { speed: options.speed }),
    ...(options.until === undefined ? {} : { untilNs: parseTime(options.until) }),
  };
}

async function report(system: System, result: ReplayResult, options: Options, cutShort: boolean): Promise<void> {
  if (options.quiet !== true && options.json !== true) await printSummary(readerOf(system.store.url), result);
  if (options.quiet !== true && result.records === 0 && result.packets > 0) complain(`${options.data} had all of this already: nothing was added`);
  if (result.packets === 0 && !cutShort) complain(`no packets were read${options.until === undefined ? '' : ` before ${options.until}`}`);
  if (cutShort) complain(`interrupted after ${result.packets} packets; they are kept, and the same command goes on from there`);
  if (reportFaults(result)) process.exitCode = EXIT.partial;
  else if (cutShort) process.exitCode = EXIT.interrupted;
}

async function shift(files: readonly string[], retime: string | undefined, untilNs: bigint | undefined): Promise<bigint> {
  if (retime === undefined) return 0n;
  const last = await lastPacketTime(files, untilNs);
  return last === undefined ? 0n : BigInt(Date.now()) * 1_000_000n - last;
}

/** A positive number of an option. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('a positive number is needed, such as 10');
  return value;
}
