/** One alert from its first sign to its end: what the engine keeps of it, and its ids. */
import { murmur128 } from '../../../decoders-wasm/contract/murmur.ts';

/** Why somebody was not told of a transition; empty: told. */
export type Untold = '' | 'incident' | 'maintenance' | 'old';

/** Times are ns since 1970 UTC by the rows. */
export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly key: string;
  /** Of the events log, by whose rows its time passes. */
  readonly partition: number;
  /** `pending`: not fired yet. `recovering`: well, but not for long enough. */
  state: 'pending' | 'firing' | 'recovering';
  since: bigint;
  /** When the first row of it was decided. */
  readonly decided: bigint;
  /** Rows decided before this are in it already: it was taken over from another instance. */
  readonly settled: bigint;
  /** Next step, should nothing come before. */
  due: bigint | undefined;
  /** Who says that it is not well. */
  parts: string[];
  wellAt: bigint | undefined;
  /** Belongs to a restart: fires only where it is not well in time. */
  planned: boolean;
  /** When it was lost, newest last, as far as the damping looks back. */
  losses: bigint[];
  /** Transitions so far; the last one's state as receivers know it. */
  transitions: number;
  told: 'firing' | 'resolved' | undefined;
  /** Why its last transition was told to nobody. */
  untold: Untold;
  /** Id of the alert that it is a part of. */
  incident: string;
  subject: string;
  summary: string;
  reason: string;
  evidence: string;
  labels: Record<string, string>;
  related: string[];
  events: string[];
}

/** Lines and event ids that an alert keeps. */
export const MOST_RELATED = 50;

/** When it was lost for the last time. */
export function lostAt({ losses, decided }: Alert): bigint {
  return losses.at(-1) ?? decided;
}

/** Hash of rule, subject key and the deciding event: 32 hex. */
export function alertId(rule: string, key: string, event: string): string {
  return hash(`${rule}\n${key}\n${event}`);
}

/** Hash of alert and number of the transition: 32 hex. */
export function noticeId(alert: string, transition: number): string {
  return hash(`${alert}\n${transition}`);
}

function hash(text: string): string {
  return Buffer.from(murmur128(Buffer.from(text))).toString('hex');
}

/** JSON of a value with times in it, and back. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? { ns: String(each) } : each));
}

export function fromJson(json: string): unknown {
  return JSON.parse(json, (_, each: unknown) => (isTime(each) ? BigInt(each.ns) : each));
}

function isTime(value: unknown): value is { readonly ns: string } {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 1 && typeof (value as { ns?: unknown }).ns === 'string';
}
