/** The frames of a log batched again for another count of partitions: as if they had come to a log of that count. */
import { Batcher } from '../../collectors/batching/index.ts';
import { readResume } from '../../collectors/batching/resume.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { type BatchKey, decodeFrameBatch, type FrameBatchHeader, readFrameBatch } from '../../stream/contract/frame-batch.ts';
import { framesTopic, type Log } from '../../stream/contract/log.ts';

/** Bytes at which a new batch is closed. */
const BATCH_BYTES = 1 << 20;

/** Batches of one collector's epoch that stand together in a partition, up to where its taps were closed. */
interface Run {
  readonly collector: string;
  readonly epoch: string;
  readonly first: bigint;
  last: bigint;
  /** Newest time in it, or where it closed its taps, ns. */
  endNs: bigint;
  closes: boolean;
  readonly taps: Map<string, { readonly name: string; readonly wallOffsetNs: string }>;
}

interface Watch {
  readonly watched: ReadonlySet<FrameName>;
  readonly placed: (name: FrameName, at: { partition: number; offset: bigint; index: number }) => void;
  readonly domains: ReadonlyMap<string, string>;
}

/** A frame of the old log: `partition/offset/index`. */
export type FrameName = string;

/**
 * Writes all frames of `from` to `to` by the map of its partitions. Within an epoch frames go by the merged clock, as
 * they came; ticks, openings and closings are made anew. `placed` is told where each of `watched` went; `domains` are those
 * of taps (by identity) whose beginning the log has no more.
 */
export async function rebatch(from: { readonly log: Log; readonly partitions: number }, to: { readonly log: Log; readonly partitions: number },
  { watched, placed, domains: known }: Watch): Promise<void> {
  const domains = new Map(known);
  const runs = await Promise.all(Array.from({ length: from.partitions }, (_, partition) => runsOf(from.log, partition, domains)));
  /** Where a partition's first run was read up to: its batches before are done, and so many bytes of the one there. */
  const cursors = runs.map(() => new Cursor());
  while (runs.some((list) => list.length > 0)) {
    const { collector, epoch } = nextEpoch(runs);
    const heads = runs.flatMap((list, partition) => (isOf(list[0], collector, epoch) ? [{ partition, run: list[0]!, more: list.slice(1).some((run) => isOf(run, collector, epoch)) }] : []));
    const limit = heads.reduce((least, { run, more }) => ((more || run.closes) && run.endNs < least ? run.endNs : least), 1n << 64n);
    const resume = await readResume(to.log, to.partitions, collector, epoch);
    const names = new Map<string, FrameName>();
    const batcher = new Batcher({ collector, epoch, partitions: to.partitions, batchBytes: BATCH_BYTES, resume, send: async (partition, record) => {
      const offset = await to.log.append(framesTopic, partition, [record]);
      if (names.size > 0) findNames(record, names, (name, index) => { placed(name, { partition, offset, index }); });
    } });
    const mapping = new Mapping(batcher, domains);
    for (const { run } of heads) for (const [identity, tap] of run.taps) mapping.tap(identity, tap);
    const readers = heads.map(({ partition, run }) => new RunReader(from.log, partition, run, cursors[partition]!, limit, mapping));
    for (const reader of readers) await reader.next();
    for (;;) {
      const reader = readers.reduce<RunReader | undefined>((best, one) => (one.time !== undefined && (best?.time === undefined || one.time < best.time) ? one : best), undefined);
      if (reader === undefined) break;
      await mapping.tellGaps(reader.time);
      const frame = reader.take();
      if (watched.has(frame.name)) names.set(frame.identity, frame.name);
      await batcher.add(frame.record);
      await reader.next();
    }
    await mapping.tellGaps();
    const ended = heads.filter((_, index) => readers[index]!.ended);
    if (ended.some(({ run }) => run.closes)) await batcher.close(limit);
    else await batcher.flush();
    for (const { partition } of ended) {
      runs[partition]!.shift();
      cursors[partition] = new Cursor();
    }
    if (ended.length === 0) throw new Error(`the runs of collector ${collector} epoch ${epoch} cannot be put in order`);
  }
}

class Cursor {
  offset: bigint | undefined;
  at = 0;
  index = 0;
}

function isOf(run: Run | undefined, collector: string, epoch: string): boolean {
  return run !== undefined && run.collector === collector && run.epoch === epoch;
}

/** An epoch that stands first wherever it still stands: so none is overtaken that came before it. */
function nextEpoch(runs: readonly (readonly Run[])[]): Run {
  const heads = runs.flatMap((list) => list.slice(0, 1));
  return heads.find(({ collector, epoch }) => runs.every((list) => isOf(list[0], collector, epoch) || !list.some((run) => isOf(run, collector, epoch)))) ?? heads[0]!;
}

async function runsOf(log: Log, partition: number, domains: Map<string, string>): Promise<Run[]> {
  const runs: Run[] = [];
  const { first } = await log.bounds(framesTopic, partition);
  for await (const record of log.read(framesTopic, partition, first)) {
    const { offset } = record;
    const { header, frames } = readFrameBatch(record, { log: '', partition });
    if (header.spoiled !== undefined) continue;
    if (header.ageNs !== '0' || header.clockNs !== undefined) throw new Error(`frames record ${offset} of partition ${partition} is of a live tap: such a log cannot be batched again`);
    let run = runs.at(-1);
    if (run === undefined || run.closes || !isOf(run, header.collector, header.epoch)) {
      run = { collector: header.collector, epoch: header.epoch, first: offset, last: offset, endNs: 0n, closes: false, taps: new Map() };
      runs.push(run);
    }
    run.last = offset;
    const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    for (let at = 0; at < frames.length; at += view.getUint32(at + layout.FRAME_LENGTH, true)) {
      const time = view.getBigUint64(at + layout.FRAME_BOOT_NS, true);
      if (time > run.endNs) run.endNs = time;
    }
    for (const tap of header.taps) {
      learn(run, tap, header, domains);
      if (tap.state !== 'closed') continue;
      run.closes = true;
      run.endNs = BigInt(tap.closedNs ?? tap.clockNs ?? run.endNs);
    }
  }
  return runs;
}

function learn(run: Run, tap: FrameBatchHeader['taps'][number], header: FrameBatchHeader, domains: Map<string, string>): void {
  const known = run.taps.get(tap.identity);
  if (known !== undefined && known.wallOffsetNs !== tap.wallOffsetNs) throw new Error(`the clock of tap ${tap.name} was set amid its frames: such a log cannot be batched again`);
  run.taps.set(tap.identity, { name: tap.name, wallOffsetNs: tap.wallOffsetNs });
  if (tap.key !== undefined) domains.set(tap.identity, header.keys[tap.key]!.domain);
}

/** Taps and keys by the numbers that the batcher gives them. */
class Mapping {
  private readonly batcher: Batcher;
  private readonly domains: ReadonlyMap<string, string>;
  private readonly taps = new Map<string, number>();
  private readonly keys = new Map<string, number>();
  private readonly gaps: { readonly tap: number; readonly gap: Gap }[] = [];

  constructor(batcher: Batcher, domains: ReadonlyMap<string, string>) {
    this.batcher = batcher;
    this.domains = domains;
  }

  tap(identity: string, { name, wallOffsetNs }: { readonly name: string; readonly wallOffsetNs: string }): number {
    const known = this.taps.get(identity);
    if (known !== undefined) return known;
    const domain = this.domains.get(identity);
    if (domain === undefined) throw new Error(`the log does not tell the domain of tap ${name} (${identity})`);
    const number = this.batcher.addTap({ name, domain, identity, wallOffsetNs: BigInt(wallOffsetNs) });
    this.taps.set(identity, number);
    return number;
  }

  key(key: BatchKey): number {
    const text = JSON.stringify([key.key, key.domain, key.networkInstance, key.link, key.addresses]);
    const known = this.keys.get(text);
    if (known !== undefined) return known;
    this.batcher.addKey(key);
    this.keys.set(text, this.keys.size);
    return this.keys.size - 1;
  }

  gap(tap: number, gap: Gap): void {
    this.gaps.push({ tap, gap });
  }

  /** Tells the gaps that lie before a time, or all. */
  async tellGaps(before?: bigint): Promise<void> {
    const due = this.gaps.filter(({ gap }) => before === undefined || BigInt(gap.toNs) < before);
    for (const one of due) {
      this.gaps.splice(this.gaps.indexOf(one), 1);
      await this.batcher.gap(one.tap, one.gap);
    }
  }
}

type Gap = Parameters<Batcher['gap']>[1];

interface OldFrame {
  readonly record: Uint8Array;
  readonly name: FrameName;
  /** Tap identity and number: the same in the new log. */
  readonly identity: string;
}

/** The frames of one run up to a time, ticks left out, renumbered for the batcher. */
class RunReader {
  time: bigint | undefined;
  ended = false;
  private readonly log: Log;
  private readonly partition: number;
  private readonly run: Run;
  private readonly cursor: Cursor;
  private readonly limit: bigint;
  private readonly mapping: Mapping;
  private batches: AsyncIterator<{ readonly offset: bigint; readonly value: Uint8Array }> | undefined;
  private header: FrameBatchHeader | undefined;
  private frames: Uint8Array = new Uint8Array();
  private view: DataView = new DataView(new ArrayBuffer(0));
  private taps: number[] = [];
  private keys: number[] = [];

  constructor(log: Log, partition: number, run: Run, cursor: Cursor, limit: bigint, mapping: Mapping) {
    this.log = log;
    this.partition = partition;
    this.run = run;
    this.cursor = cursor;
    this.limit = limit;
    this.mapping = mapping;
  }

  /** Goes to the next frame: `time` is its time, undefined where none is left below the limit. */
  async next(): Promise<void> {
    this.time = undefined;
    for (;;) {
      if (this.header === undefined || this.cursor.at >= this.frames.length) {
        if (!await this.nextBatch()) return;
        continue;
      }
      const time = this.view.getBigUint64(this.cursor.at + layout.FRAME_BOOT_NS, true);
      if (this.view.getUint8(this.cursor.at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK) this.skip();
      else {
        if (time <= this.limit) this.time = time;
        return;
      }
    }
  }

  /** The frame at which `next` stopped. */
  take(): OldFrame {
    const { at, index, offset } = this.cursor;
    const record = this.frames.slice(at, at + this.view.getUint32(at + layout.FRAME_LENGTH, true));
    const view = new DataView(record.buffer);
    const tap = view.getUint16(layout.FRAME_TAP_ID, true);
    const identity = `${this.header!.taps[tap]!.identity}/${view.getBigUint64(layout.FRAME_FRAME_NUMBER, true)}`;
    view.setUint16(layout.FRAME_TAP_ID, this.taps[tap]!, true);
    view.setUint32(layout.FRAME_KEY_INDEX, this.keys[view.getUint32(layout.FRAME_KEY_INDEX, true)]!, true);
    this.skip();
    return { record, identity, name: `${this.partition}/${offset}/${index}` };
  }

  private skip(): void {
    this.cursor.at += this.view.getUint32(this.cursor.at + layout.FRAME_LENGTH, true);
    this.cursor.index += 1;
  }

  private async nextBatch(): Promise<boolean> {
    // A run that was left amid a batch is taken up there.
    const again = this.header === undefined && this.cursor.offset !== undefined;
    this.batches ??= this.log.read(framesTopic, this.partition, this.cursor.offset ?? this.run.first)[Symbol.asyncIterator]();
    const { value: logged, done } = await this.batches.next();
    if (done === true || logged.offset > this.run.last) {
      this.ended = true;
      await this.batches.return?.();
      return false;
    }
    const { header, frames } = readFrameBatch(logged, { log: '', partition: this.partition });
    // What is no frame batch has its row from the old generation.
    if (header.spoiled !== undefined) return this.nextBatch();
    this.header = header;
    this.frames = frames;
    this.view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    this.cursor.offset = logged.offset;
    this.taps = header.taps.map((tap) => this.mapping.tap(tap.identity, tap));
    const own = new Set(header.taps.map(({ key }) => key));
    this.keys = header.keys.map((key, index) => (own.has(index) ? -1 : this.mapping.key(key)));
    if (again) return true;
    this.cursor.at = 0;
    this.cursor.index = 0;
    // A gap stands in every partition that knows its tap; that of the tap's own key speaks for all.
    for (const { tap, ...gap } of header.gaps) if (header.taps[tap]!.key !== undefined) this.mapping.gap(this.taps[tap]!, gap);
    return true;
  }
}

/** Tells which records of a batch are looked for, by tap identity and number. */
function findNames(record: Uint8Array, names: Map<string, FrameName>, found: (name: FrameName, index: number) => void): void {
  const { header, frames } = decodeFrameBatch(record);
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  for (let at = 0, index = 0; at < frames.length; at += view.getUint32(at + layout.FRAME_LENGTH, true), index++) {
    if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK) continue;
    const identity = `${header.taps[view.getUint16(at + layout.FRAME_TAP_ID, true)]!.identity}/${view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true)}`;
    const name = names.get(identity);
    if (name === undefined) continue;
    names.delete(identity);
    found(name, index);
  }
}
