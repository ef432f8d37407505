/** The whole path, end to end, on captures that the project ships. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCaptures } from '../../cli/lib/captures.ts';
import { quietClient } from '../../cli/lib/client.ts';
import { replayInto } from '../../cli/lib/replay.ts';
import { System } from '../../cli/lib/system.ts';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { decodeToRows, tapNameOf } from './decode.ts';
import { batchesOf, comparable, ids, loggedRows } from './testing.ts';

const captures = join(import.meta.dirname, 'captures');
const taps = (lab: string): string[] => readdirSync(join(captures, lab)).filter((name) => name.includes('.pcap')).map((name) => join(captures, lab, name)).toSorted();
const isis = join(captures, 'isis-lan3', 'lan0.pcap.gz');

const directories: string[] = [];
const fresh = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-spine-'));
  directories.push(directory);
  return directory;
};
afterAll(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }); });

describe('rows are a function of the frames', () => {
  it.each(['isis-lan3', 'ospf-lan', 'bgp-basic', 'isis-ring', 'vlan-twins', 'demo'])('%s: the same rows in batches of 2 KB, 50 KB and 1 MB, and again', async (lab) => {
    const files = taps(lab).filter((file) => !file.includes('.mid.'));
    const whole = await decodeToRows(files);
    expect(whole.rows.size).toBeGreaterThan(2);
    const expected = comparable(whole.rows);
    for (const batchBytes of [2_000, 50_000, 1 << 20]) {
      const again = await decodeToRows(files, { batchBytes, seed: BigInt(batchBytes) });
      expect(comparable(again.rows)).toEqual(expected);
    }
    const every = ids(whole.rows);
    expect(new Set(every).size, 'event ids are unique').toBe(every.length);
  });
});

describe('rows are the same wherever the state is exported and imported', () => {
  /** Where the state is reloaded: at every batch of 3 KB, and at batches that a seed picks, of sizes that it picks. */
  const runs = [{ batchBytes: 3000, every: 1 }, ...[7, 11, 1234].map((seed) => ({ batchBytes: 1000 + (seed * 7919) % 90_000, every: 2 + (seed % 5) }))];

  it.each(['isis-lan3', 'ospf-lan', 'bgp-basic', 'isis-ring', 'vlan-twins', 'demo'])('%s: any batches, any seeds, any place', async (lab) => {
    const files = taps(lab).filter((file) => !file.includes('.mid.'));
    const expected = comparable((await decodeToRows(files)).rows);
    for (const { batchBytes, every } of runs) {
      let reloads = 0;
      const again = await decodeToRows(files, { batchBytes, seed: BigInt(batchBytes * 31 + every), afterBatch: (set, offset) => {
        if (offset % BigInt(every) !== 0n) return;
        set.reload(BigInt.asUintN(64, (offset + 1n) * 0x9e3779b97f4a7c15n));
        reloads += 1;
      } });
      expect(reloads).toBeGreaterThan(0);
      expect(comparable(again.rows), `batches of ${batchBytes} bytes, reloaded at every ${every}`).toEqual(expected);
    }
  });

  it.each(['isis-lan3', 'ospf-lan', 'bgp-basic'])('%s: a tap that begins in the middle of a capture, too', async (lab) => {
    const middle = taps(lab).filter((file) => file.includes('.mid.'));
    const files = middle.length > 0 ? middle : taps(lab);
    const expected = comparable((await decodeToRows(files)).rows);
    const again = await decodeToRows(files, { batchBytes: 5000, seed: 77n, afterBatch: (set, offset) => { set.reload(offset + 5n); } });
    expect(comparable(again.rows)).toEqual(expected);
  });
});

describe('the embedded system', () => {
  const dataDir = fresh();
  let clean: Map<string, Row[]>;

  beforeAll(async () => { clean = (await decodeToRows([isis], { domain: 'lab' })).rows; });

  async function replayAll(): Promise<Map<string, Row[]>> {
    const system = await System.start({ dataDir });
    const reader = quietClient({ url: system.store.url });
    try {
      await replayInto(system, { captures: await openCaptures([isis]), tapNames: [tapNameOf(isis)], domain: 'lab', shiftNs: 0n });
      await system.drained();
      const stored = new Map<string, Row[]>();
      for (const table of clean.keys()) {
        const result = await reader.query({ query: `SELECT toString(event_id) AS event_id FROM routewatch.${table}`, format: 'JSONEachRow' });
        stored.set(table, await result.json<Row>());
      }
      return stored;
    } finally {
      await reader.close();
      await system.stop();
    }
  }

  it('has each row once in the store when a replay ends', async () => {
    expect(ids(await replayAll())).toEqual(ids(clean));
  });

  it('adds nothing when the same file is replayed again', async () => {
    expect(ids(await replayAll())).toEqual(ids(clean));
  });
});

/** A log of one partition that holds the batches. */
async function openLog(batches: readonly FrameBatch[]): Promise<Log> {
  const log = openEmbeddedLog(fresh());
  await log.ensureTopics(logTopics(1));
  for (const batch of batches) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
  return log;
}

describe('a worker', () => {
  it('goes on where the last one ended, with its state rebuilt in silence', async () => {
    const batches = await batchesOf(isis, 20_000);
    const half = Math.floor(batches.length / 2);
    expect(half).toBeGreaterThan(1);
    const log = await openLog(batches.slice(0, half));
    const first = new Worker({ log, partitions: [0], owner: randomUUID() });
    await first.start();
    await first.drained();
    await first.stop();
    for (const batch of batches.slice(half)) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
    const second = new Worker({ log, partitions: [0], owner: randomUUID() });
    await second.start();
    await second.drained();
    await second.stop();
    expect(comparable(await loggedRows(log, 1))).toEqual(comparable((await decodeToRows([isis])).rows));
    await log.close();
  });

  it('stops when another has claimed its partition', async () => {
    const [batch, ...rest] = await batchesOf(isis, 20_000);
    const log = await openLog([batch!]);
    const zombie = new Worker({ log, partitions: [0], owner: 'zombie' });
    await zombie.start();
    await zombie.drained();
    const heir = new Worker({ log, partitions: [0], owner: 'heir' });
    await heir.start();
    const failed = expect(zombie.failed).rejects.toThrow(/claimed by heir/);
    for (const more of rest) await log.append(framesTopic, 0, [encodeFrameBatch(more)]);
    await failed;
    await heir.drained();
    await heir.stop();
    await zombie.stop().catch(() => undefined);
    expect(comparable(await loggedRows(log, 1))).toEqual(comparable((await decodeToRows([isis])).rows));
    await log.close();
  });
});
