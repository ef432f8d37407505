/** What loader and shipper say to each other, as JSON; 64-bit numbers are decimal. */

/** The shipper has begun to listen. */
export interface Ready { kind: 'ready' }

/** A tap as it travels. Times are of the boot clock. */
export interface PackedTap {
  id: number;
  name: string;
  openedNs: string;
  closedNs?: string;
  closedBy?: string;
  carrier: { isUp: boolean; changes: number; atNs: string };
  slots: number[];
  lost?: Record<string, number>;
}

/** First of the loader's messages: descriptors in the shipper's own process, and what it needs to use them. */
export interface HandOver {
  kind: 'hand-over';
  /** Wall clock ns: one life of the maps. */
  epoch: string;
  ringFd: number;
  ringBytes: number;
  hellosFd: number;
  countersFd: number;
  taps: PackedTap[];
}

/** All taps again, whenever something about one has changed. */
export interface Taps { kind: 'taps'; taps: PackedTap[] }

export type LoaderMessage = HandOver | Taps;
export type ShipperMessage = Ready;

/** A tap as both sides use it. */
export interface SentTap {
  id: number;
  name: string;
  openedNs: bigint;
  closedNs?: bigint;
  closedBy?: string;
  carrier: { isUp: boolean; changes: number; atNs: bigint };
  /** Slots of its counters while it is open; what it had lost, once it is closed. */
  slots: number[];
  lost?: Record<string, number>;
}

export function packTaps(taps: readonly SentTap[]): PackedTap[] {
  return taps.map(({ openedNs, closedNs, carrier, ...rest }) => ({
    ...rest, openedNs: String(openedNs), carrier: { ...carrier, atNs: String(carrier.atNs) },
    ...(closedNs === undefined ? {} : { closedNs: String(closedNs) }),
  }));
}

export function parseTaps(taps: readonly PackedTap[]): SentTap[] {
  return taps.map(({ openedNs, closedNs, carrier, ...rest }) => ({
    ...rest, openedNs: BigInt(openedNs), carrier: { ...carrier, atNs: BigInt(carrier.atNs) },
    ...(closedNs === undefined ? {} : { closedNs: BigInt(closedNs) }),
  }));
}
