/** One partition's shadows: an instance of each module that its frames need. Synchronous; no clock, no I/O. */
import { TAP_CLOSED, TAP_IDLE } from '../contract/abi.ts';
import type { BatchTap, FrameBatch, FrameBatchHeader } from '../contract/batch.ts';
import { type CodedContext, type CodedTap, Codes, type DroppedContext } from './codes.ts';
import { Coverage } from './coverage.ts';
import { type ChangedModule, Decoders, type DecodersOptions } from './decoders.ts';
import { Hellos, type Merged } from './hellos.ts';
import { coverageRows, quarantineRow, spoiledRow } from './host-rows.ts';
import { type ForgottenKeys, forgottenRows, type PartitionLoss } from './losses.ts';
import type { ChangePlace, DecoderInstance } from './instance.ts';
import { Learner } from './learner.ts';
import { Output, SpareBuffers } from './output.ts';
import { passOverHistory, recode } from './recode.ts';
import { BatchPlaces, isFrameAt, renewed, resetRows, resetsOf, type ResetPlace } from './resets.ts';
import { part, processRun } from './runs.ts';
import { exportCodes, importCodes, refuseNewer, SHADOW_STATE_VERSION, type ShadowState } from './shadow-state.ts';
import { NOTHING_PASSED_OVER, type PassedOver, type StateReset, type Stretch } from './stretch.ts';
import type { StateForms } from './state-versions.ts';
import { defaultTrapLimits, type TrapLimits, Traps } from './traps.ts';

export type { PassedOver, SkippedFrame, StateReset, Stretch } from './stretch.ts';

/** Of a row of which nothing tells the time: 2000-01-01, the first that is sane. */
const SANE_FROM_NS = 946_684_800_000_000_000n;

/** Frames that are older than this when they are shipped are late, ns. */
const LATE_NS = 2_000_000_000n;

export interface ShadowSetOptions extends DecodersOptions {
  /** When traps reset a key. */
  readonly trapLimits?: TrapLimits;
}

const NO_FRAMES = new Uint8Array(0);

/** State that is dropped, or begins to wait, before the frame at byte `at` of a batch. */
interface DuePoint {
  readonly at: number;
  readonly index: number;
  readonly drop: (out: Output) => void;
}

export class ShadowSet {
  private readonly codes = new Codes();
  private readonly hellos = new Hellos();
  private readonly decoders: Decoders;
  private readonly learner: Learner;
  private readonly coverage: Coverage;
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
    this.decoders = new Decoders(options, this.codes);
    this.learner = new Learner(this.codes, this.decoders);
    this.coverage = new Coverage(this.codes, this.decoders, this.hellos);
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
    if (header.clockNs !== undefined) {
      this.coverage.clock(offset, header, BigInt(header.clockNs), out);
      return out.stretch();
    }
    if (this.coverage.isDoubled(logged)) {
      this.doubled += 1;
      return out.stretch();
    }

    const { taps, contexts } = this.learner.batch(offset, logged, out);
    for (const block of coverageRows(offset, header, taps, contexts)) out.host(block);
    this.coverage.begin(offset, logged, { taps, contexts }, out);
    const merged = this.hellos.merge(offset, logged, taps);
    const batch = { header, frames: merged.frames };
    this.current = batch.frames;
    const frames = this.copyOf(batch.frames);
    if (BigInt(header.ageNs) > LATE_NS) this.history += passOverHistory(frames, { taps, contexts }, this.codes);
    const { skipped } = passed;
    const places = skipped.length === 0 && passed.resets.length === 0 ? undefined : new BatchPlaces(batch.frames, header, taps);
    const resets = places === undefined ? undefined : resetsOf(passed, places, this.traps);
    const { points, renew } = this.planned(offset, places, contexts, resets ?? []);
    const { protocols, timeRefused, lastBoot } = recode(frames, taps, contexts, { skipped: new Set(skipped.map((frame) => frame.index)), renew });
    this.coverage.taken(logged, lastBoot);
    const waits = merged.unheld.map(({ at, index, tap }): DuePoint => ({ at, index, drop: () => { this.coverage.stayBlind(tap, out); } }));
    let done = { at: 0, index: 0 };
    for (const point of [...[...points, ...waits].toSorted((a, b) => a.at - b.at), undefined]) {
      this.decode(merged, { from: done, to: point?.at ?? frames.length }, frames, { protocols, out, step });
      point?.drop(out);
      done = point ?? done;
    }
    header.taps.forEach((tap, index) => { this.closeBatch(tap, taps[index]!, out); });
    const refused = [
      ...skipped.filter(({ index }) => this.isFrame(index)).map((frame) => ({ ...frame, at: places!.of(frame.index).at })),
      ...timeRefused.map((place) => ({ ...place, error: 'mad-time', sourceLine: '' })),
    ];
    for (const frame of refused) out.host(quarantineRow(merged.placeOf(frame.index), frames, batch.frames, frame, this.codes.taps));
    return resets === undefined ? out.stretch() : { ...out.stretch(), resets };
  }

  /** Hands the records between two bytes to the decoders; `from` is where the frame of an index begins. */
  private decode({ runs, logged }: Merged, { from, to }: { readonly from: { readonly at: number; readonly index: number }; readonly to: number }, frames: Uint8Array, { protocols, out, step }: { readonly protocols: ReadonlySet<number>; readonly out: Output; readonly step: ((index: number) => void) | undefined }): void {
    const parts = runs.flatMap((run) => part(run, from, to));
    for (const module of this.decoders.modules) {
      const instance = protocols.has(module.protocol) ? this.decoders.need(module) : this.decoders.of(module.protocol);
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
  private planned(offset: bigint, places: BatchPlaces | undefined, contexts: CodedContext[], resets: readonly StateReset[]): { points: DuePoint[]; renew: ReadonlyMap<number, () => void> } {
    const renew = new Map<number, () => void>();
    if (places === undefined) return { points: [], renew };
    const points = resets.map(({ index, key, protocol }): DuePoint => {
      const { at, place } = places.of(index);
      if (key === undefined) return { at, index, drop: (out) => { this.dropModule(offset, protocol!, place, out); } };
      let dropped: DroppedContext[] = [];
      const before = renew.get(index);
      renew.set(index, () => {
        before?.();
        dropped = this.codes.reset(key);
        renewed(contexts, key, (context) => this.learner.context(context));
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
    const name = this.decoders.replace(protocol);
    if (name === undefined) return;
    for (const row of resetRows(offset, this.codes.ofProtocol(protocol), place, `decoder ${name} trapped at a deadline: what it knew is dropped and begun anew`)) out.host(row);
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
    this.coverage.lose(offset, loss, this.learner.log(loss), out);
    return out.stretch();
  }

  /** A record of the log that is no frame batch: a row says so, with its first bytes, and that is all. */
  private refuse(offset: bigint, { header, frames }: FrameBatch, { log, error }: NonNullable<FrameBatchHeader['spoiled']>, out: Output): Stretch {
    const { tap, context } = this.learner.log({ log, partition: header.partition });
    const walls = this.codes.taps.flatMap(({ seen }) => [...seen.values()]);
    const time = walls.reduce((latest, wall) => (wall > latest ? wall : latest), SANE_FROM_NS);
    out.host(spoiledRow(offset, { time, error, bytes: frames }, tap, context));
    return out.stretch();
  }

  /** The rows that say which keys' state was not taken over in whole from another log. */
  forget(offset: bigint, forgotten: ForgottenKeys): Stretch {
    const out = new Output(this.codes, this.expected, this.spare);
    const { tap, context } = this.learner.log(forgotten);
    for (const row of forgottenRows(offset, forgotten, tap, context, forgotten.keys.map((key) => this.learner.context(key)))) out.host(row);
    return out.stretch();
  }

  /** One frame record as JSON, through the decoder of its protocol (which is made if this set has none yet). */
  explain(protocol: number, frame: Uint8Array): string {
    return this.decoders.explain(protocol, frame);
  }

  /** The instance of a module, for queries, explanations and tests; undefined before its first frame. */
  of(protocol: number): DecoderInstance | undefined {
    return this.decoders.of(protocol);
  }

  /** Replaces each instance by a fresh one with its exported state, as a restart from a checkpoint does. */
  reload(seed: bigint): void {
    this.decoders.reload(seed);
  }

  /**
   * What a fresh set needs to go on from here with the same rows, the modules' parts in those versions; throws ModuleFault
   * when memory refuses an export.
   */
  exportState(forms: StateForms = {}): ShadowState {
    const held = this.hellos.exportState();
    return {
      version: SHADOW_STATE_VERSION,
      ...exportCodes(this.codes),
      traps: this.traps.export(),
      ...this.coverage.exportState(),
      ...(held.length === 0 ? {} : { hellos: held }),
      modules: this.decoders.exportStates(forms),
    };
  }

  /** Takes over an export into this fresh set; ModuleFault when a module cannot read its part. */
  importState(state: ShadowState): void {
    if (!this.decoders.isEmpty || this.codes.taps.length > 0) throw new Error('only a fresh shadow set can take over a state');
    refuseNewer(state);
    importCodes(this.codes, state);
    this.traps.import(state.traps ?? []);
    this.hellos.importState(state.hellos ?? []);
    this.coverage.importState(state);
    this.decoders.importStates(state.modules);
  }

  /** After `importState` of what other modules wrote: the rows of what those named (by protocol) read otherwise, at `place`; see DecoderInstance. */
  differences(changed: readonly ChangedModule[], place: ChangePlace): Stretch {
    const out = new Output(this.codes, this.expected, this.spare);
    this.decoders.differences(changed, place, out.drain);
    return out.stretch();
  }

  private closeBatch(tap: BatchTap, coded: CodedTap, out: Output): void {
    if (coded.isRefused) return;
    for (const instance of this.decoders.all()) {
      if (tap.clockNs !== null) instance.tick(coded.code, BigInt(tap.clockNs), out.drain);
      if (tap.state !== 'open' && coded.state === 'open') instance.closeTap(coded.code, tap.state === 'idle' ? TAP_IDLE : TAP_CLOSED, out.drain);
    }
    coded.state = tap.state;
    if (tap.state === 'closed') this.hellos.forget(coded.code);
  }
}

