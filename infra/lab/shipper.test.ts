/** The shipper on recorded rings: what comes out of the decoders is what the frames say, whatever was suppressed, cut short or killed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIRST_BOOT_NS } from '../../collectors/recorded/index.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { EPOCH, newDirectory, newShipper, openLab, PARTITIONS, rowsOfSent, Sent, shipAll, STEP_MS, world } from './shipping.ts';

const whyNoMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0 ? undefined : 'only root may mount a small file system';
if (whyNoMount !== undefined) console.warn(`not run: a spool on a full disk: ${whyNoMount}`);

/** Equal as multisets; says only what is missing and what is too much. */
function expectRows(found: readonly string[], expected: readonly string[]): void {
  const left = new Map<string, number>();
  for (const row of expected) left.set(row, (left.get(row) ?? 0) + 1);
  const added = found.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
  const missing = [...left].filter(([, count]) => count > 0).map(([row]) => row);
  expect({ added: added.slice(0, 5), missing: missing.slice(0, 5), counts: [added.length, missing.length] }).toEqual({ added: [], missing: [], counts: [0, 0] });
}

describe('a shipper on a recorded ring', () => {
  for (const lab of ['isis-lan3', 'demo']) {
    it(`${lab}: hellos that the kernel counts in place of shipping give the rows of all hellos`, async () => {
      const all = new Sent();
      const ring = await openLab(lab);
      await shipAll(newShipper(ring, all));
      const fewer = new Sent();
      const suppressing = await openLab(lab, { suppress: true });
      const shipper = newShipper(suppressing, fewer);
      await shipAll(shipper);
      expect(shipper.counters.refreshes).toBeGreaterThan(50);
      const expected = rowsOfSent(all);
      expect(expected.length).toBeGreaterThan(50);
      expectRows(rowsOfSent(fewer), expected);
    });
  }

  it('killed at any round, it goes on where its spool ends: the same events, none lost, none twice', async () => {
    const calm = new Sent();
    const ring = await openLab('isis-lan3', { suppress: true });
    await shipAll(newShipper(ring, calm));
    const wild = new Sent();
    const directory = newDirectory();
    let port = await openLab('isis-lan3', { suppress: true });
    const first = newShipper(port, wild, { directory });
    let kills = 0;
    await shipAll(first, async (round, current) => {
      if (round % 97 !== 96) return current;
      kills += 1;
      // What a dead process leaves: a spool that nobody closed, and batches whose acknowledgement nobody noted.
      await current.sender.stop(0);
      port = await openLab('isis-lan3', { suppress: true }, true);
      const next = newShipper(port, wild, { directory });
      await next.begin();
      next.sender.start();
      return next;
    });
    expect(kills).toBeGreaterThan(15);
    const ids = (sent: Sent): string[] => rowsOfSent(sent, ['frame_partition', 'frame_offset', 'frame_index', 'decided_time']);
    expectRows(ids(wild), ids(calm));
  });

  it('that nobody read for a minute: a hello that the kernel counted meanwhile was there, although its list is too short', async () => {
    const calm = new Sent();
    const ring = await openLab('isis-lan3', { suppress: true });
    await shipAll(newShipper(ring, calm));
    const stalled = new Sent();
    const port = await openLab('isis-lan3', { suppress: true });
    await shipAll(newShipper(port, stalled), (round, current) => {
      if (round === 100 || round === 900) world.ms += 60_000;
      return Promise.resolve(current);
    });
    const states = (sent: Sent): string[] => rowsOfSent(sent).filter((row) => row.startsWith('adjacency_events')).map((row) => {
      const { router, neighbor, level, state, reason } = JSON.parse(row.slice(row.indexOf('{'))) as Record<string, string>;
      return [router, neighbor, level, state, reason].join(' ');
    });
    expectRows(states(stalled), states(calm));
  });

  it('a spool that is full drops hellos first, says so in rows, and what the log gets adds up', async () => {
    const away = { isAway: true };
    const sent = new Sent();
    const log = { append: (topic: string, partition: number, values: readonly Uint8Array[]) => (away.isAway ? Promise.reject(new Error('nobody is there')) : sent.append(topic, partition, values)) };
    const told: string[] = [];
    const ring = await openLab('demo');
    const shipper = newShipper(ring, log as Sent, { config: { spoolBytes: 1 << 20 }, tell: (message) => told.push(message) });
    await shipAll(shipper, (_round, current) => {
      if (world.ring.isOver) away.isAway = false;
      return Promise.resolve(current);
    });
    expect(told[0]).toMatch(/the log takes no batches \(nobody is there\): they wait in the spool/);
    const { dropped, droppedBatches } = shipper.spool.counters;
    expect(dropped[1], 'hellos').toBeGreaterThan(100);
    expect(dropped[4], 'updates').toBe(0);
    expect(droppedBatches).toBe(0);
    const headers = sent.decoded().map(({ header }) => header);
    const lost = headers.flatMap(({ gaps }) => gaps).reduce((sum, gap) => sum + gap.lost, 0);
    expect(lost).toBe(dropped.reduce((sum, count) => sum + count, 0));
    const frames = sent.decoded().reduce((sum, batch) => sum + framesIn(batch), 0);
    expect(frames + lost).toBe(shipper.counters.frames);
    const rows = rowsOfSent(sent).filter((row) => row.startsWith('coverage_events'));
    const gaps = rows.filter((row) => row.includes('"what":"gap"')).map((row) => JSON.parse(row.slice(row.indexOf('{'))) as { lost: string; detail: string });
    expect(gaps.reduce((sum, gap) => sum + Number(gap.lost), 0)).toBe(lost);
    expect(new Set(gaps.map(({ detail }) => detail))).toContain('the spool was full: other hellos were dropped');
    expect(rows.some((row) => row.includes('never came')), 'no jump in the sequence').toBe(false);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      let before = 0;
      for (const { firstSequence, sequence } of headers.filter((header) => header.partition === partition)) {
        expect(firstSequence ?? sequence).toBe(before + 1);
        before = sequence;
      }
    }
  });

  it.skipIf(whyNoMount !== undefined)(`a disk without room is told once, and what was seen waits in the ring until there is room${whyNoMount === undefined ? '' : ` (not run: ${whyNoMount})`}`, async () => {
    const calm = new Sent();
    await openLab('isis-lan3');
    await shipAll(newShipper(world.ring, calm));
    const place = newDirectory();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', place]);
    try {
      const sent = new Sent();
      let isAway = false;
      const log = { append: (topic: string, partition: number, values: readonly Uint8Array[]) => (isAway ? Promise.reject(new Error('nobody is there')) : sent.append(topic, partition, values)) };
      const shipper = newShipper(await openLab('isis-lan3'), log as Sent, { directory: join(place, 'spool') });
      await shipper.begin();
      shipper.sender.start();
      const errors = new Set<string>();
      for (let round = 0; !world.ring.isOver; round++) {
        world.ms += STEP_MS;
        if (round === 200) isAway = true;
        if (round === 200) spawnSync('dd', ['if=/dev/zero', `of=${join(place, 'filler')}`, 'bs=4096']);
        if (round === 400) rmSync(join(place, 'filler'));
        if (round === 400) isAway = false;
        await shipper.round().catch((error: unknown) => { errors.add((error as Error).message); });
      }
      expect(await shipper.stop()).toBe(true);
      expect([...errors]).toEqual([`the spool in ${join(place, 'spool')} takes nothing (database or disk is full)`]);
      const ids = (one: Sent): string[] => rowsOfSent(one, ['frame_partition', 'frame_offset', 'frame_index', 'decided_time']);
      expectRows(ids(sent), ids(calm));
    } finally {
      execFileSync('umount', [place]);
    }
  });

  it('an interface that is gone when a new loader goes on with the old ring is closed', async () => {
    const sent = new Sent();
    const directory = newDirectory();
    const ring = await openLab('isis-lan3');
    await shipAll(newShipper(ring, sent, { directory }), async (round, current) => {
      if (round !== 300) return current;
      await current.sender.stop(0);
      const next = await openLab('isis-lan3', {}, true);
      next.taps = () => [];
      const shipper = newShipper(next, sent, { directory });
      await shipper.begin();
      shipper.sender.start();
      return shipper;
    });
    const rows = rowsOfSent(sent).filter((row) => row.includes('"what":"tap-closed"'));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain('the interface was gone when the loader started again');
  });

  it('frames that the ring lost are one gap of their tap', async () => {
    const sent = new Sent();
    const ring = await openLab('isis-lan3');
    await shipAll(newShipper(ring, sent), (round, current) => {
      if (round === 300) ring.lose(7);
      return Promise.resolve(current);
    });
    const gaps = rowsOfSent(sent).filter((row) => row.includes('"what":"gap"'));
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatch(/"subject":"lan0".*"lost":"7","detail":"the kernel could not hand over 7 frames \(ring-full\)"/);
  });

  it('frames that the ring lost while its shipper was dead are one gap, since that was last heard', async () => {
    const sent = new Sent();
    const directory = newDirectory();
    await openLab('isis-lan3');
    let diedMs = 0;
    await shipAll(newShipper(world.ring, sent, { directory }), async (round, current) => {
      if (round !== 300) return current;
      await current.sender.stop(0);
      diedMs = world.ms;
      world.ms += 5000;
      const from = FIRST_BOOT_NS + BigInt(diedMs) * 1_000_000n;
      const next = newShipper(await openLab('isis-lan3', { isFull: (bootNs) => bootNs > from && bootNs < from + 5_000_000_000n }, true), sent, { directory });
      await next.begin();
      next.sender.start();
      return next;
    });
    const gaps = rowsOfSent(sent).filter((row) => row.includes('"what":"gap"')).map((row) => JSON.parse(row.slice(row.indexOf('{'))) as { from: string; to: string; detail: string });
    expect(gaps).toHaveLength(1);
    expect(gaps[0]!.detail).toMatch(/the kernel could not hand over \d+ frames \(ring-full\)/);
    // Up to the first round of the new one; since the last that left something in the spool.
    const lengthMs = Number((BigInt(gaps[0]!.to) - BigInt(gaps[0]!.from)) / 1_000_000n);
    expect(lengthMs).toBeGreaterThanOrEqual(5100);
    expect(lengthMs).toBeLessThan(6000);
  });

  it('an interface that loses its carrier is a row at once, and one that had it back between two looks too', async () => {
    const sent = new Sent();
    const ring = await openLab('isis-lan3');
    const at = (seconds: number): bigint => 1_000_000_000_000n + BigInt(seconds) * 1_000_000_000n;
    const states = [
      { isUp: true, changes: 1, atNs: at(0) }, { isUp: false, changes: 2, atNs: at(10) }, { isUp: true, changes: 3, atNs: at(20) }, { isUp: true, changes: 5, atNs: at(30) },
    ];
    const taps = ring.taps.bind(ring);
    ring.taps = () => taps().map((tap) => ({ ...tap, carrier: states.findLast(({ atNs }) => atNs <= ring.clock().bootNs)! }));
    await shipAll(newShipper(ring, sent));
    const rows = rowsOfSent(sent).filter((row) => row.includes('"what":"carrier-')).map((row) => JSON.parse(row.slice(row.indexOf('{'))) as Record<string, string>).toSorted((a, b) => Number(BigInt(a['time']!) - BigInt(b['time']!)));
    expect(rows.map(({ what, subject, to, detail }) => [what, subject, to !== '0', detail])).toEqual([
      ['carrier-lost', 'lan0', false, 'the tapped interface has no carrier'],
      ['carrier-lost', 'lan0', true, 'the tapped interface has its carrier; its state changed 2 times since it was read before'],
      ['carrier-restored', 'lan0', false, 'the tapped interface has its carrier'],
    ]);
  });

  it('another epoch ends the taps of one that was cut short, and says from when to when nothing was seen', async () => {
    const sent = new Sent();
    const directory = newDirectory();
    let port = await openLab('isis-lan3', { suppress: true });
    await shipAll(newShipper(port, sent, { directory }), async (round, current) => {
      if (round !== 500) return current;
      await current.sender.stop(0);
      world.ms += 30_000;
      port = await openLab('isis-lan3', { suppress: true, epoch: EPOCH + 5n }, true);
      port.clock();
      port.read(new Uint8Array(16 << 20));
      const next = newShipper(port, sent, { directory });
      await next.begin();
      next.sender.start();
      return next;
    });
    const rows = rowsOfSent(sent).filter((row) => row.startsWith('coverage_events')).map((row) => JSON.parse(row.slice(row.indexOf('{'))) as Record<string, string>);
    expect(rows.filter(({ what }) => what === 'tap-closed').map(({ detail }) => detail).toSorted()).toEqual(['end of the capture', 'the collector stopped without notice'].toSorted());
    expect(rows.filter(({ what }) => what === 'gap')).toMatchObject([{ subject: 'lan0', detail: 'the collector was not running' }]);
    expect(rows.filter(({ what }) => what === 'tap-opened')).toHaveLength(2);
  });
});

function framesIn({ frames }: FrameBatch): number {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  let count = 0;
  for (let at = 0; at < frames.length; at += view.getUint32(at, true)) count += 1;
  return count;
}
