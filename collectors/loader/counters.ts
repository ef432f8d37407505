/** The counters of the program instances, added up over the CPUs. */
import * as state from '../generated/bpf-state.ts';
import { checked, libbpf } from './libbpf.ts';

export type CounterName = (typeof state.COUNTER_NAMES)[number];
export type Counters = Record<CounterName, bigint>;

const SLOT_BYTES = state.COUNTERS * 8;
const PLACES = new Map<CounterName, number>(state.COUNTER_NAMES.map((name, index) => [name, index]));

/** What one instance has counted: `fd` is the map, `slot` the instance's place in it. */
export function readCounters(fd: number, slot: number): Counters {
  return readSome(fd, slot, state.COUNTER_NAMES);
}

/** The same of some counters: an instance has dozens, and most readers ask every second for a few. */
export function readSome<N extends CounterName>(fd: number, slot: number, names: readonly N[]): Record<N, bigint> {
  const api = libbpf();
  const cpus = checked('number of CPUs', api.possibleCpus());
  const key = Buffer.alloc(4);
  key.writeUInt32LE(slot);
  const values = Buffer.alloc(SLOT_BYTES * cpus);
  checked(`the counters at slot ${slot}`, api.lookup(fd, key, values));
  return Object.fromEntries(names.map((name) => {
    const at = PLACES.get(name)! * 8;
    let sum = 0n;
    for (let cpu = 0; cpu < cpus; cpu++) sum += values.readBigUInt64LE(cpu * SLOT_BYTES + at);
    return [name, sum];
  })) as Record<N, bigint>;
}

/** Counters of frames of routing protocols that did not reach the ring, or not whole. */
const LOST = ['ring-full', 'load-failed', 'too-long', 'unsearched', 'fragment-refused'] as const satisfies readonly CounterName[];

/** What a tap lost, by reason, over its instances' slots. Reasons that never came up are left out. */
export function readLost(fd: number, slots: readonly number[]): Record<string, number> {
  const lost: Record<string, number> = {};
  for (const slot of slots) {
    const counters = readSome(fd, slot, LOST);
    for (const name of LOST) if (counters[name] > 0n) lost[name] = (lost[name] ?? 0) + Number(counters[name]);
  }
  return lost;
}
