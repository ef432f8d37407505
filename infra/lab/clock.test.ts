/** Live taps whose collector falls silent: the owner's clock records tell it, and what was last seen stays. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import { decodeFrameBatch, encodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { batchesOf, comparable, coverage, decodeBatches, lastBoot, loggedRows } from './testing.ts';

const SECOND = 1_000_000_000n;
const directories: string[] = [];
const logs: Log[] = [];

afterAll(async () => {
  for (const log of logs) await log.close();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** The batch as a live collector ships it: with the tap's clock. */
function live(batch: FrameBatch): FrameBatch {
  return { ...batch, header: { ...batch.header, taps: batch.header.taps.map((tap) => ({ ...tap, state: 'open' as const, clockNs: String(lastBoot(batch)) })) } };
}

function clock(sequence: number, clockNs: bigint): FrameBatch {
  return { header: { collector: 'clock', epoch: 'owner', partition: 0, sequence, taps: [], keys: [], gaps: [], ageNs: '0', clockNs: String(clockNs) }, frames: new Uint8Array(0) };
}

describe.each([['isis-lan3', 'lan0.pcap.gz'], ['bgp-basic', 'l1.full.pcap.gz']])('%s: a collector that falls silent', (lab, file) => {
  let batches: FrameBatch[];
  beforeAll(async () => { batches = (await batchesOf(join(import.meta.dirname, 'captures', lab, file), 3000)).slice(0, -1).map(live); });

  it('is lost after 15 clock records, dated at its last clock; deadlines wait, and it is restored when it is heard again', () => {
    const half = Math.floor(batches.length / 2);
    const last = lastBoot(batches[half - 1]!);
    const clocks = (count: number): FrameBatch[] => Array.from({ length: count }, (_, index) => clock(index + 1, last + BigInt(index + 1) * SECOND));
    expect(coverage(decodeBatches([...batches.slice(0, half), ...clocks(14), ...batches.slice(half)]), 'coverage-lost')).toEqual([]);
    const heard = [...batches.slice(0, half), ...clocks(60), ...clocks(60), ...batches.slice(half)];
    const rows = decodeBatches(heard);
    const [lost, ...keys] = coverage(rows, 'coverage-lost');
    expect(lost).toMatchObject({ subject: batches[0]!.header.taps[0]!.name, time: last, from: last, decided_time: last + 15n * SECOND });
    expect(keys.length).toBeGreaterThan(0);
    expect(coverage(rows, 'restored')).toHaveLength(1);
    expect(comparable(decodeBatches(heard, { reloadEvery: 1 })), 'exported and imported at every record').toEqual(comparable(rows));
    const told = (list: ReadonlyMap<string, readonly Row[]>): string[] => comparable(new Map([...list].filter(([table]) => table === 'adjacency_events' || table === 'session_events')));
    expect(told(decodeBatches([...batches.slice(0, half), ...clocks(60)])), 'nothing expires in the dark').toEqual(told(decodeBatches(batches.slice(0, half))));
  });

  it('is not restored where its next start tells of it only that it has ended', () => {
    const half = Math.floor(batches.length / 2);
    const last = lastBoot(batches[half - 1]!);
    const clocks = Array.from({ length: 20 }, (_, index) => clock(index + 1, last + BigInt(index + 1) * SECOND));
    const before = batches[half - 1]!.header;
    const end: FrameBatch = {
      header: { ...before, epoch: 'next', sequence: 1, taps: before.taps.map((tap) => ({ ...tap, state: 'closed' as const, clockNs: String(last), closedNs: String(last), key: 0 })), gaps: [] }, frames: new Uint8Array(0),
    };
    const rows = decodeBatches([...batches.slice(0, half), ...clocks, end]);
    expect(coverage(rows, 'coverage-lost').length).toBeGreaterThan(0);
    expect(coverage(rows, 'tap-closed')).toHaveLength(1);
    expect(coverage(rows, 'restored')).toEqual([]);
  });

  it('is lost in each of its partitions: the keys by rows of their own, the tap itself by one in the partition of its key, by which it is restored', () => {
    const half = Math.floor(batches.length / 2);
    const last = lastBoot(batches[half - 1]!);
    const clocks = Array.from({ length: 20 }, (_, index) => clock(index + 1, last + BigInt(index + 1) * SECOND));
    // Another partition has other keys of the same tap, and the same clock.
    const others = batches.map(({ header, frames }) => ({ frames, header: {
      ...header, partition: 1, keys: header.keys.map((key) => ({ ...key, key: `${key.key}/other` })), taps: header.taps.map(({ key: _key, openedNs: _opened, ...tap }) => tap),
    } }));
    const rows = [batches, others].flatMap((list) => {
      const told = decodeBatches([...list.slice(0, half), ...clocks, ...list.slice(half)], { reloadEvery: 1 });
      return [...coverage(told, 'coverage-lost'), ...coverage(told, 'restored')];
    });
    expect(rows.length).toBeGreaterThan(3);
    expect(new Set(rows.map((row) => row['event_id'])).size).toBe(rows.length);
    const { name } = batches[0]!.header.taps[0]!;
    expect(rows.filter(({ subject }) => subject === name).map(({ what }) => what)).toEqual(['coverage-lost', 'restored']);
  });

  it('is lost as well where the owner’s clock was a year ahead for a moment', () => {
    const half = Math.floor(batches.length / 2);
    const last = lastBoot(batches[half - 1]!);
    const ahead = clock(1, last + 365n * 86_400n * SECOND);
    const after = (count: number): FrameBatch[] => Array.from({ length: count }, (_, index) => clock(index + 2, last + BigInt(index + 1) * SECOND));
    const lost = (list: readonly FrameBatch[]): number => coverage(decodeBatches([...batches.slice(0, half), ...list], { reloadEvery: 1 }), 'coverage-lost').filter(({ subject }) => subject === batches[0]!.header.taps[0]!.name).length;
    expect([lost([ahead, ...after(13)]), lost([ahead, ...after(14)])]).toEqual([0, 1]);
  });
});

async function openLog(): Promise<Log> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-clock-'));
  directories.push(directory);
  const log = openEmbeddedLog(directory);
  logs.push(log);
  await log.ensureTopics(logTopics(1));
  return log;
}

async function clocksIn(log: Log): Promise<number> {
  let found = 0;
  for await (const { value } of log.read(framesTopic, 0, 0n)) if (decodeFrameBatch(value).header.clockNs !== undefined) found += 1;
  return found;
}

describe('a worker', () => {
  it('appends clock records while live taps are open, until they are lost or closed; none for files', async () => {
    const batches = await batchesOf(join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz'), 20_000);
    for (const [name, some] of [['live', batches.slice(0, 3).map(live)], ['file', batches.slice(0, 3)]] as const) {
      const log = await openLog();
      for (const batch of some) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
      for (let start = 0; start < 2; start++) {
        const worker = new Worker({ log, partitions: [0], owner: `${name}-${start}`, config: { clockMs: 20, cutMs: 20 } });
        await worker.start();
        await worker.drained();
        await sleep(start === 0 ? 150 : 1500);
        await worker.drained();
        await worker.stop();
      }
      const rows = await loggedRows(log, 1);
      expect(coverage(rows, 'coverage-lost').filter((row) => row['subject'] === 'lan0')).toHaveLength(name === 'live' ? 1 : 0);
      const clocks = await clocksIn(log);
      expect(clocks).toBeGreaterThanOrEqual(name === 'live' ? 15 : 0);
      expect(clocks).toBeLessThan(name === 'live' ? 30 : 1);
    }
  });
});

describe('a collector whose wall clock is set back', () => {
  it('loses no neighbour by it: holds run on the boot clock, and the frames of one tap come in order', async () => {
    const batches = (await batchesOf(join(import.meta.dirname, 'captures', 'demo', 'core-lan.pcap.gz'), 3000)).map(live);
    const half = Math.floor(batches.length / 2);
    const back = batches.map((batch, index) => (index < half ? batch : { ...batch, header: { ...batch.header, taps: batch.header.taps.map((tap) => ({ ...tap, wallOffsetNs: String(-40n * SECOND) })) } }));
    const told = (list: readonly FrameBatch[]): string[] => (decodeBatches(list).get('adjacency_events') ?? []).map((row) => String(row['event_id']));
    expect(told(batches).length).toBeGreaterThan(20);
    expect(told(back)).toEqual(told(batches));
  });
});
