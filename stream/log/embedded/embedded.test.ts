import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkpointsTopic, framesTopic } from '../../contract/log.ts';
import { logContract } from '../contract-suite.ts';
import { type EmbeddedLog, openEmbeddedLog } from './index.ts';

let directory = mkdtempSync(join(tmpdir(), 'routewatch-log-'));

logContract('the embedded log', async () => openEmbeddedLog(directory), async () => {
  rmSync(directory, { recursive: true, force: true });
  directory = mkdtempSync(join(tmpdir(), 'routewatch-log-'));
}, (log, topic, partition, before) => log.deleteBefore(topic, partition, before));

describe('retention', () => {
  const made: string[] = [];
  afterAll(() => { for (const one of made) rmSync(one, { recursive: true, force: true }); });

  async function open(settings: Parameters<typeof openEmbeddedLog>[1]): Promise<EmbeddedLog> {
    const fresh = mkdtempSync(join(tmpdir(), 'routewatch-log-'));
    made.push(fresh);
    const log = openEmbeddedLog(fresh, settings);
    await log.ensureTopics([framesTopic, checkpointsTopic].map((topic) => ({ topic, partitions: 2 })));
    return log;
  }

  const half = new Uint8Array(512 << 10);

  it('keeps everything unless told otherwise', async () => {
    const log = await open({});
    for (let i = 0; i < 10; i++) await log.append(framesTopic, 0, [half]);
    await log.retain(Date.now() + 1e12);
    expect(await log.bounds(framesTopic, 0)).toEqual({ first: 0n, next: 10n });
    await log.close();
  });

  it('keeps as many bytes as it has to, in whole segments, and nothing of age but the last segment', async () => {
    const log = await open({ frames: { bytes: 2 << 20 } });
    for (let i = 0; i < 10; i++) await log.append(framesTopic, 0, [half]);
    await log.append(framesTopic, 1, [half]);
    await log.retain(Date.now());
    expect(await log.bounds(framesTopic, 0)).toEqual({ first: 6n, next: 10n });
    expect(await log.bounds(framesTopic, 1)).toEqual({ first: 0n, next: 1n });
    await log.close();
    const aged = await open({ frames: { hours: 1 } });
    for (let i = 0; i < 10; i++) await aged.append(framesTopic, 0, [half]);
    await aged.retain(Date.now() + 3_000_000);
    expect((await aged.bounds(framesTopic, 0)).first).toBe(0n);
    await aged.retain(Date.now() + 3_700_000);
    expect((await aged.bounds(framesTopic, 0)).first).toBe(8n);
    await aged.close();
  });

  it('never takes the newest checkpoint', async () => {
    const log = await open({ frames: { bytes: 1 << 20 } });
    for (let i = 0; i < 20; i++) await log.append(checkpointsTopic, 0, [half]);
    await log.commit('checkpoints', checkpointsTopic, 0, 5n);
    await log.retain(Date.now());
    expect((await log.bounds(checkpointsTopic, 0)).first).toBe(4n);
    await log.close();
  });

  it('refuses checkpoints that would not last three times as long as frames', () => {
    expect(() => openEmbeddedLog(directory, { frames: { hours: 24 }, checkpoints: { hours: 48 } })).toThrow(/72 at least/);
  });
});
