/** For tests of the BGP decoder: captures to frame records, records to rows. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openCapture } from '../../../collectors/inputs/pcap/open.ts';
import * as layout from '../../contract/generated/frame.ts';
import { LinkClassifier, type LinkKey } from '../../contract/link-classifier.ts';
import { murmur128 } from '../../contract/murmur.ts';
import { readRows, type Row, type RowCodes, tableOf } from '../../contract/row-reader.ts';
import { DecoderInstance, type Drained } from '../../host/instance.ts';

export const repository = join(import.meta.dirname, '../../..');
export const shared = join(repository, '../shared');
export const hasShared = existsSync(shared);

const TICK_NS = 250_000_000n;

/** BGP frames of one or several captures, merged by time, with the ticks between them. */
export interface Frames {
  /** Records, ticks among them. */
  readonly records: Uint8Array[];
  readonly keys: readonly LinkKey[];
  readonly taps: readonly string[];
}

/** Reads captures, each a tap of its own, and classifies their packets. */
export async function readFrames(files: readonly string[]): Promise<Frames> {
  const link = LinkClassifier.load();
  const keys: LinkKey[] = [];
  const records: Uint8Array[] = [];
  for (const [tap, file] of files.entries()) {
    const capture = await openCapture(file);
    for await (const chunk of capture.packets) {
      const bytes = link.classify(chunk.map((packet) => ({ ...packet, originalLength: packet.originalLength })), tap);
      for (let at = 0; at < bytes.length;) {
        const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
        records.push(bytes.slice(at, at + length));
        at += length;
      }
    }
    keys.push(...link.newKeys());
  }
  records.sort((a, b) => (bootOf(a) < bootOf(b) ? -1 : bootOf(a) > bootOf(b) ? 1 : 0));
  return { records: withTicks(records), keys, taps: files.map((file) => basename(file)) };
}

export function bootOf(record: Uint8Array): bigint {
  return new DataView(record.buffer, record.byteOffset).getBigUint64(layout.FRAME_BOOT_NS, true);
}

/** The records with a tick every 250 ms between them, and on to `end`. */
export function withTicks(records: readonly Uint8Array[], end = 0n): Uint8Array[] {
  const out: Uint8Array[] = [];
  let next = records.length === 0 ? 0n : (bootOf(records[0]!) / TICK_NS + 1n) * TICK_NS;
  for (const record of records) {
    for (; next <= bootOf(record); next += TICK_NS) out.push(tickRecord(next));
    out.push(record);
  }
  for (; next <= end; next += TICK_NS) out.push(tickRecord(next));
  return out;
}

export function tickRecord(boot: bigint): Uint8Array {
  const record = new Uint8Array(layout.FRAME_BYTES);
  const view = new DataView(record.buffer);
  view.setUint32(layout.FRAME_LENGTH, layout.FRAME_BYTES, true);
  view.setUint16(layout.FRAME_TAP_ID, layout.TAP_ALL, true);
  view.setUint8(layout.FRAME_PROTOCOL, layout.PROTOCOL_TICK);
  view.setBigUint64(layout.FRAME_BOOT_NS, boot, true);
  return record;
}

export function loadModule(): WebAssembly.Module {
  return new WebAssembly.Module(new Uint8Array(readFileSync(join(repository, 'build/wasm/bgp.wasm'))));
}

/** An instance that knows the taps and keys of the frames. */
export function makeInstance(frames: Pick<Frames, 'keys' | 'taps'>, seed = 1n): DecoderInstance {
  const instance = new DecoderInstance({ name: 'bgp', module: loadModule(), seed, memoryLimitBytes: 1 << 30 });
  frames.taps.forEach((tap, code) => instance.addTap(code, identityOf(tap), 0n));
  for (const key of frames.keys) {
    const name = key.addresses === undefined ? `other/${key.index}` : `tcp/default/default/${key.addresses.join('|')}`;
    const shadow = frames.keys.findIndex((other) => other.addresses?.join() === key.addresses?.join());
    instance.addContext(key.index, shadow, key.index, identityOf(name));
  }
  return instance;
}

function identityOf(name: string): Uint8Array {
  return murmur128(Buffer.from(name));
}

export function codesOf(frames: Pick<Frames, 'keys' | 'taps'>): RowCodes {
  return {
    contexts: new Map(frames.keys.map((key) => [key.index, {
      key: `key${key.index}`, domain: 'default', networkInstance: 'default', link: String(key.index), addresses: key.addresses ?? ['', ''],
    }])),
    taps: new Map(frames.taps.map((tap, code) => [code, { tap, collector: 'test' }])),
  };
}

/** Rows of each table, in order. */
export type Tables = Map<string, Row[]>;

/** Collects drained rows as bytes by table name. */
export class RowSink {
  readonly bytes = new Map<string, Uint8Array[]>();
  readonly take = (drained: Drained): void => {
    for (const block of drained.blocks) {
      const name = tableOf(block.table).name;
      let list = this.bytes.get(name);
      if (list === undefined) this.bytes.set(name, list = []);
      list.push(block.bytes);
    }
  };

  raw(): Map<string, Buffer> {
    return new Map([...this.bytes].map(([name, parts]) => [name, Buffer.concat(parts)]));
  }

  tables(codes: RowCodes): Tables {
    return new Map([...this.raw()].map(([name, bytes]) => [name, readRows(name, bytes, codes)]));
  }
}

/** Feeds records `from` to `to` as one batch or (size given) in pieces of `size` records. */
export function feed(instance: DecoderInstance, records: readonly Uint8Array[], sink: RowSink, from = 0, to = records.length, size = 512): void {
  for (let at = from; at < to; at += size) {
    instance.process(0n, at, Buffer.concat(records.slice(at, Math.min(to, at + size))), sink.take);
  }
}

/** All rows of the frames. */
export function decode(frames: Frames, seed = 1n): { tables: Tables; instance: DecoderInstance; sink: RowSink } {
  const instance = makeInstance(frames, seed);
  const sink = new RowSink();
  feed(instance, frames.records, sink);
  return { tables: sink.tables(codesOf(frames)), instance, sink };
}
