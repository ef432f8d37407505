/** Rows of what was missed: a gap of the tap, and the keys that it may have concealed something of. */
import type { BatchKey } from '../contract/batch.ts';
import { DECIDED_BY_DEADLINE, writeRow } from '../contract/row-writer.ts';
import { tableOf } from '../contract/row-reader.ts';
import type { CodedContext, CodedTap, Codes } from './codes.ts';
import type { HostRow } from './host-rows.ts';

/** A tap that has more keys than this names so many; the gap itself says how many there are. */
export const MOST_KEYS_TOLD = 256;

/** Frames of `tap` are missing between two times of its boot clock, ns. */
export interface Loss {
  readonly tap: CodedTap;
  /** The tap itself has its row already, from the batch's header, or gets it in the partition of its own key. */
  readonly isTold: boolean;
  readonly from: bigint;
  /** What the row of the gap belongs to where it is the tap's own key. */
  readonly own?: CodedContext | undefined;
  /** Undefined while it lasts. */
  readonly to: bigint | undefined;
  /** When it became known, where that is not its end; wall time. */
  readonly decidedNs?: bigint;
  readonly detail: string;
  /** What the row of the gap belongs to where the tap has shown nothing yet. */
  readonly context?: CodedContext | undefined;
  /** What is said of the tap; default: gap. */
  readonly what?: 'gap' | 'coverage-lost';
  /** What is said of its keys; default: coverage-suspect. */
  readonly keys?: 'coverage-suspect' | 'coverage-lost';
}

/** Frames of a partition that are gone from the log. */
export interface PartitionLoss {
  /** Log id and partition: of what the row's id is made. */
  readonly log: string;
  readonly partition: number;
  /** First offset that the state had not taken, and the first one that is there. */
  readonly fromOffset: string;
  readonly toOffset: string;
  /** Wall time of the first frame that is there, ns since 1970 UTC, decimal. */
  readonly timeNs: string;
}

/** The tap whose name a row of a whole partition has, since none of the collectors' own concerns it alone. */
export const LOG_TAP = { name: 'frames-log', collector: 'worker' } as const;

/** `coverage_events`: `gap` of a partition. Its id comes from log, partition and the first offset that is there. */
export function partitionRow(offset: bigint, loss: PartitionLoss, fromNs: bigint, tap: CodedTap, context: CodedContext): HostRow {
  const time = BigInt(loss.timeNs);
  return {
    table: tableOf('coverage_events').id, layout: tableOf('coverage_events').layout, rows: 1, context: context.code, tap: tap.code,
    bytes: writeRow('coverage_events', { identity: tap.identity, kind: DECIDED_BY_DEADLINE, number: BigInt(loss.toOffset), key: 'gap\nframes-log' }, {
      time: fromNs, decided_time: time, context: context.code, tap: tap.code, frame_offset: offset, what: 'gap', subject: context.key,
      from: fromNs, to: time, lost: 0n, detail: detailOf(loss),
    }),
  };
}

/** Keys whose state was not taken over from another log in whole. */
export interface ForgottenKeys {
  /** Log id and partition: of what the ids are made. */
  readonly log: string;
  readonly partition: number;
  /** Wall time from which on their state is not known, ns since 1970 UTC, decimal. */
  readonly timeNs: string;
  readonly detail: string;
  readonly keys: readonly BatchKey[];
}

/** `coverage_events`: `gap` of the partition, `coverage-lost` of each key on its link. Ids come from log, partition, key and link. */
export function forgottenRows(offset: bigint, { timeNs, detail }: Pick<ForgottenKeys, 'timeNs' | 'detail'>, tap: CodedTap, partition: CodedContext, keys: readonly CodedContext[]): HostRow[] {
  const time = BigInt(timeNs);
  const row = (context: CodedContext, what: string, text: string): HostRow => ({
    table: tableOf('coverage_events').id, layout: tableOf('coverage_events').layout, rows: 1, context: context.code, tap: tap.code,
    bytes: writeRow('coverage_events', { identity: tap.identity, kind: DECIDED_BY_DEADLINE, number: 0n, key: `${what}\nforgotten\n${context.key}\n${context.link}` }, {
      time, context: context.code, tap: tap.code, frame_offset: offset, what, subject: context.key, from: time, to: 0n, lost: 0n, detail: text,
    }),
  });
  return [row(partition, 'gap', `${detail}; ${keys.length} keys on links concerned`), ...keys.toSorted(byName).map((context) => row(context, 'coverage-lost', detail))];
}

export function detailOf({ fromOffset, toOffset }: PartitionLoss): string {
  return `the frames log begins at offset ${toOffset}: what was before it, from offset ${fromOffset} on, is gone by retention and was not decoded here`;
}

/**
 * `coverage_events`: `gap` for the tap, `coverage-suspect` for its keys: what was last heard of them through this tap
 * proves nothing until it is heard again. Ids come from the tap, the begin of the gap, its detail and the key.
 */
export function lossRows(offset: bigint, { tap, isTold, from, to, decidedNs, detail, what: tapWhat = 'gap', keys = 'coverage-suspect', own, context: first }: Loss, codes: Codes): HostRow[] {
  const contexts = [...tap.seen.keys()].map((code) => codes.contexts[code]!);
  // The tap itself may be lost in several partitions at one time: the key tells them apart.
  const row = (context: CodedContext, what: string, subject: string, text: string): HostRow => ({
    table: tableOf('coverage_events').id, layout: tableOf('coverage_events').layout, rows: 1, context: context.code, tap: tap.code,
    bytes: writeRow('coverage_events', { identity: tap.identity, kind: DECIDED_BY_DEADLINE, number: from, key: `${what}\n${subject}\n${context.key}\n${context.link}\n${detail}` }, {
      time: from + tap.wallOffset, decided_time: decidedNs ?? (to ?? from) + tap.wallOffset, context: context.code, tap: tap.code, frame_offset: offset,
      what, subject, from: from + tap.wallOffset, to: to === undefined ? 0n : to + tap.wallOffset, lost: 0n, detail: text,
    }),
  });
  const place = own ?? contexts[0] ?? first;
  const gaps = isTold || place === undefined ? [] : [row(place, tapWhat, tap.name, `${detail}; ${contexts.length} keys on links concerned`)];
  return [...gaps, ...contexts.toSorted(byName).slice(0, MOST_KEYS_TOLD).map((context) => row(context, keys, context.key, detail))];
}

/** Codes are given in the order in which the log names things, which depends on its batches: rows must not. */
export function byName(a: CodedContext, b: CodedContext): number {
  const one = `${a.key}\n${a.link}`;
  const two = `${b.key}\n${b.link}`;
  return one < two ? -1 : one > two ? 1 : 0;
}

/** `coverage_events`: a tap that was lost is heard again at `at` of its boot clock, in the partition of `context`. */
export function restoredRow(offset: bigint, tap: CodedTap, context: CodedContext, at: bigint): HostRow {
  const time = at + tap.wallOffset;
  return {
    table: tableOf('coverage_events').id, layout: tableOf('coverage_events').layout, rows: 1, context: context.code, tap: tap.code,
    bytes: writeRow('coverage_events', { identity: tap.identity, kind: DECIDED_BY_DEADLINE, number: at, key: `restored\n${tap.name}\n${context.key}` }, {
      time, context: context.code, tap: tap.code, frame_offset: offset, what: 'restored', subject: tap.name, from: time, to: time, lost: 0n, detail: 'the collector is heard again',
    }),
  };
}
