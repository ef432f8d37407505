/** Versions of states: what a newer decoder writes can be read by the one before, until the way back is given up. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModule, type RegisteredModule, registry } from '../../decoders-wasm/contract/host.ts';
import { decodeManifest, joinChunks } from '../../stream/contract/checkpoint.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, type Log } from '../../stream/contract/log.ts';
import { ModuleStore } from '../../stream/worker/index.ts';
import { append, Folders, isUpgrade, logged, type LoggedRow, openFreshLog, run } from './log-runs.ts';
import { compileChanged } from './lacking.ts';
import { shadowOf } from './take-over.ts';
import { batchesOf, comparableRows } from './testing.ts';

const OSPFV2 = 2;
const capture = join(import.meta.dirname, 'captures', 'ospf-lan', 'lan0.pcap.gz');
const folders = new Folders('state');
const newer = registry;
let older: readonly RegisteredModule[];
/** Two versions ahead of the older one: it cannot read what that writes. */
let newest: readonly RegisteredModule[];
let batches: FrameBatch[];
let clean: readonly LoggedRow[];

beforeAll(async () => {
  const path = 'ospf/assembly/checkpoint.ts';
  older = withOspf(await compileChanged('ospf', [[path, / STATE_VERSION: u32 = 3/, ' STATE_VERSION: u32 = 2']], join(folders.fresh(), 'ospf.wasm')));
  newest = withOspf(await compileChanged('ospf', [[path, / STATE_VERSION: u32 = 3/, ' STATE_VERSION: u32 = 4'], [path, /OLDEST_STATE_VERSION: u32 = 2/, 'OLDEST_STATE_VERSION: u32 = 3']], join(folders.fresh(), 'ospf.wasm')));
  batches = await batchesOf(capture, 20_000);
  const log = await openFreshLog(folders);
  await append(log, batches);
  await run(log, newer, folders.fresh());
  clean = (await logged(log)).rows;
  await log.close();
}, 180_000);

afterAll(() => { folders.remove(); });

/** State version of OSPF in each checkpoint of the log. */
async function versions(log: Log): Promise<number[]> {
  const records: Uint8Array[] = [];
  const found: number[] = [];
  for await (const { value } of log.read(checkpointsTopic, 0, 0n)) {
    const manifest = decodeManifest(value);
    if (manifest === undefined) records.push(value);
    else {
      const exported = joinChunks(manifest, records.splice(0)).modules.filter(({ protocol }) => protocol === OSPFV2);
      found.push(...exported.map(({ state }) => new DataView(state.buffer, state.byteOffset).getUint32(0, true)));
    }
  }
  return found;
}

function withOspf(module: RegisteredModule): RegisteredModule[] {
  return registry.map((one) => (one.protocol === OSPFV2 ? module : one));
}

const ospfOf = (modules: readonly RegisteredModule[]): RegisteredModule => modules.find(({ protocol }) => protocol === OSPFV2)!;
const withoutDifferences = (rows: readonly LoggedRow[]): string[] => comparableRows(rows.filter((row) => !isUpgrade(row)));
const hashesOf = (modules: readonly RegisteredModule[]): Record<string, string> => Object.fromEntries(modules.map(loadModule).map(({ name, hash }) => [name, hash]));

describe('a newer decoder whose states are of a later version', () => {
  it('writes checkpoints that the older one reads, and hands over to it, until the way back is given up', async () => {
    const log = await openFreshLog(folders);
    const folder = folders.fresh();
    const part = (index: number): FrameBatch[] => batches.slice(Math.floor(batches.length * index / 5), Math.floor(batches.length * (index + 1) / 5));
    await append(log, part(0));
    await run(log, older, folder);
    await append(log, part(1));
    await run(log, newer, folder);
    await append(log, part(2));
    await run(log, older, folder);
    await append(log, part(3));
    await run(log, newer, folder);
    expect(new Set(await versions(log))).toEqual(new Set([2]));
    expect(new ModuleStore(folder).finalize(hashesOf(newer)).length).toBe(1);
    await append(log, part(4));
    await run(log, newer, folder);
    expect((await versions(log)).at(-1)).toBe(3);
    expect(withoutDifferences((await logged(log)).rows)).toEqual(comparableRows(clean));
    await expect(run(log, older, folder)).rejects.toThrow(/left behind by `routewatch finalize`.*restore a backup from before/);
    await log.close();
  });

  it('writes its newest version at once where no older decoder ran', async () => {
    const log = await openFreshLog(folders);
    await append(log, batches.slice(0, 2));
    await run(log, newer, folders.fresh());
    expect(new Set(await versions(log))).toEqual(new Set([3]));
    await log.close();
  });

  it('is refused with what to do where it is more than one version ahead', async () => {
    const log = await openFreshLog(folders);
    const folder = folders.fresh();
    await append(log, batches.slice(0, 2));
    await run(log, older, folder);
    await expect(run(log, newest, folder)).rejects.toThrow(/reads states of versions 3 to 4, but [0-9a-f]{64}, which decoded the log, writes version.* 2: start the versions of the program in between first/);
    await run(log, newer, folder);
    await run(log, newest, folder);
    expect((await versions(log)).at(-1)).toBe(3);
    await log.close();
  });
});

describe('a state of a version that the decoder does not know', () => {
  it('is refused with what to do', () => {
    const set = shadowOf(ospfOf(newer));
    batches.forEach((batch, index) => set.process(BigInt(index), batch));
    const state = set.exportState();
    expect(() => { shadowOf(ospfOf(older)).importState(state); }).toThrow('the state is of version 3, and this module reads version 2: a newer decoder wrote it, after the way back was given up (`routewatch finalize`): start the version of the program that has it');
    expect(() => { shadowOf(ospfOf(newest)).importState(set.exportState({ [OSPFV2]: 2 })); }).toThrow(/of version 2, and this module reads versions 3 to 4: an older decoder wrote it/);
    expect(() => set.exportState({ [OSPFV2]: 9 })).toThrow(/does not write state version 9/);
    expect(() => { shadowOf(ospfOf(older)).importState({ ...state, version: 2 }); }).toThrow('the checkpoint is of version 2, and this program reads version 1: a newer program wrote it');
  });

  it('keeps the same state in the older version: from there the same rows', () => {
    const half = Math.floor(batches.length / 2);
    const rows = [3, 2].map((version) => {
      let set = shadowOf(ospfOf(newer));
      for (let at = 0; at < half; at++) set.process(BigInt(at), batches[at]!);
      const state = set.exportState({ [OSPFV2]: version });
      set = shadowOf(version === 2 ? ospfOf(older) : ospfOf(newer), 5n);
      set.importState(state);
      return batches.slice(half).flatMap((batch, index) => set.process(BigInt(half + index), batch).blocks.map(({ layout, bytes }) => `${layout} ${Buffer.from(bytes).toString('hex')}`));
    });
    expect(rows[1]).toEqual(rows[0]);
  });
});
