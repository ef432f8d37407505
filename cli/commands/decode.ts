/** `routewatch decode`: rows or PDUs straight to standard output, without log and store. */
import { type Command, Option } from 'commander';
import { ShadowSet, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { decodedTables as tables } from '../../decoders-wasm/contract/row-reader.ts';
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { clickhouseStructure } from '../../stream/sinks/clickhouse/index.ts';
import { decodeCaptures, rowsOf } from '../../infra/lab/decode.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { checkFiles, openCaptures, readingProgress, reportFaults, tapNames } from '../lib/captures.ts';
import { EXIT, UsageError, jsonLine, writeOut } from '../lib/output.ts';
import { parseTime, timeText } from '../lib/time.ts';

interface Options {
  readonly format: 'ndjson' | 'rowbinary' | 'none';
  readonly table?: string;
  readonly pdus?: boolean;
  readonly structure?: boolean;
  readonly until?: string;
  readonly domain: string;
  readonly tap?: readonly string[];
  readonly json?: boolean;
}

export function decode(program: Command): void {
  program.command('decode')
    .description('decode captures to standard output, without log and store')
    .argument('[file...]', 'pcap or pcapng files, gzip or not; - for standard input')
    .addOption(new Option('--format <format>', 'ndjson: every row with its table and names in full; rowbinary: narrow rows of --table; none: only count').choices(['ndjson', 'rowbinary', 'none']).default('ndjson'))
    .option('--table <name>', 'only this table')
    .option('--structure', 'print the columns of --table as rowbinary writes them, and end')
    .option('--pdus', 'each frame as one JSON object instead: all layers and fields')
    .option('--until <time>', 'leave out packets after this capture time')
    .option('--domain <name>', 'name of the routing domain', 'default')
    .option('--tap <name>', 'name of a tap, once a file in their order', (name: string, names: readonly string[] | undefined) => [...names ?? [], name])
    .option('--json', 'JSON, which ndjson and --pdus are anyway')
    .addHelpText('after', `
Examples:
  routewatch decode lan0.pcap --table adjacency_events | jq -r '[.time, .router, .neighbor, .state, .reason] | @tsv'
  routewatch decode lan0.pcap --pdus | jq 'select(.protocol == "isis")'
  routewatch decode lan0.pcap --table route_changes --format rowbinary > rows.bin
  routewatch decode --table route_changes --structure
  zcat lan0.pcap.gz | routewatch decode - --format none`)
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  if (options.structure === true) {
    if (options.table === undefined) throw new UsageError('--structure needs --table NAME');
    process.stdout.write(`${clickhouseStructure(layoutIdOf(options.table))}\n`);
    return;
  }
  check(files, options);
  const captures = await openCaptures(files);
  const progress = readingProgress('decoding', process.stdout.isTTY ? ['-'] : files, captures);
  const counts = new Map<string, number>();
  const out = new Lines();
  const explainer = options.pdus === true ? new Explainer(out) : undefined;
  const result = await decodeCaptures(files, {
    captures, tapNames: tapNames(files, options.tap ?? []), domain: options.domain, progress: progress.tell,
    ...(options.until === undefined ? {} : { untilNs: parseTime(options.until) }),
    ...(explainer === undefined ? {} : { onBatch: (batch) => explainer.take(batch) }),
  }, async (stretch) => {
    for (const block of stretch.blocks) {
      const { name } = tableOf(block.table);
      if (options.table !== undefined && options.table !== name) continue;
      counts.set(name, (counts.get(name) ?? 0) + block.rows);
      if (options.format === 'rowbinary') out.bytes(block.bytes);
      if (options.format === 'ndjson') for (const row of rowsOf(block, stretch)) out.line(jsonLine({ table: name, ...row }));
    }
    await out.ready();
  });
  progress.stop();
  await out.ready();
  if (options.format === 'none' && explainer === undefined) printCounts(counts, options.json === true);
  if (reportFaults(result)) process.exitCode = EXIT.partial;
}

function check(files: readonly string[], options: Options): void {
  if (options.table !== undefined) layoutIdOf(options.table);
  if (files.length === 0) throw new UsageError('name a capture file, or - for standard input');
  if (options.format === 'rowbinary' && options.table === undefined) throw new UsageError('--format rowbinary needs --table NAME: rows of several tables cannot be told apart');
  if (options.pdus === true && (options.table !== undefined || options.format !== 'ndjson')) throw new UsageError('--pdus shows frames, not rows: it goes without --table and --format');
  checkFiles(files);
}

/** The layout in which decoders write a table; UsageError if there is none of the name. */
function layoutIdOf(name: string): string {
  if (!tables.some((table) => table.name === name)) {
    throw new UsageError(`there is no table "${name}" that decoders write; there are ${tables.map((table) => table.name).toSorted().join(', ')}`);
  }
  return tableOf(name).layout;
}

function printCounts(counts: ReadonlyMap<string, number>, json: boolean): void {
  const sorted = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (json) process.stdout.write(`${JSON.stringify(Object.fromEntries(sorted))}\n`);
  else for (const [name, rows] of sorted) process.stdout.write(`${name} ${rows}\n`);
}

/** Writes frames as JSON through the decoders of their protocols. */
class Explainer {
  private readonly set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 30 });
  private readonly out: Lines;

  constructor(out: Lines) {
    this.out = out;
  }

  /** One line a frame, in the order in which the captures have them. */
  async take({ frames, header }: FrameBatch): Promise<void> {
    const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    for (let at = 0; at < frames.length;) {
      const length = view.getUint32(at, true);
      const protocol = view.getUint8(at + layout.FRAME_PROTOCOL);
      if (protocol !== layout.PROTOCOL_TICK) {
        const tap = header.taps[view.getUint16(at + layout.FRAME_TAP_ID, true)]!;
        const key = header.keys[view.getUint32(at + layout.FRAME_KEY_INDEX, true)]!;
        const known = registry.some((module) => module.protocol === protocol);
        this.out.line(jsonLine({
          tap: tap.name, frame: Number(view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true)),
          time: timeText(view.getBigUint64(at + layout.FRAME_BOOT_NS, true) + BigInt(tap.wallOffsetNs)),
          link: key.link, network_instance: key.networkInstance,
          ...(known ? JSON.parse(this.set.explain(protocol, frames.slice(at, at + length))) as object : { protocol, bytes: Buffer.from(frames.subarray(at + layout.FRAME_BYTES, at + length)).toString('hex') }),
        }));
      }
      at += length;
    }
    await this.out.ready();
  }
}

/** Standard output in large pieces; `ready` waits while its reader is slow. */
class Lines {
  private pieces: Uint8Array[] = [];
  private size = 0;

  line(text: string): void {
    this.bytes(Buffer.from(`${text}\n`, 'utf8'));
  }

  /** The bytes are copied before they are reused. */
  bytes(bytes: Uint8Array): void {
    this.pieces.push(bytes.slice());
    this.size += bytes.length;
  }

  async ready(): Promise<void> {
    if (this.size > 0) await writeOut(Buffer.concat(this.pieces));
    this.pieces = [];
    this.size = 0;
  }
}
