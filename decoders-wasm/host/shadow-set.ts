/** One partition's shadows: an instance of each module that its frames need. Synchronous; no clock, no I/O. */
import { TAP_CLOSED, TAP_GAP, TAP_IDLE, TAP_LOST } from '../contract/abi.ts';
import type { BatchKey, BatchTap, FrameBatch, FrameBatchHeader } from '../contract/batch.ts';
import * as layout from '../contract/generated/frame.ts';
import { murmur128 } from '../contract/murmur.ts';
import { admit, REFUSED, REFUSED_TAPS, refusalRows } from './admission.ts';
import { type CodedContext, type CodedTap, Codes, type DroppedContext } from './codes.ts';
import { type HeldHello, Hellos, type Merged } from './hellos.ts';
import { coverageRows, quarantineRow, spoiledRow } from './host-rows.ts';
import { detailOf, type ForgottenKeys, forgottenRows, LOG_TAP, type Loss, lossRows, type PartitionLoss, partitionRow, restoredRow } from './losses.ts';
import { type ChangePlace, DecoderInstance } from './instance.ts';
import { Output, SpareBuffers } from './output.ts';
import { passOverHistory, recode } from './recode.ts';
import { BatchPlaces, isFrameAt, renewed, resetRows, resetsOf, type ResetPlace } from './resets.ts';
import { part, processRun } from './runs.ts';
import { NOTHING_PASSED_OVER, type PassedOver, type StateReset, type Stretch } from './stretch.ts';
import type { LoadedModule } from './registry.ts';
import type { StateForms } from './state-versions.ts';
import { defaultTrapLimits, type TrapLimits, type TrappedKey, Traps } from './traps.ts';

export type { PassedOver, SkippedFrame, StateReset, Stretch } from './stretch.ts';

/** How far a collector's epoch has come: its last batch, and the boot time at the end of that; decimal, absent before the first. */
interface SourceState {
  readonly sequence: number;
  readonly clockNs?: string;
  /** The jump that follows has been told: the log's own beginning came between. */
  readonly isTold?: boolean;
}

/** A live tap is lost after so many clock records (one a second) without a header of its collector. */
const CLOCKS_TO_LOSS = 15;
/** Of a row of which nothing tells the time: 2000-01-01, the first that is sane. */
const SANE_FROM_NS = 946_684_800_000_000_000n;
/** Owners' clocks differ by less than this, ns. */
const CLOCK_SET_BACK_NS = 5_000_000_000n;

/** Frames that are older than this when they are shipped are late, ns. */
const LATE_NS = 2_000_000_000n;

/** The host's own part of a state. Who raises it goes on writing the one before until `finalize`, as the modules do. */
const SHADOW_STATE_VERSION = 1;

/** Everything that a shadow set knows, for a checkpoint: what fits JSON, and each module's own export. */
export interface ShadowState {
  /** Of all but the modules' parts; absent in the first states, which were of version 1. */
  readonly version?: number;
  readonly taps: readonly { readonly name: string; readonly collector: string; readonly identity: string; readonly wallOffsetNs: string; readonly state: BatchTap['state']; readonly source?: string; readonly lastFrame?: string; readonly isLive?: boolean; readonly unheard?: number; readonly isLost?: boolean; readonly seen?: readonly (readonly [number, string])[]; readonly keys?: number; readonly isRefused?: boolean }[];
  /** Identities of taps that were told that there is no room for them, or for more keys of theirs. */
  readonly refusals?: readonly string[];
  readonly contexts: readonly (BatchKey & { readonly generation?: number; readonly protocol?: number })[];
  /** Keys that trapped, and how often each key was reset. */
  readonly traps?: readonly TrappedKey[];
  readonly generations?: readonly (readonly [string, number])[];
  /** Of the last clock record; decimal. */
  readonly clockNs?: string;
  readonly clockBy?: { readonly owner: string; readonly sequence: number };
  /** Last batch taken of each collector's epoch. */
  readonly sequences: readonly ({ readonly source: string } & SourceState)[];
  /** Absent where no tap is live. */
  readonly hellos?: readonly HeldHello[];
  readonly modules: readonly { readonly protocol: number; readonly state: Uint8Array }[];
}

/** A module that took over from another one, and what stands for a frame's identity in the ids of its differences. */
export interface ChangedModule {
  readonly protocol: number;
  readonly identity: Uint8Array;
}

export interface ShadowSetOptions {
  /** In the order in which their rows stand. */
  readonly modules: readonly LoadedModule[];
  readonly seed: bigint;
  readonly memoryLimitBytes: number;
  /** When traps reset a key. */
  readonly trapLimits?: TrapLimits;
}

const NO_FRAMES = new Uint8Array(0);

/** State that is dropped before the frame at byte `at` of a batch. */
interface DuePoint {
  readonly at: number;
  readonly index: number;
  readonly drop: (out: Output) => void;
}

export class ShadowSet {
  private readonly options: ShadowSetOptions;
  private readonly codes = new Codes();
  private readonly hellos = new Hellos();
  private readonly instances = new Map<number, DecoderInstance>();
  /** Of the clock records: time, owner and number of the last one. */
  private lastClock = 0n;
  private clockBy: { readonly owner: string; readonly sequence: number } | undefined;
  private readonly sources = new Map<string, SourceState>();
  private readonly traps: Traps;
  /** Batches that came again and were dropped. */
  doubled = 0;
  /** Late frames that another tap's newer ones had overtaken: no decoder got them. */
  history = 0;
  /** Bytes of rows that the batch before gave, by layout: so much room is made ready for the next one's. */
  private readonly expected = new Map<string, number>();
  private readonly spare = new SpareBuffers();
  private frames = new Uint8Array(0);
  /** The records of the batch at hand, hellos that came again among them. */
  private current: Uint8Array = NO_FRAMES;

  constructor(options: ShadowSetOptions) {
    this.options = options;
    this.traps = new Traps(options.trapLimits ?? defaultTrapLimits);
  }

  /**
   * Handles one record of the frames log. Throws ModuleFault when a module trapped: this set is then of no use; make
   * a new one, replay, and pass the frame over. A batch that was shipped twice gives no rows. With `step` the decoders get
   * one frame at a time and `step` is told which: so the watchdog finds a frame that does not end. Where hellos came again
   * their frames count too: indices are places among all of them.
   */
  process(offset: bigint, logged: FrameBatch, passed: PassedOver = NOTHING_PASSED_OVER, step?: (index: number) => void): Stretch {
    const out = new Output(this.codes, this.expected, this.spare);
    const { header } = logged;
    if (header.spoiled !== undefined) return this.refuse(offset, logged, header.spoiled, out);
    if (header.clockNs !== undefined) return this.clock(offset, header, BigInt(header.clockNs), out);
    const source = sourceOf(header);
    const before = this.sources.get(source);
    if (header.sequence <= (before?.sequence ?? 0)) {
      this.doubled += 1;
      return out.stretch();
    }

    const { taps, contexts } = this.learn(offset, logged, out);
    for (const block of coverageRows(offset, header, taps, contexts)) out.host(block);
    this.tellLosses(offset, logged, { taps, contexts }, before, out);
    header.taps.forEach((tap, index) => { this.hear(offset, tap, taps[index]!, firstBoot(logged), out); });
    const merged = this.hellos.merge(offset, logged, taps);
    const batch = { header, frames: merged.frames };
    this.current = batch.frames;
    const frames = this.copyOf(batch.frames);
    if (BigInt(header.ageNs) > LATE_NS) this.history += passOverHistory(frames, { taps, contexts }, this.codes);
    const { skipped } = passed;
    const resets = skipped.length === 0 && passed.resets.length === 0 ? undefined : resetsOf(passed, new BatchPlaces(batch.frames, header, taps), this.traps);
    const { points, renew } = this.planned(offset, batch, { taps, contexts, resets: resets ?? [] });
    const { protocols, timeRefused, lastBoot } = recode(frames, taps, contexts, { skipped: new Set(skipped.map((frame) => frame.index)), renew });
    const clocks = [before?.clockNs, lastBoot, ...header.taps.map((tap) => tap.clockNs)].flatMap((clock) => (clock === undefined || clock === null ? [] : [BigInt(clock)]));
    const clockNs = clocks.reduce<bigint | undefined>((latest, clock) => (latest === undefined || clock > latest ? clock : latest), undefined);
    this.sources.set(source, { sequence: header.sequence, ...(clockNs === undefined ? {} : { clockNs: String(clockNs) }) });
    let done = { at: 0, index: 0 };
    for (const point of [...points, undefined]) {
      this.decode(merged, { from: done, to: point?.at ?? frames.length }, frames, { protocols, out, step });
      point?.drop(out);
      done = point ?? done;
    }
    header.taps.forEach((tap, index) => { this.closeBatch(tap, taps[index]!, out); });
    for (const frame of [...skipped.filter(({ index }) => this.isFrame(index)), ...timeRefused.map((index) => ({ index, error: 'mad-time', sourceLine: '' }))]) out.host(quarantineRow(merged.placeOf(frame.index), frames, batch.frames, frame, this.codes.taps));
    return resets === undefined ? out.stretch() : { ...out.stretch(), resets };
  }

  /** Hands the records between two bytes to the decoders; `from` is where the frame of an index begins. */
  private decode({ runs, logged }: Merged, { from, to }: { readonly from: { readonly at: number; readonly index: number }; readonly to: number }, frames: Uint8Array, { protocols, out, step }: { readonly protocols: ReadonlySet<number>; readonly out: Output; readonly step: ((index: number) => void) | undefined }): void {
    const parts = runs.flatMap((run) => part(run, from, to));
    for (const module of this.options.modules) {
      if (protocols.has(module.protocol)) this.instance(module);
      const instance = this.instances.get(module.protocol);
      if (instance === undefined) continue;
      for (const run of parts) processRun(instance, run, frames.subarray(run.at, run.end), { drain: out.drain, step });
      // A fault at a deadline is to be laid to no frame: a copy left its own hello's index.
      if (runs.length > 1) instance.process(logged.offset, logged.frames, NO_FRAMES, out.drain);
    }
  }

  /**
   * The points at which state is dropped. A key gets fresh contexts while the frames are recoded (`renew`), and is a new
   * shadow to its decoder from there on; a decoder that has to lose all is replaced.
   */
  private planned(offset: bigint, batch: FrameBatch, { taps, contexts, resets }: { readonly taps: readonly CodedTap[]; readonly contexts: CodedContext[]; readonly resets: readonly StateReset[] }): { points: DuePoint[]; renew: ReadonlyMap<number, () => void> } {
    const renew = new Map<number, () => void>();
    if (resets.length === 0) return { points: [], renew };
    const places = new BatchPlaces(batch.frames, batch.header, taps);
    const points = resets.map(({ index, key, protocol }): DuePoint => {
      const { at, place } = places.of(index);
      if (key === undefined) return { at, index, drop: (out) => { this.dropModule(offset, protocol!, place, out); } };
      let dropped: DroppedContext[] = [];
      const before = renew.get(index);
      renew.set(index, () => {
        before?.();
        dropped = this.codes.reset(key);
        renewed(contexts, key, (context) => this.learnContext(context));
      });
      return { at, index, drop: (out) => {
        for (const { context } of dropped) this.codes.retired.add(context.code);
        for (const row of resetRows(offset, dropped, place, 'frames of this key trapped its decoder too often: what was known of it is dropped and begun anew')) out.host(row);
      } };
    });
    return { points, renew };
  }

  /** A fresh decoder in place of one whose state makes it trap, whatever it gets. */
  private dropModule(offset: bigint, protocol: number, place: ResetPlace, out: Output): void {
    const module = this.options.modules.find((one) => one.protocol === protocol);
    if (module === undefined || !this.instances.delete(protocol)) return;
    this.instance(module);
    for (const row of resetRows(offset, this.codes.ofProtocol(protocol), place, `decoder ${module.name} trapped at a deadline: what it knew is dropped and begun anew`)) out.host(row);
  }

  /** Whether the record of that index in the batch at hand is a frame: a tick can be laid to nobody. */
  isFrame(index: number): boolean {
    return isFrameAt(this.current, index);
  }

  /** A copy that may be changed, good until the next batch: memory that is used again asks for no garbage collection. */
  private copyOf(frames: Uint8Array): Uint8Array {
    if (this.frames.length < frames.length) this.frames = new Uint8Array(frames.length + (frames.length >>> 3));
    const copy = this.frames.subarray(0, frames.length);
    copy.set(frames);
    return copy;
  }

  /** The caller needs the rows of a stretch no more and holds no view of them: their memory serves the next ones. */
  giveBack(stretch: Stretch): void {
    this.spare.giveBack(stretch);
  }

  /**
   * Frames from here on are gone from the log: a row for the partition, one for each open tap and its keys, and the
   * decoders wait for what they hear next.
   */
  lose(offset: bigint, loss: PartitionLoss): Stretch {
    const out = new Output(this.codes, this.expected, this.spare);
    const { tap: log, context } = this.learnLog(loss);
    const losses = this.codes.taps.filter(isOpen).map((tap): Loss => ({
      tap, isTold: false, from: BigInt(this.sources.get(tap.source)?.clockNs ?? BigInt(loss.timeNs) - tap.wallOffset), to: BigInt(loss.timeNs) - tap.wallOffset, detail: detailOf(loss), keys: 'coverage-lost',
    }));
    const from = losses.map(({ tap, from: boot }) => boot + tap.wallOffset).reduce((least, time) => (time < least ? time : least), BigInt(loss.timeNs));
    out.host(partitionRow(offset, loss, from, log, context));
    this.tellAndWait(offset, losses, out);
    for (const [source, at] of this.sources) this.sources.set(source, { ...at, isTold: true });
    return out.stretch();
  }

  /** The rows that say which keys' state was not taken over in whole from another log. */
  forget(offset: bigint, forgotten: ForgottenKeys): Stretch {
    const out = new Output(this.codes, this.expected, this.spare);
    const { tap, context } = this.learnLog(forgotten);
    for (const row of forgottenRows(offset, forgotten, tap, context, forgotten.keys.map((key) => this.learnContext(key)))) out.host(row);
    return out.stretch();
  }

  /** Tap and context of rows that concern a whole partition. */
  private learnLog({ log, partition }: { readonly log: string; readonly partition: number }): { tap: CodedTap; context: CodedContext } {
    const { tap, fresh } = this.codes.tap(LOG_TAP.collector, {
      name: LOG_TAP.name, identity: Buffer.from(murmur128(Buffer.from(`${log}/${partition}`))).toString('hex'), wallOffsetNs: '0',
    });
    tap.state = 'idle';
    if (fresh) for (const instance of this.instances.values()) this.addTap(instance, tap);
    return { tap, context: this.partitionContext(partition) };
  }

  /** One frame record as JSON, through the decoder of its protocol (which is made if this set has none yet). */
  explain(protocol: number, frame: Uint8Array): string {
    const module = this.options.modules.find((one) => one.protocol === protocol);
    if (module === undefined) throw new Error(`no decoder takes protocol ${protocol}`);
    return this.instance(module).explain(frame);
  }

  /** The instance of a module, for queries, explanations and tests; undefined before its first frame. */
  of(protocol: number): DecoderInstance | undefined {
    return this.instances.get(protocol);
  }

  /** Replaces each instance by a fresh one with its exported state, as a restart from a checkpoint does. */
  reload(seed: bigint): void {
    for (const module of this.options.modules) {
      const old = this.instances.get(module.protocol);
      if (old === undefined) continue;
      const state = old.exportState();
      this.instances.delete(module.protocol);
      this.instance(module, seed).importState(state);
    }
  }

  /**
   * What a fresh set needs to go on from here with the same rows, the modules' parts in those versions; throws ModuleFault
   * when memory refuses an export.
   */
  exportState(forms: StateForms = {}): ShadowState {
    const held = this.hellos.exportState();
    return {
      version: SHADOW_STATE_VERSION,
      taps: this.codes.taps.map(({ name, collector, identity, wallOffset, state, source, lastFrame, isLive, unheard, isLost, seen, keys, isRefused }) => ({
        name, collector, identity: Buffer.from(identity).toString('hex'), wallOffsetNs: String(wallOffset), state, source, lastFrame, isLive, unheard, isLost, seen: [...seen].map(([code, wall]) => [code, String(wall)] as const), keys, ...(isRefused ? { isRefused } : {}),
      })),
      contexts: this.codes.contexts.map(({ key, domain, networkInstance, link, addresses, generation, protocol }) => ({
        key, domain, networkInstance, link, protocol, ...(addresses === undefined ? {} : { addresses }), ...(generation === 0 ? {} : { generation }),
      })),
      ...(this.codes.refusals.size === 0 ? {} : { refusals: [...this.codes.refusals] }),
      traps: this.traps.export(),
      generations: [...this.codes.generations],
      clockNs: String(this.lastClock),
      ...(this.clockBy === undefined ? {} : { clockBy: this.clockBy }),
      ...(held.length === 0 ? {} : { hellos: held }),
      sequences: [...this.sources].map(([source, state]) => ({ source, ...state })),
      modules: this.options.modules.flatMap(({ protocol }) => {
        const instance = this.instances.get(protocol);
        return instance === undefined ? [] : [{ protocol, state: instance.exportState(forms[protocol]) }];
      }),
    };
  }

  /** Takes over an export into this fresh set; ModuleFault when a module cannot read its part. */
  importState(state: ShadowState): void {
    if (this.instances.size > 0 || this.codes.taps.length > 0) throw new Error('only a fresh shadow set can take over a state');
    if ((state.version ?? 1) > SHADOW_STATE_VERSION) {
      throw new Error(`the checkpoint is of version ${state.version}, and this program reads version ${SHADOW_STATE_VERSION}: a newer program wrote it, `
        + 'after the way back was given up (`routewatch finalize`): start that version, or restore a backup from before');
    }
    for (const { name, collector, identity, wallOffsetNs, state: open, source, lastFrame, isLive, unheard, isLost, seen, keys, isRefused } of state.taps) {
      const { tap } = this.codes.tap(collector, { name, identity, wallOffsetNs });
      tap.state = open;
      tap.source = source ?? '';
      tap.lastFrame = lastFrame ?? '0';
      tap.isLive = isLive ?? false;
      tap.unheard = unheard ?? 0;
      tap.isLost = isLost ?? false;
      tap.keys = keys ?? 0;
      tap.isRefused = isRefused ?? false;
      for (const [code, wall] of seen ?? []) tap.seen.set(code, BigInt(wall));
    }
    for (const { generation, protocol, ...key } of state.contexts) {
      if (generation !== undefined) this.codes.generations.set(key.key, generation);
      this.codes.context(key).context.protocol = protocol ?? 0;
    }
    for (const [key, generation] of state.generations ?? []) this.codes.generations.set(key, generation);
    for (const { key, code, generation } of this.codes.contexts) if (generation !== (this.codes.generations.get(key) ?? 0)) this.codes.retired.add(code);
    for (const identity of state.refusals ?? []) this.codes.refusals.add(identity);
    this.traps.import(state.traps ?? []);
    this.lastClock = BigInt(state.clockNs ?? 0);
    this.clockBy = state.clockBy;
    this.hellos.importState(state.hellos ?? []);
    for (const { source, ...at } of state.sequences) this.sources.set(source, at);
    for (const { protocol, state: exported } of state.modules) {
      const module = this.options.modules.find((one) => one.protocol === protocol);
      if (module === undefined) throw new Error(`the state has a part of protocol ${protocol}, which no decoder here takes`);
      this.instance(module).importState(exported);
    }
  }

  /** After `importState` of what other modules wrote: the rows of what those named (by protocol) read otherwise, at `place`; see DecoderInstance. */
  differences(changed: readonly ChangedModule[], place: ChangePlace): Stretch {
    const out = new Output(this.codes, this.expected, this.spare);
    for (const { protocol, identity } of changed) this.instances.get(protocol)?.differences(identity, place, out.drain);
    return out.stretch();
  }

  /**
   * Frames are missing before those of `batch`: a jump in the sequence concerns every open tap of that collector, a gap
   * in the header its tap. Rows say so, and the decoders wait for what they hear next (rule C7).
   */
  private tellLosses(offset: bigint, batch: FrameBatch, { taps, contexts }: { readonly taps: readonly CodedTap[]; readonly contexts: readonly CodedContext[] }, before: SourceState | undefined, out: Output): void {
    const { header } = batch;
    const losses: Loss[] = header.gaps.map(({ tap, fromNs, toNs, detail }) => ({
      tap: taps[tap]!, isTold: true, from: BigInt(fromNs), to: BigInt(toNs), detail,
    }));
    const first = (before?.sequence ?? 0) + 1;
    if ((header.firstSequence ?? header.sequence) > first && before?.isTold !== true) {
      const to = BigInt(firstBoot(batch) ?? header.taps.find((tap) => tap.clockNs !== null)?.clockNs ?? before?.clockNs ?? 0);
      const last = (header.firstSequence ?? header.sequence) - 1;
      const which = first === last ? `batch ${first}` : `batches ${first} to ${last}`;
      const detail = `${which} of collector ${header.collector}, epoch ${header.epoch}, never came to partition ${header.partition}`;
      for (const tap of this.codes.taps) {
        if (tap.source === sourceOf(header) && isOpen(tap)) losses.push({ tap, isTold: false, from: BigInt(before?.clockNs ?? to), to, detail, context: contexts[0] });
      }
    }
    this.tellAndWait(offset, losses, out);
  }

  /** Writes the rows of losses and has the decoders wait: all taps are closed before the first opens again. */
  private tellAndWait(offset: bigint, losses: readonly Loss[], out: Output): void {
    for (const loss of losses) for (const row of lossRows(offset, loss, this.codes)) out.host(row);
    for (const { tap } of losses) this.hellos.forget(tap.code);
    for (const instance of this.instances.values()) {
      for (const { tap } of losses) instance.closeTap(tap.code, TAP_GAP, out.drain);
      for (const { tap } of losses) if (isOpen(tap)) instance.addTap(tap.code, tap.identity, tap.wallOffset);
    }
  }

  /** Taps and keys of a batch by index; those that there is no room for stand for nothing, and a row says so once a tap. */
  private learn(offset: bigint, batch: FrameBatch, out: Output): { taps: CodedTap[]; contexts: CodedContext[] } {
    const { header } = batch;
    const admission = admit(batch, this.codes);
    const { refusedTaps, refusedKeys, brought, told } = admission;
    const taps = header.taps.map((tap, index) => {
      if (refusedTaps.has(index)) return this.refusedTap();
      const coded = this.learnTap(header, tap);
      coded.keys = brought[index]!;
      return coded;
    });
    const contexts = header.keys.map((key, index) => (refusedKeys.has(index) ? REFUSED : this.learnContext(key)));
    if (told.size > 0) for (const row of refusalRows(offset, admission, batch, { taps, context: this.partitionContext(header.partition), codes: this.codes })) out.host(row);
    return { taps, contexts };
  }

  /** A record of the log that is no frame batch: a row says so, with its first bytes, and that is all. */
  private refuse(offset: bigint, { header, frames }: FrameBatch, { log, error }: NonNullable<FrameBatchHeader['spoiled']>, out: Output): Stretch {
    const { tap, context } = this.learnLog({ log, partition: header.partition });
    const walls = this.codes.taps.flatMap(({ seen }) => [...seen.values()]);
    const time = walls.reduce((latest, wall) => (wall > latest ? wall : latest), SANE_FROM_NS);
    out.host(spoiledRow(offset, { time, error, bytes: frames }, tap, context));
    return out.stretch();
  }

  private refusedTap(): CodedTap {
    const { tap, fresh } = this.codes.tap(REFUSED_TAPS.collector, REFUSED_TAPS);
    tap.state = 'idle';
    tap.isRefused = true;
    if (fresh) for (const instance of this.instances.values()) this.addTap(instance, tap);
    return tap;
  }

  /** Of rows that concern no key. */
  private partitionContext(partition: number): CodedContext {
    return this.learnContext({ key: `partition/${partition}`, domain: 'default', networkInstance: 'default', link: '' });
  }

  private learnTap(header: FrameBatchHeader, tap: BatchTap): CodedTap {
    const before = this.codes.taps.length;
    const { tap: coded, fresh } = this.codes.tap(header.collector, tap);
    coded.source = sourceOf(header);
    coded.lastFrame = tap.lastFrame;
    if (fresh && coded.code !== before) throw new Error('tap codes are not in order');
    for (const instance of this.instances.values()) instance.addTap(coded.code, coded.identity, coded.wallOffset);
    return coded;
  }

  private learnContext(key: FrameBatch['header']['keys'][number]): CodedContext {
    const { context, fresh } = this.codes.context(key);
    if (fresh) for (const instance of this.instances.values()) addContext(instance, context);
    return context;
  }

  private instance(module: LoadedModule, seed = this.options.seed): DecoderInstance {
    const known = this.instances.get(module.protocol);
    if (known !== undefined) return known;
    const instance = new DecoderInstance({ name: module.name, module: module.module, seed, memoryLimitBytes: this.options.memoryLimitBytes, lend: true, verify: module.file !== undefined });
    for (const tap of this.codes.taps) this.addTap(instance, tap);
    for (const context of this.codes.contexts) addContext(instance, context);
    this.instances.set(module.protocol, instance);
    return instance;
  }

  /**
   * The owner's clock: a live tap that no header has named for CLOCKS_TO_LOSS of them is lost since its last clock. What
   * only it showed keeps its state, and no deadline passes there until it is heard again (rules C7, C8).
   */
  private clock(offset: bigint, { epoch: owner, sequence }: FrameBatchHeader, clockNs: bigint, out: Output): Stretch {
    if (this.clockBy?.owner === owner && sequence <= this.clockBy.sequence) return out.stretch();
    this.clockBy = { owner, sequence };
    // A little earlier than the last one is another owner's, side by side with it; much earlier is a clock that was set back.
    if (clockNs <= this.lastClock && this.lastClock - clockNs < CLOCK_SET_BACK_NS) return out.stretch();
    this.lastClock = clockNs;
    for (const tap of this.codes.taps) {
      if (!tap.isLive || !isOpen(tap)) continue;
      tap.unheard += 1;
      if (tap.unheard < CLOCKS_TO_LOSS) continue;
      tap.isLost = true;
      const from = BigInt(this.sources.get(tap.source)?.clockNs ?? clockNs - tap.wallOffset);
      const detail = `nothing was heard of its collector for ${CLOCKS_TO_LOSS} seconds`;
      for (const row of lossRows(offset, { tap, isTold: false, from, to: undefined, decidedNs: clockNs, detail, what: 'coverage-lost', keys: 'coverage-lost' }, this.codes)) out.host(row);
      for (const instance of this.instances.values()) instance.closeTap(tap.code, TAP_LOST, out.drain);
    }
    return out.stretch();
  }

  /** A header names the tap. */
  private hear(offset: bigint, tap: BatchTap, coded: CodedTap, at: bigint | undefined, out: Output): void {
    if (coded.isRefused) return;
    coded.unheard = 0;
    coded.isLive = coded.isLive || (tap.state === 'open' && tap.clockNs !== null);
    if (!coded.isLost) return;
    coded.isLost = false;
    const [first] = coded.seen.keys();
    if (first !== undefined) out.host(restoredRow(offset, coded, this.codes.contexts[first]!, at ?? BigInt(tap.clockNs ?? 0)));
  }

  private addTap(instance: DecoderInstance, tap: CodedTap): void {
    instance.addTap(tap.code, tap.identity, tap.wallOffset);
    if (!isOpen(tap)) instance.closeTap(tap.code, tap.isLost ? TAP_LOST : tap.state === 'idle' ? TAP_IDLE : TAP_CLOSED, () => undefined);
  }

  private closeBatch(tap: BatchTap, coded: CodedTap, out: Output): void {
    if (coded.isRefused) return;
    for (const { protocol } of this.options.modules) {
      const instance = this.instances.get(protocol);
      if (tap.clockNs !== null) instance?.tick(coded.code, BigInt(tap.clockNs), out.drain);
      if (tap.state !== 'open' && coded.state === 'open') {
        instance?.closeTap(coded.code, tap.state === 'idle' ? TAP_IDLE : TAP_CLOSED, out.drain);
      }
    }
    coded.state = tap.state;
    if (tap.state === 'closed') this.hellos.forget(coded.code);
  }
}

function isOpen(tap: CodedTap): boolean {
  return tap.state === 'open' && !tap.isLost;
}

function sourceOf({ collector, epoch }: FrameBatchHeader): string {
  return `${collector}\n${epoch}`;
}

/** Boot time of the batch's first record; undefined without one. */
function firstBoot({ frames }: FrameBatch): bigint | undefined {
  return frames.length < layout.FRAME_BYTES ? undefined : new DataView(frames.buffer, frames.byteOffset).getBigUint64(layout.FRAME_BOOT_NS, true);
}

function addContext(instance: DecoderInstance, context: CodedContext): void {
  instance.addContext(context.code, context.shadow, context.linkCode, murmur128(Buffer.from(context.key, 'utf8')));
}
