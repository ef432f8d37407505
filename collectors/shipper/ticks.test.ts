/** Headers as ticks, in simulated time: slow at rest, quick around a deadline, none an hour after the last key. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { decodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { WallOffset } from './clock.ts';
import { Shipper, type ShipperOptions } from './index.ts';
import { type QuietNetwork, QuietRing } from './testing.ts';

const MS = 1_000_000n;
const directories: string[] = [];
afterEach(() => { for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true }); });

class Run {
  readonly ring: QuietRing;
  readonly batches: FrameBatch[] = [];
  /** The log takes nothing. */
  isAway = false;
  private readonly shipper: Shipper;

  constructor(network: Partial<QuietNetwork>, more: Partial<ShipperOptions> = {}) {
    const directory = mkdtempSync(join(tmpdir(), 'routewatch-ticks-'));
    directories.push(directory);
    this.ring = new QuietRing({ hellos: 2, helloSeconds: 3, holdSeconds: 9, sessions: 0, keepaliveSeconds: 60, taps: 1, ...network }, 0, 100);
    const append = (_topic: string, _partition: number, values: readonly Uint8Array[]): Promise<bigint> => {
      if (this.isAway) return Promise.reject(new Error('nobody is there'));
      this.batches.push(...values.map(decodeFrameBatch));
      return Promise.resolve(0n);
    };
    this.shipper = new Shipper({ port: this.ring, log: { append }, partitions: 2, collector: 'host', directory, domainOf: () => 'core', isDurable: false, ...more });
    this.shipper.sender.start();
  }

  /** Rounds of `stepMs` for so long; gives what was sent meanwhile. */
  async pass(seconds: number, stepMs = 50): Promise<FrameBatch[]> {
    const before = this.batches.length;
    for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
      this.ring.pass(stepMs);
      await this.shipper.round();
    }
    await new Promise((resolve) => { setImmediate(resolve); });
    return this.batches.slice(before);
  }

  stop(): Promise<boolean> {
    return this.shipper.stop();
  }
}

const clocksOf = (batches: readonly FrameBatch[]): bigint[] => batches.flatMap(({ header }) => header.taps.flatMap(({ clockNs }) => (clockNs === null ? [] : [BigInt(clockNs)])));
const stepsOf = (clocks: readonly bigint[]): number[] => clocks.slice(1).map((clock, index) => Number((clock - clocks[index]!) / MS));

describe('headers', () => {
  it('come every 10 s at rest, with what came of each hello meanwhile', async () => {
    const run = new Run({});
    await run.pass(5);
    const batches = await run.pass(50);
    expect(batches.length).toBeGreaterThanOrEqual(5);
    expect(batches.length).toBeLessThanOrEqual(7);
    const arrivals = batches.flatMap(({ header }) => header.refreshes ?? []).flatMap(({ hellos }) => hellos).reduce((sum, hello) => sum + hello.length - 1, 0);
    expect(arrivals).toBeGreaterThanOrEqual(2 * 50 / 3 - 8);
    await run.stop();
  });

  it.each([[1, 30], [1, 4], [0.25, 1]])('come so often that hellos every %f s (hold %i s) are all in the lists that are read', async (helloSeconds, holdSeconds) => {
    const run = new Run({ helloSeconds, holdSeconds });
    const batches = await run.pass(120);
    const arrivals = batches.flatMap(({ header }) => header.refreshes ?? []).flatMap(({ hellos }) => hellos).flatMap(([, ...ago]) => ago);
    expect(batches.flatMap(({ header }) => header.gaps)).toEqual([]);
    // Two of them; those that are shipped, one a minute, are frames.
    expect(arrivals.length).toBeGreaterThan((2 * 100) / helloSeconds);
    await run.stop();
  });

  it('come every 250 ms from 2 s before a deadline to 2 s after it', async () => {
    const run = new Run({});
    await run.pass(6.5);
    run.ring.silence(0);
    // Its last hello came 0.5 s ago: 8.5 s are left.
    await run.pass(6);
    const near = stepsOf(clocksOf(await run.pass(4.4)));
    expect(near.length).toBeGreaterThan(14);
    expect(Math.max(...near)).toBeLessThanOrEqual(300);
    await run.pass(1);
    expect((await run.pass(9)).length).toBeLessThanOrEqual(2);
    await run.stop();
  });

  it('end one hour after the last key, the last one says idle; a loss opens the partition again', async () => {
    const run = new Run({ hellos: 0, sessions: 1, keepaliveSeconds: 10 });
    await run.pass(20);
    run.ring.silence();
    const hour = await run.pass(3610, 500);
    expect(hour.length).toBeGreaterThan(340);
    expect(hour.length).toBeLessThan(760);
    const last = new Map(hour.map(({ header }) => [header.partition, header]));
    for (const { taps } of last.values()) expect(taps.every(({ state }) => state === 'idle')).toBe(true);
    expect(await run.pass(600, 500)).toEqual([]);
    run.ring.lost = [{ tap: 0, lost: { 'ring-full': 3 } }];
    const open = (await run.pass(60, 500)).map(({ header }) => header);
    expect(open[0]!.gaps).toMatchObject([{ lost: 3 }]);
    expect(open.length, 'a tap that is told of again is not missed either').toBeGreaterThan(5);
    await run.stop();
  });

  it('follow a watermark: no frame comes behind a header with a later clock in its partition', async () => {
    const run = new Run({ sessions: 5, keepaliveSeconds: 3 });
    await run.pass(60);
    let headers = 0;
    for (const partition of [0, 1]) {
      let clock = 0n;
      for (const { header, frames } of run.batches.filter((batch) => batch.header.partition === partition)) {
        const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
        for (let at = 0; at < frames.length; at += view.getUint32(at, true)) expect(view.getBigUint64(at + 8, true)).toBeGreaterThan(clock);
        for (const { clockNs } of header.taps) if (clockNs !== null && BigInt(clockNs) > clock) clock = BigInt(clockNs);
        headers += 1;
      }
    }
    expect(headers).toBeGreaterThan(20);
    await run.stop();
  });

  it('tell of no time behind records that the ring cannot give out yet', async () => {
    const run = new Run({ sessions: 5, keepaliveSeconds: 3 });
    await run.pass(20);
    const before = clocksOf(run.batches).reduce((most, clock) => (clock > most ? clock : most), 0n);
    run.ring.isHeldUp = true;
    expect(clocksOf(await run.pass(30)).filter((clock) => clock > before)).toEqual([]);
    run.ring.isHeldUp = false;
    const [first] = await run.pass(1);
    const { frames } = first!;
    expect(new DataView(frames.buffer, frames.byteOffset).getBigUint64(layout.FRAME_BOOT_NS, true)).toBeLessThan(before + 10_000n * MS);
    expect(clocksOf(await run.pass(20)).some((clock) => clock > before + 25_000n * MS)).toBe(true);
    await run.stop();
  });
});

describe('batches that waited for the log', () => {
  it('tell their age when they are sent, and come in order', async () => {
    const run = new Run({ sessions: 3, keepaliveSeconds: 2 });
    await run.pass(4);
    run.isAway = true;
    const before = run.batches.length;
    await run.pass(6);
    expect(run.batches.length).toBe(before);
    run.isAway = false;
    await expect.poll(() => run.batches.length, { timeout: 5000 }).toBeGreaterThan(before + 3);
    await run.stop();
    const ages = run.batches.slice(before).map(({ header }) => BigInt(header.ageNs));
    expect(ages.some((age) => age > 2_000n * MS)).toBe(true);
    expect(run.batches.slice(0, before).every(({ header }) => header.ageNs === '0')).toBe(true);
    for (const partition of [0, 1]) {
      const sequences = run.batches.filter(({ header }) => header.partition === partition).map(({ header }) => header.sequence);
      expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    }
  });
});

describe('a flood of new sessions', () => {
  it('is told once, with what to do; what is known goes on', async () => {
    const told: string[] = [];
    const run = new Run({ hellos: 1, sessions: 50, keepaliveSeconds: 3 }, { config: { mostKeys: 10 }, tell: (line) => { told.push(line); } });
    await run.pass(6);
    const more = await run.pass(6);
    expect(more.flatMap(({ header }) => header.keys).length).toBeGreaterThan(5);
    expect(new Set(run.batches.flatMap(({ header }) => header.keys.map(({ key }) => key)).filter((key) => !key.startsWith('tap/'))).size).toBe(10);
    expect(told).toEqual([expect.stringMatching(/^eth0 shows a session or link beyond the 10 of shipper\.mostKeys: .*raise shipper\.mostKeys/)]);
    await run.stop();
  });
});

describe('the wall offset', () => {
  it('keeps still while two readings differ by their own error, and follows a step at once', () => {
    const wall = new WallOffset();
    const first = wall.follow({ bootNs: 1000n, wallNs: 5_000_000_000n });
    expect(wall.follow({ bootNs: 2000n, wallNs: 5_000_001_000n + 50_000n })).toBe(first);
    expect(wall.follow({ bootNs: 3000n, wallNs: 5_000_002_000n + 3_600_000_000_000n })).toBe(first + 3_600_000_000_000n);
    expect(wall.steps).toBe(1);
    expect(wall.follow({ bootNs: 4000n, wallNs: 5_000_003_000n + 3_600_000_400_000n })).toBe(first + 3_600_000_400_000n);
    expect(wall.steps).toBe(1);
  });
});
