/** Frames of a lab's capture, and frames made of them that go on where it ends: retimed, refreshed, renumbered. */
import { openCapture } from '../../../../collectors/inputs/pcap/index.ts';

export interface Frame {
  /** Seconds since the link's first frame. */
  readonly at: number;
  readonly data: Uint8Array;
}

/** Frames of a capture before `until`, s since 1970; and when its first one was, ns. */
export async function framesOf(file: string, until: number): Promise<{ readonly frames: Frame[]; readonly firstNs: bigint }> {
  const capture = await openCapture(file);
  const frames: Frame[] = [];
  let firstNs = 0n;
  for await (const packets of capture.packets) {
    for (const { timeNs, data } of packets) {
      if (firstNs === 0n) firstNs = timeNs;
      if (Number(timeNs) / 1e9 < until) frames.push({ at: Number(timeNs - firstNs) / 1e9, data: Uint8Array.from(data) });
    }
  }
  return { frames, firstNs };
}

/** Something that is sent again and again: `emit` gives frames of that time, and `every` s until the next one. */
export interface Task {
  next: number;
  readonly every: () => number;
  readonly emit: (at: number) => readonly Frame[];
}

/** Runs tasks in the order of time, and what happens once at its own, from `from` to `to`. */
export function* play(tasks: readonly Task[], once: readonly (readonly [at: number, happen: (at: number) => readonly Frame[]])[], from: number, to: number): Generator<Frame> {
  const happenings = once.toSorted(([a], [b]) => a - b);
  for (;;) {
    const task = tasks.reduce((least, one) => (one.next < least.next ? one : least));
    const [first] = happenings;
    if (first !== undefined && first[0] <= task.next) {
      happenings.shift();
      yield* first[1](first[0]);
      continue;
    }
    if (task.next >= to) return;
    if (task.next >= from) yield* task.emit(task.next);
    task.next += task.every();
  }
}

/** Pseudo-random numbers in [0, 1), the same in each run. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Median gap between these times, s. */
export function medianGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((at, index) => at - times[index]!).toSorted((a, b) => a - b);
  return gaps[gaps.length >> 1]!;
}

/** Writes the checksum (ISO 8473 annex C) of bytes `from` on, whose field stands at `field`. */
export function putFletcher(bytes: Uint8Array, from: number, field: number): void {
  bytes.fill(0, field, field + 2);
  let [c0, c1] = [0, 0];
  for (let at = from; at < bytes.length; at++) {
    c0 = (c0 + bytes[at]!) % 255;
    c1 = (c1 + c0) % 255;
  }
  let x = ((bytes.length - field - 1) * c0 - c1) % 255;
  if (x <= 0) x += 255;
  const y = 510 - c0 - x;
  bytes.set([x, y > 255 ? y - 255 : y], field);
}

/** Every place of `old` becomes `fresh`. */
export function replaceBytes(data: Uint8Array, old: Uint8Array, fresh: Uint8Array): Uint8Array {
  const bytes = Buffer.from(data);
  for (let at = bytes.indexOf(old); at !== -1; at = bytes.indexOf(old, at + 1)) bytes.set(fresh, at);
  return new Uint8Array(bytes);
}
