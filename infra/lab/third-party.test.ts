/** Decoders of somebody else that trap, loop, take memory without end or lie: a frame is lost to quarantine, the rest is equal. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegisteredModule, ShadowSet, type SkippedFrame, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { type Row, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { encodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, eventsTopic, framesTopic } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { rowsOf } from './decode.ts';
import { batchesOf, comparable, loggedRows } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'routewatch-third-party-'));
afterAll(() => { rmSync(directory, { recursive: true, force: true }); });

let batches: FrameBatch[];
beforeAll(async () => { batches = await batchesOf(join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz'), 40_000); });

async function compiled(name: string): Promise<RegisteredModule> {
  const file = join(directory, `${name}.wasm`);
  const { error, stderr } = await asc.main([
    `infra/lab/decoders/assembly/${name}.ts`, '--baseDir', join(import.meta.dirname, '..', '..'), '--outFile', file, '--sourceMap',
    '--runtime', 'stub', '-O3', '--enable', 'simd',
  ], {});
  expect(error, stderr.toString()).toBeNull();
  return { name, protocol: 1, version: '0', file };
}

/** Rows of the capture through a worker with this module. */
async function rowsBy(module: RegisteredModule): Promise<Map<string, Row[]>> {
  const log = openEmbeddedLog(mkdtempSync(join(directory, 'log-')));
  await log.ensureTopics([framesTopic, eventsTopic, checkpointsTopic].map((topic) => ({ topic, partitions: 1 })));
  for (const batch of batches) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
  const worker = new Worker({ log, partitions: [0], owner: randomUUID(), modules: [module], config: { patienceMs: 5000, memoryLimitBytes: 64 << 20 } });
  await worker.start();
  await worker.drained();
  await worker.stop();
  const rows = await loggedRows(log, 1);
  await log.close();
  return rows;
}

/** What our own decoder gives where the frames in quarantine are left out. */
function expectedWithout(quarantined: readonly Row[]): Map<string, Row[]> {
  const set = new ShadowSet({ modules: registry.map(loadModule), seed: 9n, memoryLimitBytes: 1 << 29 });
  const expected = new Map<string, Row[]>();
  for (const [offset, batch] of batches.entries()) {
    const skipped = quarantined.filter((row) => row['frame_offset'] === BigInt(offset))
      .map((row): SkippedFrame => ({ index: Number(row['frame_index']), error: String(row['error']), sourceLine: String(row['source_line']) }));
    const stretch = set.process(BigInt(offset), batch, skipped);
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
