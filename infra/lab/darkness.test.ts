/** All routers of a tapped link fall silent at once in a real capture: coverage is suspect, and nobody is said to be down. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { batchesOf, comparable, coverage, decodeBatches } from './testing.ts';

const SECOND = 1_000_000_000n;

/** The batches without the frames that `isLost` takes; ticks stay. */
function without(batches: readonly FrameBatch[], isLost: (boot: bigint, record: Uint8Array) => boolean): FrameBatch[] {
  return batches.map(({ header, frames }) => {
    const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    const kept: Uint8Array[] = [];
    for (let at = 0; at < frames.length; at += view.getUint32(at, true)) {
      const record = frames.subarray(at, at + view.getUint32(at, true));
      if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK || !isLost(view.getBigUint64(at + layout.FRAME_BOOT_NS, true), record)) kept.push(record);
    }
    return { header, frames: new Uint8Array(Buffer.concat(kept)) };
  });
}

const lossesIn = (rows: ReadonlyMap<string, readonly Row[]>, from: bigint, to: bigint): readonly Row[] => (rows.get('adjacency_events') ?? [])
  .filter((row) => row['evidence'] === 'timer' && (row['time'] as bigint) > from && (row['time'] as bigint) <= to);

// Seconds of the captures at which every router is up and has been for a while; the silence lasts for a minute and a half.
describe.each([['isis-lan3', 'lan0.pcap.gz', 35n, 'isis'], ['ospf-lan', 'lan0.pcap.gz', 30n, 'ospfv2']])('%s', (lab, file, second, protocol) => {
  let batches: FrameBatch[];
  let from: bigint;
  let to: bigint;
  beforeAll(async () => {
    batches = await batchesOf(join(import.meta.dirname, 'captures', lab, file), 5000);
    const { frames } = batches[0]!;
    from = new DataView(frames.buffer, frames.byteOffset).getBigUint64(layout.FRAME_BOOT_NS, true) + second * SECOND;
    to = from + 90n * SECOND;
  });

  it('that nobody is heard on any more is suspect, once, and is restored by the next frame', () => {
    const lossy = without(batches, (boot) => boot > from && boot <= to);
    const rows = decodeBatches(lossy);
    const suspects = coverage(rows, 'coverage-suspect');
    expect(suspects.map((row) => [row['subject'], row['tap']])).toEqual([[protocol, 'lan0']]);
    const [{ time, decided_time: decided }] = suspects as [Row];
    expect(time as bigint).toBeLessThanOrEqual(from);
    expect(decided as bigint).toBeGreaterThan(from);
    expect(lossesIn(rows, from, to)).toEqual([]);
    const [restored, ...more] = coverage(rows, 'restored');
    expect([restored!['subject'], more]).toEqual([protocol, []]);
    expect(restored!['time'] as bigint).toBeGreaterThan(to);
    expect((rows.get('adjacency_events') ?? []).some((row) => row['reason'] === 'changed-while-blind'), 'what had changed meanwhile is told').toBe(true);
    expect(comparable(decodeBatches(lossy, { reloadEvery: 1 })), 'exported and imported behind every batch').toEqual(comparable(rows));
  });

  it('of which one router is heard goes on to tell losses', () => {
    const source = (record: Uint8Array): string => Buffer.from(record.subarray(layout.FRAME_BYTES + 6, layout.FRAME_BYTES + 12)).toString('hex');
    const heard = new Map<string, number>();
    without(batches, (boot, record) => {
      if (boot > from && boot <= to) heard.set(source(record), (heard.get(source(record)) ?? 0) + 1);
      return false;
    });
    const [survivor] = [...heard.keys()].toSorted((a, b) => heard.get(b)! - heard.get(a)!);
    const rows = decodeBatches(without(batches, (boot, record) => boot > from && boot <= to && source(record) !== survivor));
    expect(coverage(rows, 'coverage-suspect')).toEqual([]);
    expect(lossesIn(rows, from, to).length).toBeGreaterThan(3);
  });
});
