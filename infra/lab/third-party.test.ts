/** Decoders of somebody else that trap, loop, take memory without end or lie: a frame or a key is lost to quarantine, the rest is equal. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PassedOver, type RegisteredModule, ShadowSet, type SkippedFrame, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { type Row, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { encodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { compileDecoder } from './compile-decoder.ts';
import { addRows, rowsOf } from './decode.ts';
import { batchesOf, comparable, coverage, loggedRows } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'routewatch-third-party-'));
afterAll(() => { rmSync(directory, { recursive: true, force: true }); });

let batches: FrameBatch[];
beforeAll(async () => { batches = await batchesOf(join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz'), 40_000); });

const compiled = (name: string): Promise<RegisteredModule> => compileDecoder(name, directory);

/** Rows of the batches through a worker with this module, which dies at each of these appends to events and checkpoints and is started again. */
async function rowsBy(module: RegisteredModule, given = batches, deaths: readonly number[] = []): Promise<Map<string, Row[]>> {
  const log = openEmbeddedLog(mkdtempSync(join(directory, 'log-')));
  await log.ensureTopics(logTopics(1));
  for (const batch of given) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
  for (const death of [...deaths, Infinity]) {
    const worker = new Worker({
      log: dyingAt(log, death), partitions: [0], owner: randomUUID(), modules: [module],
      config: { patienceMs: 5000, memoryLimitBytes: 64 << 20, recordBytes: 2000, checkpointBytes: 60_000 },
    });
    const drained = worker.start().then(() => worker.drained());
    await (death === Infinity ? drained : expect(drained).rejects.toThrow('died here'));
    await worker.stop().catch(() => undefined);
  }
  const rows = await loggedRows(log, 1);
  await log.close();
  return rows;
}

/** The log, whose owner dies at the `n`th append of its own. */
function dyingAt(log: Log, n: number): Log {
  let left = n;
  return new Proxy(log, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'append') return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      return (topic: string, partition: number, records: readonly Uint8Array[]) => (--left <= 0 ? Promise.reject(new Error('died here')) : target.append(topic, partition, [...records]));
    },
  });
}

/** What our own decoder gives where the frames in quarantine are left out. */
function expectedWithout(quarantined: readonly Row[]): Map<string, Row[]> {
  const set = new ShadowSet({ modules: registry.map(loadModule), seed: 9n, memoryLimitBytes: 1 << 29 });
  const expected = new Map<string, Row[]>();
  for (const [offset, batch] of batches.entries()) {
    const skipped = quarantined.filter((row) => row['frame_offset'] === BigInt(offset))
      .map((row): SkippedFrame => ({ index: Number(row['frame_index']), error: String(row['error']), sourceLine: String(row['source_line']) }));
    const stretch = set.process(BigInt(offset), batch, { skipped, resets: [], isDecided: true });
    for (const block of stretch.blocks) {
      const { name } = tableOf(block.table);
      expected.set(name, [...(expected.get(name) ?? []), ...rowsOf(block, stretch)]);
    }
  }
  return expected;
}

describe('one frame each is lost to a decoder', () => {
  it('that traps and then loops, and the source line is told', async () => {
    const rows = await rowsBy(await compiled('faulty'));
    const quarantined = rows.get('quarantine')!;
    expect(quarantined.map((row) => row['error'])).toEqual(['trap', 'watchdog']);
    expect(quarantined[0]!['source_line']).toMatch(/faulty\.ts:\d+$/);
    expect(comparable(rows)).toEqual(comparable(expectedWithout(quarantined)));
  });

  it.each(['eater', 'liar'])('%s', async (name) => {
    const rows = await rowsBy(await compiled(name));
    const quarantined = rows.get('quarantine')!;
    expect(quarantined.map((row) => row['error'])).toEqual(['trap']);
    expect(comparable(rows)).toEqual(comparable(expectedWithout(quarantined)));
  });
});

describe('a key that traps more often than three times within an hour', () => {
  const isis = { ten: 'igp/ten/default/isis', twenty: 'igp/twenty/default/isis' };
  let twins: FrameBatch[];
  /** The VLANs of the trunk, each in a domain of its own: two keys of one decoder. */
  beforeAll(async () => {
    twins = (await batchesOf(join(import.meta.dirname, 'captures', 'vlan-twins', 'trunk.pcap.gz'), 20_000)).map(({ header, frames }) => ({ frames, header: {
      ...header, keys: header.keys.map((key) => {
        const domain = key.link.endsWith('.20') ? 'twenty' : 'ten';
        return { ...key, domain, key: key.key.replace('default', domain) };
      }),
    } }));
  });
  const decode = (passed: (offset: number) => PassedOver, reload = false): Map<string, Row[]> => {
    const set = new ShadowSet({ modules: registry.map(loadModule).slice(0, 1), seed: 9n, memoryLimitBytes: 1 << 29 });
    const rows = new Map<string, Row[]>();
    twins.forEach((batch, offset) => {
      addRows(rows, set.process(BigInt(offset), batch, passed(offset)));
      if (reload) set.reload(BigInt(offset));
    });
    return rows;
  };
  const of = (rows: ReadonlyMap<string, readonly Row[]>, domain: string): Map<string, Row[]> => new Map([...rows].map(([table, list]) => [table, list.filter((row) => row['domain'] === domain)]));
  const trappedAt = (rows: ReadonlyMap<string, readonly Row[]>): unknown[] => rows.get('quarantine')!.filter((row) => row['error'] === 'trap').map((row) => row['domain']);

  it('begins anew, with coverage lost, and no other key is touched, wherever its owner dies', async () => {
    const module = await compiled('stumbler');
    const rows = await rowsBy(module, twins);
    expect(trappedAt(rows)).toEqual(['ten', 'ten', 'twenty', 'ten', 'ten', 'ten']);
    const [reset, ...more] = coverage(rows, 'state-reset');
    expect([reset!['subject'], reset!['link'], more]).toEqual([isis.ten, 'trunk.10', []]);
    expect(coverage(rows, 'coverage-lost').map((row) => [row['subject'], row['link'], row['time']])).toEqual([[isis.ten, 'trunk.10', reset!['time']]]);
    const after = of(rows, 'ten').get('adjacency_events')!.filter((row) => (row['decided_time'] as bigint) >= (reset!['time'] as bigint));
    expect(after.length).toBeGreaterThan(1);
    expect(after.filter((row) => row['prev_state'] === 'unknown').every((row) => row['initial'] === true), 'what is known is first seen again').toBe(true);
    expect(after.some((row) => row['reason'] === 'first-seen')).toBe(true);

    const quarantined = rows.get('quarantine')!;
    const passed = (offset: number): PassedOver => ({ resets: [], isDecided: false, skipped: quarantined.filter((row) => row['frame_offset'] === BigInt(offset))
      .map((row) => ({ index: Number(row['frame_index']), error: String(row['error']), sourceLine: String(row['source_line']) })) });
    expect(comparable(rows), 'as our own decoder gives it when it passes over the same frames').toEqual(comparable(decode(passed)));
    expect(comparable(decode(passed, true)), 'exported and imported behind every batch').toEqual(comparable(rows));
    const only = (offset: number): PassedOver => ({ ...passed(offset), isDecided: true });
    const twenty = (all: Map<string, Row[]>): string[] => comparable(of(all, 'twenty'));
    expect(twenty(rows)).toEqual(twenty(decode(only)));
    for (const deaths of [[14, 9]]) expect(comparable(await rowsBy(module, twins, deaths)), `died at ${deaths.join(', ')}`).toEqual(comparable(rows));
  }, 120_000);

  it('a decoder that a frame has spoiled, so that it traps at ticks, begins all of its keys anew', async () => {
    const module = await compiled('poisoned');
    const rows = await rowsBy(module, twins);
    expect(rows.get('quarantine') ?? []).toEqual([]);
    expect(coverage(rows, 'state-reset').map((row) => row['subject'])).toEqual([isis.ten, isis.twenty]);
    expect(rows.get('adjacency_events')!.filter((row) => row['reason'] === 'first-seen').length).toBeGreaterThan(0);
    for (const deaths of [[16, 4]]) expect(comparable(await rowsBy(module, twins, deaths)), `died at ${deaths.join(', ')}`).toEqual(comparable(rows));
  }, 120_000);
});
