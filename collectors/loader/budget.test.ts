/** The CPU budget, over counters of a real program. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bench, whyNot } from '../../bpf/testing.ts';
import { ethernet, ieee8023, ipv4, KEEPALIVE, tcp } from '../../decoders-wasm/link/testing-frames.ts';
import { Budget, busyNs } from './budget.ts';
import { readCounters } from './counters.ts';

const why = whyNot();
if (why !== undefined) console.warn(`not run: the filter's CPU budget: ${why}`);

describe.skipIf(why !== undefined)('the CPU budget (skipped without root, BPF or clang)', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());
  const closer = Uint8Array.from([...ieee8023([0x42, 0x42, 3]), ...Array.from({ length: 43 }, () => 0)]);

  it('measures frames that need a closer look, and counts the others', () => {
    const session = Uint8Array.from(ethernet(0x0800, ipv4(6, tcp(KEEPALIVE, 443, 50_000))));
    bench.run(session, 1000);
    const fd = bench.loader.mapFd('counters');
    expect(busyNs(readCounters(fd, 0))).toBe(5000n);
    const { durationNs } = bench.run(closer, 100_000);
    const perFrame = Number(busyNs(readCounters(fd, 0)) - 5000n) / 100_000;
    // Less than the kernel itself takes for the whole run, and not nothing.
    expect(perFrame).toBeGreaterThan(5);
    expect(perFrame).toBeLessThan(durationNs);
  });

  it('names the tap that costs most when it was exceeded three times in a row', () => {
    const budget = new Budget(1);
    const taps = [{ id: 3, slots: [0] }, { id: 4, slots: [1] }];
    const fd = bench.loader.mapFd('counters');
    const second = (number: number): ReturnType<Budget['read']> => budget.read(BigInt(number) * 1_000_000n, fd, taps);
    expect(second(1)).toBeUndefined();
    for (const number of [2, 3]) {
      bench.run(closer, 2000);
      expect(second(number)).toBeUndefined();
    }
    bench.run(closer, 2000);
    expect(second(4)).toMatchObject({ tap: 3 });
    bench.run(closer, 2000);
    expect(second(5)).toBeUndefined();
    // A second of rest begins the count anew.
    expect(second(6)).toBeUndefined();
    bench.run(closer, 2000);
    expect(second(7)).toBeUndefined();
  });
});
