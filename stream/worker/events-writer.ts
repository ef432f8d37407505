/** Writes one partition's events records: positions without a gap, cuts by time and size, one owner at a time. */
import type { PassedOver, RowBlock, Stretch } from '../../decoders-wasm/contract/host.ts';
import { endOfRows } from '../../decoders-wasm/contract/row-reader.ts';
import { samePosition, startPosition } from '../contract/events-reader.ts';
import { type Cut, decodeEventsRecord, encodeEventsRecord, type EventsHeader, type ModuleHashes, type Position } from '../contract/events-record.ts';
import { faultPoint } from '../contract/fault-points.ts';
import { eventsTopic, type Log } from '../contract/log.ts';
import { ForeignClaimError } from '../contract/owned-partitions.ts';
import type { WorkerConfig } from './config.ts';
import { recorded } from './trapped-frames.ts';

export interface EventsWriterOptions {
  readonly log: Log;
  readonly partition: number;
  readonly owner: string;
  readonly config: WorkerConfig;
  /** `module@version` of every decoder. */
  readonly decoderVersion: string;
}

export class EventsWriter {
  private readonly log: Log;
  private readonly partition: number;
  private readonly owner: string;
  private readonly config: WorkerConfig;
  /** `module@version` of the decoders whose rows are written. */
  decoderVersion: string;
  private end: Position = startPosition;
  /** Offset that the next record of ours must get; another one means that somebody else wrote. */
  private expected = 0n;
  /** Offset of the last record of rows that this owner wrote. */
  private written: bigint | undefined;
  private uncutBytes = 0;
  /** Time of our last cut, ns. */
  private lastCut = 0n;
  private uncutSince: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly broken = Promise.withResolvers<never>();

  constructor(options: EventsWriterOptions) {
    this.log = options.log;
    this.partition = options.partition;
    this.owner = options.owner;
    this.config = options.config;
    this.decoderVersion = options.decoderVersion;
    this.broken.promise.catch(() => undefined);
  }

  /** Rejects when a cut that was due by time could not be written. */
  get failed(): Promise<never> {
    return this.broken.promise;
  }

  /** Appends the claim (it is a cut too) and gives its offset. */
  async claim(modules: Readonly<Record<string, string>>): Promise<bigint> {
    const header = this.header({ kind: 'claim', begin: startPosition, end: startPosition, modules, cut: this.cutNow() });
    faultPoint('claim:before');
    const offset = await this.log.append(eventsTopic, this.partition, [encodeEventsRecord({ header, rows: [] })]);
    faultPoint('claim:after');
    this.expected = offset + 1n;
    return offset;
  }

  /** Goes on behind the last valid record. */
  resume(end: Position): void {
    this.end = end;
  }

  /** Appends the rows of the batch at `offset`, without the first `already` ones; a batch without rows only moves on. */
  add(offset: bigint, stretch: Stretch, already: number, passed: PassedOver): Promise<void> {
    return this.inTurn(async () => {
      const next: Position = { offset: String(offset + 1n), rows: 0 };
      const groups = this.grouped(withoutFirst(stretch.blocks, already));
      if (groups.length === 0 && passed.skipped.length === 0 && passed.resets.length === 0) {
        this.pending = next;
        return;
      }
      let rows = already;
      for (const [index, blocks] of (groups.length === 0 ? [[]] : groups).entries()) {
        rows += blocks.reduce((sum, block) => sum + block.rows, 0);
        const end = index >= groups.length - 1 ? next : { offset: String(offset), rows };
        await this.write(blocks, end, stretch, recorded(offset, passed));
      }
    });
  }

  /** Appends a record from the log's start to `end`: the rows of what stands before were told by another log; `stretch` says what of it is not known. */
  adopt(end: Position, passed: Pick<EventsHeader, 'skipped' | 'resets'>, stretch: Stretch | undefined): Promise<void> {
    return this.inTurn(() => (stretch === undefined
      ? this.append(this.header({ kind: 'rows', begin: startPosition, end, ...passed }), [])
      : this.write(stretch.blocks, end, stretch, passed)));
  }

  /** Appends the rows that say that the frames before `first` are gone; they reach up to there, if we are not beyond it. */
  tellLoss(stretch: Stretch, first: bigint): Promise<void> {
    return this.inTurn(async () => {
      const here = this.pending ?? this.end;
      await this.write(stretch.blocks, BigInt(here.offset) >= first ? here : { offset: String(first), rows: 0 }, stretch, { lostUpTo: String(first) });
    });
  }

  /**
   * Appends, where the decoders stand, that other modules are in force from here on, with the rows of what they read
   * otherwise; gives its offset. It is never a cut, so that a sink that starts again reads a repeat of it behind it.
   */
  upgrade(from: ModuleHashes, to: ModuleHashes, stretch: Stretch): Promise<bigint> {
    return this.inTurn(async () => {
      if (this.pending !== undefined) await this.append(this.header({ kind: 'rows', begin: this.end, end: this.pending }), []);
      await this.write(stretch.blocks, this.end, stretch, { upgrade: { from, to } });
      return this.written!;
    });
  }

  /** Ends the insert stretch now, if rows wait for it. */
  cut(): Promise<void> {
    return this.inTurn(async () => {
      if (this.uncutSince !== undefined) await this.append(this.header({ kind: 'rows', begin: this.end, end: this.pending ?? this.end, cut: this.cutNow() }), []);
    });
  }

  /**
   * Makes sure that an acknowledged record of ours ends where the decoders stand (an empty one where the last frames
   * gave no rows, or this owner has written none yet), and gives its place; undefined amid a batch.
   */
  settle(): Promise<{ readonly end: Position; readonly offset: bigint } | undefined> {
    return this.inTurn(async () => {
      if (this.end.rows > 0) return undefined;
      if (this.pending !== undefined || this.written === undefined) await this.append(this.header({ kind: 'rows', begin: this.end, end: this.pending ?? this.end }), []);
      return { end: this.end, offset: this.written! };
    });
  }

  async stop(): Promise<void> {
    await this.cut();
    clearTimeout(this.timer);
  }

  /** End of what was decoded without rows since the last record. */
  private pending: Position | undefined;

  private async write(blocks: readonly RowBlock[], end: Position, stretch: Stretch, more: Pick<EventsHeader, 'skipped' | 'resets' | 'lostUpTo' | 'upgrade'>): Promise<void> {
    const bytes = blocks.reduce((sum, block) => sum + block.bytes.length, 0);
    this.uncutBytes += bytes;
    this.uncutSince ??= performance.now();
    // A record that moves no position is never a cut: a sink that starts again reads a repeat of it behind it.
    const due = !samePosition(this.end, end) && (this.uncutBytes >= this.config.cutBytes || performance.now() - this.uncutSince >= this.config.cutMs);
    const header = this.header({
      kind: more.upgrade === undefined ? 'rows' : 'upgrade', begin: this.end, end,
      sections: blocks.map((block) => ({ table: block.table, layout: block.layout, rows: block.rows, bytes: block.bytes.length })),
      contexts: stretch.contexts.map(({ code, key, domain, networkInstance, link, addresses }) => ({
        code, key, domain, networkInstance, link, ...(addresses === undefined ? {} : { addresses }),
      })),
      taps: stretch.taps.map(({ code, name, collector }) => ({ code, tap: name, collector })),
      ...(due ? { cut: this.cutNow() } : {}),
      ...more,
    });
    await this.append(header, blocks.map((block) => block.bytes));
  }

  private async append(header: EventsHeader, rows: readonly Uint8Array[]): Promise<void> {
    await this.refuseForeignClaim();
    const offset = await this.log.append(eventsTopic, this.partition, [encodeEventsRecord({ header, rows })]);
    if (offset !== this.expected) await this.refuseForeignClaim(offset);
    this.expected = offset + 1n;
    this.written = offset;
    this.end = header.end;
    this.pending = undefined;
    if (header.cut !== undefined) {
      this.uncutBytes = 0;
      this.uncutSince = undefined;
    }
    clearTimeout(this.timer);
    if (this.uncutSince === undefined) return;
    this.timer = setTimeout(() => { this.cut().catch((error: unknown) => { this.broken.reject(error); }); }, this.config.cutMs);
  }

  /** Throws when another owner has claimed the partition behind our claim and before `end` (now, if not given). */
  private async refuseForeignClaim(end?: bigint): Promise<void> {
    const next = end ?? (await this.log.bounds(eventsTopic, this.partition)).next;
    if (next === this.expected) return;
    for await (const logged of this.log.read(eventsTopic, this.partition, this.expected)) {
      if (logged.offset >= next) break;
      const { header } = decodeEventsRecord(logged.value);
      if (header.kind === 'claim' && header.owner !== this.owner) {
        throw new ForeignClaimError(`partition ${this.partition} was claimed by ${header.owner} at events offset ${logged.offset}: this worker stops`);
      }
    }
    this.expected = next;
  }

  private header(given: Partial<EventsHeader> & Pick<EventsHeader, 'kind' | 'begin' | 'end'>): EventsHeader {
    return { owner: this.owner, partition: this.partition, sections: [], contexts: [], taps: [], decoderVersion: this.decoderVersion, ...given };
  }

  /** Time and partition name the rows of a cut in every table: no two cuts have the same. */
  private cutNow(): Cut {
    const now = BigInt(Date.now()) * 1_000_000n;
    this.lastCut = now > this.lastCut ? now : this.lastCut + 1n;
    return { ingestTimeNs: String(this.lastCut) };
  }

  private grouped(blocks: readonly RowBlock[]): RowBlock[][] {
    const groups: RowBlock[][] = [];
    let bytes = Infinity;
    for (const block of blocks) {
      if (bytes + block.bytes.length > this.config.recordBytes) {
        groups.push([]);
        bytes = 0;
      }
      groups.at(-1)!.push(block);
      bytes += block.bytes.length;
    }
    return groups;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

/** Blocks behind the first `rows` rows: those are in the log already. */
function withoutFirst(blocks: readonly RowBlock[], rows: number): readonly RowBlock[] {
  let left = rows;
  for (const [index, block] of blocks.entries()) {
    if (left === 0) return blocks.slice(index);
    if (left < block.rows) {
      const rest = { ...block, rows: block.rows - left, bytes: block.bytes.subarray(endOfRows(block.layout, block.bytes, left)) };
      return [rest, ...blocks.slice(index + 1)];
    }
    left -= block.rows;
  }
  if (left > 0) throw new Error(`the log has ${left} more rows of this batch than it gives: it was decoded by another module`);
  return [];
}
