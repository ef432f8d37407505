/** What tests of the shipper share: captures as recorded rings, shippers on them in simulated time, the rows of what they sent. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { openRecorded, type RecordedOptions, type RecordedRing } from '../../collectors/recorded/index.ts';
import { Shipper, type ShipperOptions } from '../../collectors/shipper/index.ts';
import { loadModule, registry, ShadowSet } from '../../decoders-wasm/contract/host.ts';
import { type Row, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { decodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { rowsOf, tapNameOf } from './decode.ts';

export const PARTITIONS = 3;
export const EPOCH = 1_700_000_000_000_000_000n;
/** Of one round. */
export const STEP_MS = 100;
const captures = join(import.meta.dirname, 'captures');
const filesOf = (lab: string): string[] => readdirSync(join(captures, lab)).filter((name) => name.endsWith('.pcap.gz') && !name.includes('.mid.')).map((name) => join(captures, lab, name)).toSorted();

const directories: string[] = [];
afterAll(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }); });

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-shipper-'));
  directories.push(directory);
  return directory;
}

/** A log in memory. */
export class Sent {
  readonly batches: Uint8Array[][] = Array.from({ length: PARTITIONS }, () => []);
  append(_topic: string, partition: number, values: readonly Uint8Array[]): Promise<bigint> {
    this.batches[partition]!.push(...values);
    return Promise.resolve(BigInt(this.batches[partition]!.length - values.length));
  }

  decoded(): FrameBatch[] {
    return this.batches.flat().map(decodeFrameBatch);
  }
}

/** Simulated time, ms since the capture began, and the ring that was opened last. */
export const world = new (class {
  ms = 0;
  ring!: RecordedRing;
})();
const now = (): number => world.ms;

/** A lab's ring at its begin; `amid` a run another process's view of the same. */
export async function openLab(lab: string, options: Partial<RecordedOptions> = {}, amid = false): Promise<RecordedRing> {
  if (!amid) world.ms = 0;
  const files = filesOf(lab);
  return world.ring = await openRecorded({ files, tapNames: files.map(tapNameOf), epoch: EPOCH, speed: 1, startedMs: 0, now, ...options });
}

export function newShipper(port: RecordedRing, log: Sent, options: Partial<ShipperOptions> = {}): Shipper {
  return new Shipper({ port, log, partitions: PARTITIONS, collector: 'host1', directory: newDirectory(), domainOf: () => 'lab', isDurable: false, ...options });
}

/** Rounds in the time of the capture, `each` of which may interfere; then an orderly stop. */
export async function shipAll(shipper: Shipper, each: (round: number, current: Shipper) => Promise<Shipper> = () => Promise.resolve(shipper)): Promise<void> {
  let current = shipper;
  await current.begin();
  current.sender.start();
  for (let round = 0; !world.ring.isOver; round++) {
    world.ms += STEP_MS;
    await current.round();
    current = await each(round, current);
  }
  expect(await current.stop()).toBe(true);
}

/** All rows of what was sent, without what names frames and places in the log. */
export function rowsOfSent(sent: Sent, leaveOut: readonly string[] = ['event_id', 'frame_partition', 'frame_offset', 'frame_index', 'decided_time']): string[] {
  const rows: string[] = [];
  for (const batches of sent.batches) {
    const set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 28 });
    for (const [offset, value] of batches.entries()) {
      const stretch = set.process(BigInt(offset), decodeFrameBatch(value));
      for (const block of stretch.blocks) {
        const { name } = tableOf(block.table);
        for (const row of rowsOf(block, stretch)) rows.push(`${name} ${textOf(row, leaveOut)}`);
      }
      set.giveBack(stretch);
    }
  }
  return rows.toSorted();
}

/** A session that passes several links: which of them its timer's row names depends on when ticks come. */
function textOf(row: Row, leaveOut: readonly string[]): string {
  const timer = row['evidence'] === 'timer' && String(row['event_type']).startsWith('bgp.') ? ['link'] : [];
  return JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => ![...leaveOut, ...timer].includes(name))), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
