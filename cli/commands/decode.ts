/** `routewatch decode`: rows or PDUs straight to standard output, without log and store. */
import { type Command, Option } from 'commander';
import { once } from 'node:events';
import { ShadowSet, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { layoutOf, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { clickhouseStructure } from '../../stream/sinks/clickhouse/index.ts';
import { decodeCaptures, rowsOf } from '../../infra/lab/decode.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { EXIT, UsageError, jsonLine } from '../lib/output.ts';
import { parseTime, timeText } from '../lib/time.ts';
import { checkReadable } from '../lib/captures.ts';

interface Options {
  readonly format: 'ndjson' | 'rowbinary' | 'none';
  readonly table?: string;
  readonly pdus?: boolean;
  readonly structure?: boolean;
  readonly until?: string;
  readonly domain: string;
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
    .option('--json', 'the same as --format ndjson')
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  if (options.table !== undefined) knownTable(options.table);
  if (options.structure === true) {
    if (options.table === undefined) throw new UsageError('--structure needs --table NAME');
    process.stdout.write(`${clickhouseStructure(tableOf(options.table).layout)}\n`);
    return;
  }
  if (files.length === 0) throw new UsageError('name a capture file, or - for standard input');
  if (options.format === 'rowbinary' && options.table === undefined) throw new UsageError('--format rowbinary needs --table NAME: narrow rows of several tables cannot be told apart');
  const counts = new Map<string, number>();
  const out = new Lines();
  const untilNs = options.until === undefined ? {} : { untilNs: parseTime(options.until) };
  const explainer = options.pdus === true ? new Explainer(out) : undefined;
  checkReadable(files);
  const result = await decodeCaptures(files, {
    domain: options.domain, ...untilNs, ...(explainer === undefined ? {} : { onBatch: (batch) => { explainer.take(batch.frames, batch.header); } }),
  }, (stretch) => {
    for (const block of stretch.blocks) {
      const { name } = tableOf(block.table);
      counts.set(name, (counts.get(name) ?? 0) + block.rows);
      if (options.table !== undefined && options.table !== name) continue;
      if (options.format === 'rowbinary') out.bytes(block.bytes);
      if (options.format === 'ndjson') for (const row of rowsOf(block, stretch)) out.line(jsonLine({ table: name, ...row }));
    }
  });
  await out.end();
  if (options.format === 'none') for (const [name, rows] of [...counts].toSorted()) process.stdout.write(`${name} ${rows}\n`);
  for (const fault of result.faults) process.stderr.write(`routewatch: ${fault.capture}, byte ${fault.offset}: ${fault.message}\n`);
  if (result.faults.length > 0) process.exitCode = EXIT.partial;
}

function knownTable(name: string): void {
  try {
    layoutOf(name);
  } catch {
    throw new UsageError(`there is no table ${name}; EVENTS.md lists them`);
  }
}

/** Writes frames as JSON through the decoders of their protocols. */
class Explainer {
  private readonly set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 30 });
  private readonly out: Lines;

  constructor(out: Lines) {
    this.out = out;
  }

  take(frames: Uint8Array, header: { readonly taps: readonly { readonly name: string; readonly wallOffsetNs: string }[]; readonly keys: readonly { readonly link: string; readonly networkInstance: string }[] }): void {
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
  }
}

/** Standard output with back-pressure kept out of the decoders' way: written in pieces, awaited at the end. */
class Lines {
  private pieces: Uint8Array[] = [];
  private size = 0;

  line(text: string): void {
    this.bytes(Buffer.from(`${text}\n`, 'utf8'));
  }

  bytes(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.size += bytes.length;
    if (this.size > 1 << 20) this.flush();
  }

  async end(): Promise<void> {
    this.flush();
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  }

  private flush(): void {
    if (this.size > 0) process.stdout.write(Buffer.concat(this.pieces));
    this.pieces = [];
    this.size = 0;
  }
}

