/** `routewatch replay`: captures through the whole path, until every row can be queried. */
import { type Command, InvalidArgumentError } from 'commander';
import { tapNameOf } from '../../infra/lab/decode.ts';
import { checkReadable } from '../lib/captures.ts';
import { eventLine } from '../lib/live-lines.ts';
import { EXIT, UsageError, jsonLine, progressBar } from '../lib/output.ts';
import { defaultDataDir, withReader } from '../lib/reader.ts';
import { lastPacketTime, replayInto } from '../lib/replay.ts';
import { printSummary } from '../lib/summary.ts';
import { System } from '../lib/system.ts';
import { parseTime } from '../lib/time.ts';

interface Options {
  readonly fast?: boolean;
  readonly speed?: number;
  readonly until?: string;
  readonly retime?: string;
  readonly tap: readonly string[];
  readonly domain: string;
  readonly data: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export function replay(program: Command): void {
  program.command('replay')
    .description('decode captures into the store; several files are several taps of one domain, merged by time')
    .argument('<file...>', 'pcap or pcapng files, gzip or not; - for standard input')
    .option('--fast', 'as fast as it goes (the default)')
    .option('--speed <n>', 'at n times the speed of the capture', positive)
    .option('--until <time>', 'leave out packets after this capture time')
    .option('--retime <when>', '"now": shift all times so that the capture ends now')
    .option('--tap <name>', 'name of a tap, once a file in their order (default: the file\'s base name)', (name: string, names: readonly string[]) => [...names, name], [] as readonly string[])
    .option('--domain <name>', 'name of the routing domain', 'default')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--quiet', 'print no events')
    .option('--json', 'print events as JSON, one a line')
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  checkReadable(files);
  if (options.fast === true && options.speed !== undefined) throw new UsageError('--fast and --speed exclude each other');
  if (options.tap.length > files.length) throw new UsageError(`${options.tap.length} names for ${files.length} files`);
  const tapNames = files.map((file, index) => options.tap[index] ?? tapNameOf(file));
  if (new Set(tapNames).size !== tapNames.length) throw new UsageError(`two taps are called the same (${tapNames.join(', ')}): name them with --tap`);
  const shiftNs = await shift(files, options.retime);
  const stop = new AbortController();
  const interrupt = (): void => { stop.abort(); };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const system = await System.start({ dataDir: options.data });
  try {
    if (options.quiet !== true) system.live.subscribe((event) => { process.stdout.write(`${options.json === true ? jsonLine(event) : eventLine(event)}\n`); });
    const bar = options.quiet === true ? progressBar('packets', 0) : undefined;
    const result = await Promise.race([system.failed, replayInto(system, {
      files, tapNames, domain: options.domain, shiftNs, signal: stop.signal,
      ...(options.speed === undefined ? {} : { speed: options.speed }),
      ...(options.until === undefined ? {} : { untilNs: parseTime(options.until) }),
      progress: (packets) => { bar?.setTotal(packets); bar?.update(packets); },
    })]);
    await system.drained();
    bar?.stop();
    if (options.json !== true) await withReader(options.data, (reader) => printSummary(reader, result));
    for (const fault of result.faults) process.stderr.write(`routewatch: ${fault.capture}, byte ${fault.offset}: ${fault.message}\n`);
    if (result.faults.length > 0) process.exitCode = EXIT.partial;
  } finally {
    await system.stop();
  }
}

async function shift(files: readonly string[], retime: string | undefined): Promise<bigint> {
  if (retime === undefined) return 0n;
  if (retime !== 'now') throw new UsageError(`--retime ${retime}: only "now" is known`);
  const last = await lastPacketTime(files);
  if (last === undefined) throw new UsageError('--retime now needs files: standard input cannot be read twice');
  return BigInt(Date.now()) * 1_000_000n - last;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('a positive number is needed, such as 10');
  return value;
}
