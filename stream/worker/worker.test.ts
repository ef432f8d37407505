/** A worker on a real log: it claims first, its positions have no hole, and whatever kills it the rows come out as if it had not. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { EventsReader } from '../contract/events-reader.ts';
import type { EventsHeader } from '../contract/events-record.ts';
import { encodeFrameBatch, type FrameBatch } from '../contract/frame-batch.ts';
import { eventsTopic, framesTopic, type Log, logTopics } from '../contract/log.ts';
import { openEmbeddedLog } from '../log/embedded/index.ts';
import { Worker, type WorkerSettings } from './index.ts';

const BATCHES = 8;
const SECOND = 1_000_000_000n;
const directories: string[] = [];
afterAll(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }); });

/** A LAN hello (ISO 10589 9.7) of system `last` with a hold time of 30 s, as a frame record. */
function helloRecord(last: number, at: bigint, number: number): Uint8Array {
  const pdu = [0x83, 27, 1, 0, 16, 1, 0, 0, 2, 0, 0, 0, 0, 0, last, 0, 30, 0, 33, 64, 0, 0, 0, 0, 0, last, 1, 1, 4, 3, 0x49, 0, 1];
  const bytes = [1, 0x80, 0xc2, 0, 0, 0x14, 2, 0, 0, 0, 0, last, 0, 36, 0xfe, 0xfe, 3, ...pdu];
  const record = new Uint8Array(Math.ceil((layout.FRAME_BYTES + bytes.length) / 8) * 8);
  const view = new DataView(record.buffer);
  view.setUint32(layout.FRAME_LENGTH, record.length, true);
  view.setUint8(layout.FRAME_PROTOCOL, layout.PROTOCOL_ISIS);
  view.setBigUint64(layout.FRAME_BOOT_NS, at, true);
  view.setBigUint64(layout.FRAME_FRAME_NUMBER, BigInt(number), true);
  view.setUint16(layout.FRAME_PAYLOAD_OFFSET, 17, true);
  view.setUint32(layout.FRAME_PAYLOAD_LENGTH, pdu.length, true);
  view.setUint32(layout.FRAME_CAPTURED_LENGTH, bytes.length, true);
  record.set(bytes, layout.FRAME_BYTES);
  return record;
}

/** Batches in which routers come, stay and (every third one) fall silent: rows in each of them. */
const batches: readonly FrameBatch[] = Array.from({ length: BATCHES }, (_, index) => {
  const time = 1_700_000_000n * SECOND + BigInt(index) * 20n * SECOND;
  const frames = Array.from({ length: 6 }, (_none, router) => router + 1).filter((router) => (router + index) % 3 !== 0);
  return {
    header: {
      collector: 'c', epoch: '1', partition: 0, sequence: index + 1, gaps: [], ageNs: '0',
      taps: [{ name: 't', identity: 'cd'.repeat(16), state: 'open' as const, clockNs: null, wallOffsetNs: '0', lastFrame: '1' }],
      keys: [{ key: 'igp/lab/default/isis', domain: 'lab', networkInstance: 'default', link: 'l' }],
    },
    frames: new Uint8Array(Buffer.concat(frames.map((router, place) => helloRecord(router, time + BigInt(place) * SECOND, index * 10 + place + 1)))),
  };
});

async function openLog(partitions = 1): Promise<Log> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-worker-'));
  directories.push(directory);
  const log = openEmbeddedLog(directory);
  await log.ensureTopics(logTopics(partitions));
  return log;
}

const append = async (log: Log, some: readonly FrameBatch[], partition = 0): Promise<void> => {
  for (const batch of some) await log.append(framesTopic, partition, [encodeFrameBatch(batch)]);
};

/** Every valid record's header, and all rows in order as table and hex. */
async function valid(log: Log): Promise<{ headers: EventsHeader[]; rows: string[] }> {
  const reader = new EventsReader('events');
  const headers: EventsHeader[] = [];
  const rows: string[] = [];
  for await (const logged of log.read(eventsTopic, 0, 0n)) {
    const placed = reader.take(logged);
    if (placed === undefined) continue;
    headers.push(placed.record.header);
    placed.record.header.sections.forEach((section, index) => { rows.push(`${section.table} ${Buffer.from(placed.record.rows[index]!).toString('hex')}`); });
  }
  return { headers, rows };
}

const workerOn = (log: Log, config: WorkerSettings = {}, owner: string = randomUUID(), partitions: readonly number[] = [0]): Worker => new Worker({ log, partitions, owner, config });

async function run(log: Log, config: WorkerSettings = {}): Promise<void> {
  const worker = workerOn(log, config);
  await worker.start();
  await worker.drained();
  await worker.stop();
}

/** The log, which fails for good at the `n`th record that goes to the events topic. */
function dyingAt(log: Log, n: number): Log {
  let left = n;
  return new Proxy(log, {
    get: (target, property) => {
      if (property !== 'append') return (Reflect.get(target, property) as (...given: unknown[]) => unknown).bind(target);
      return async (topic: string, partition: number, values: readonly Uint8Array[]) => {
        if (left <= 0) throw new Error('the log is gone');
        if (topic === eventsTopic) left -= 1;
        return target.append(topic, partition, values);
      };
    },
  });
}

describe('a worker', () => {
  /** Small records: several a batch, so that a worker may die amid one. */
  const small = { recordBytes: 200, cutMs: 1_000_000 };
  let whole: string[];

  beforeAll(async () => {
    const log = await openLog();
    await append(log, batches);
    await run(log, small);
    ({ rows: whole } = await valid(log));
    await log.close();
    expect(whole.length).toBeGreaterThan(12);
  });

  it('claims before anything else, with the hash of each module', async () => {
    const log = await openLog();
    await append(log, batches);
    await run(log);
    const { headers } = await valid(log);
    expect(headers[0]).toMatchObject({ kind: 'claim', sections: [] });
    expect(Object.keys(headers[0]!.modules!)).toEqual(['isis', 'ospf', 'bgp']);
    expect(headers.slice(1).every(({ kind }) => kind === 'rows')).toBe(true);
    await log.close();
  });

  it('writes positions without a hole, within a batch too, and ends with a cut at the end of the frames', async () => {
    const log = await openLog();
    await append(log, batches);
    await run(log, small);
    const rows = (await valid(log)).headers.slice(1);
    expect(rows[0]!.begin).toEqual({ offset: '0', rows: 0 });
    for (const [index, { begin }] of rows.entries()) if (index > 0) expect(begin).toEqual(rows[index - 1]!.end);
    expect(rows.some(({ end }) => end.rows > 0), 'some end within a batch').toBe(true);
    expect(rows.at(-1)!.end).toEqual({ offset: String(BATCHES), rows: 0 });
    expect(rows.at(-1)!.cut).toBeDefined();
    await log.close();
  });

  it('cuts by size and by time', async () => {
    const log = await openLog();
    await append(log, batches);
    await run(log, { recordBytes: 200, cutBytes: 1000, cutMs: 1_000_000 });
    let bytes = 0;
    for (const { cut, sections } of (await valid(log)).headers.slice(1)) {
      bytes += sections.reduce((sum, section) => sum + section.bytes, 0);
      if (sections.length > 0) expect(cut !== undefined).toBe(bytes >= 1000);
      if (cut !== undefined) bytes = 0;
    }
    await log.close();
    const other = await openLog();
    const worker = workerOn(other, { cutMs: 50 });
    await worker.start();
    await append(other, batches.slice(0, 1));
    await expect.poll(async () => (await valid(other)).headers.at(-1)?.cut !== undefined && (await valid(other)).headers.length > 1, { timeout: 10_000 }).toBe(true);
    await worker.stop();
    await other.close();
  });

  it('that dies at any record, any number of times, leaves the rows of an undisturbed one', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ deaths: fc.integer({ min: 1, max: 12 }), more: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 3 }), async (lives) => {
      const log = await openLog();
      let given = 0;
      for (const { deaths, more } of lives) {
        await append(log, batches.slice(given, given + more));
        given = Math.min(BATCHES, given + more);
        const worker = workerOn(dyingAt(log, deaths), small);
        await worker.start();
        await worker.drained().catch(() => undefined);
        await worker.stop().catch(() => undefined);
      }
      await append(log, batches.slice(given));
      await run(log, small);
      expect((await valid(log)).rows).toEqual(whole);
      await log.close();
    }), { numRuns: 10 });
  });

  it('stops with an error that names who claimed its partition', async () => {
    const log = await openLog();
    const first = workerOn(log, {}, 'first');
    await first.start();
    const second = workerOn(log, {}, 'second');
    await second.start();
    const failed = expect(first.failed).rejects.toThrow(/partition 0 was claimed by second at events offset \d+: this worker stops/);
    await append(log, batches);
    await failed;
    await second.drained();
    await second.stop();
    await first.stop().catch(() => undefined);
    expect((await valid(log)).headers.filter(({ kind }) => kind === 'rows').every(({ owner }) => owner === 'second')).toBe(true);
    await log.close();
  });


  it('explains a frame through the partition that it owns, by its number', async () => {
    const log = await openLog(3);
    const worker = workerOn(log, {}, 'w', [2]);
    await worker.start();
    const record = helloRecord(5, SECOND, 1);
    await expect(worker.explain(2, layout.PROTOCOL_ISIS, record)).resolves.toMatchObject({});
    await expect(worker.explain(0, layout.PROTOCOL_ISIS, record)).rejects.toThrow("partition 0 is not one of this worker's: 2");
    await worker.stop();
    await log.close();
  });
});
