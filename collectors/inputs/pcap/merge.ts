/** Merges several captures by time into one sequence of packets. */
import { CHUNK_PACKETS } from './capture.ts';
import type { CapturedPacket, OpenCapture } from './capture.ts';

/** A packet, and which of the captures given to `mergeByTime` it is of (from 0). */
export interface MergedPacket {
  packet: CapturedPacket;
  capture: number;
}

/** The front of one capture: its current chunk and the next packet in it. */
interface Front {
  capture: number;
  iterator: AsyncIterator<CapturedPacket[]>;
  packets: CapturedPacket[];
  next: number;
  timeNs: bigint;
}

/**
 * All packets of `captures` in chunks: by time, then by the captures' order, then by packet number.
 * A file's own order is its truth and never changed: where its times step back, its packets still come
 * one after the other, each as soon as it stands at its file's front and no other front is earlier.
 */
export async function* mergeByTime(captures: readonly OpenCapture[]): AsyncGenerator<MergedPacket[]> {
  const iterators = captures.map((capture) => capture.packets[Symbol.asyncIterator]());
  try {
    const fronts: Front[] = [];
    for (const [capture, iterator] of iterators.entries()) {
      const front = { capture, iterator, packets: [], next: 0, timeNs: 0n };
      if (await advanceChunk(front)) fronts.push(front);
    }
    let merged: MergedPacket[] = [];
    while (fronts.length > 0) {
      const first = earliest(fronts);
      takeRun(first, bound(fronts, first), merged);
      const drained = first.next === first.packets.length;
      // What is ready goes out before anything is waited for: a live capture shows at once.
      if (merged.length >= CHUNK_PACKETS || (drained && merged.length > 0)) {
        yield merged;
        merged = [];
      }
      if (drained && !(await advanceChunk(first))) fronts.splice(fronts.indexOf(first), 1);
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

/** Gets the next chunk of a capture; false at its end. */
async function advanceChunk(front: Front): Promise<boolean> {
  for (;;) {
    const { value, done } = await front.iterator.next();
    if (done === true) return false;
    const first = value[0];
    if (first === undefined) continue;
    front.packets = value;
    front.next = 0;
    front.timeNs = first.timeNs;
    return true;
  }
}

/** The front whose packet comes next; fronts stand in the captures' order, so the first of equals. */
function earliest(fronts: readonly Front[]): Front {
  return fronts.reduce((best, front) => (front.timeNs < best.timeNs ? front : best));
}

/** How far `first` may run: up to `timeNs`, and over packets of that very time if `inclusive`. */
interface Bound {
  timeNs: bigint;
  inclusive: boolean;
}

function bound(fronts: readonly Front[], first: Front): Bound | undefined {
  let found: Front | undefined;
  for (const front of fronts) {
    if (front !== first && (found === undefined || front.timeNs < found.timeNs)) found = front;
  }
  return found && { timeNs: found.timeNs, inclusive: first.capture < found.capture };
}

/** Takes packets off `front` while they come before every other front's. */
function takeRun(front: Front, limit: Bound | undefined, merged: MergedPacket[]): void {
  const { packets, capture } = front;
  for (;;) {
    const packet = packets[front.next];
    if (packet === undefined) return;
    front.timeNs = packet.timeNs;
    if (limit !== undefined) {
      if (packet.timeNs > limit.timeNs) return;
      if (packet.timeNs === limit.timeNs && !limit.inclusive) return;
    }
    merged.push({ packet, capture });
    front.next++;
  }
}
