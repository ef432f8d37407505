/** Frames into batches: sizes, ticks, sequences, where a tap is told of, and going on after a run was cut. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { framesTopic, type Log } from '../../stream/contract/log.ts';
import { decodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { partitionOf } from '../../stream/contract/partition.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { Batcher, TICK_GRID_NS } from './index.ts';
import { readResume } from './resume.ts';

const PARTITIONS = 3;
const TAPS = 2;
const KEYS = 5;

interface Given { readonly tap: number; readonly key: number; readonly time: bigint; readonly number: bigint; readonly size: number }

/** Frames of some taps in the order of the merged clock, numbered by tap from 1. */
const given = fc.array(fc.record({ tap: fc.nat(TAPS - 1), key: fc.nat(KEYS - 1), after: fc.oneof(fc.nat(1000), fc.nat(900_000_000)), size: fc.nat(300) }), { minLength: 1, maxLength: 60 })
  .map((list) => {
    const numbers = Array.from({ length: TAPS }, () => 0n);
    let time = 1_700_000_000_123_456_789n;
    return list.map(({ tap, key, after, size }): Given => {
      time += BigInt(after);
      numbers[tap]! += 1n;
      return { tap, key, time, number: numbers[tap]!, size };
    });
  });

function record({ tap, key, time, number, size }: Given): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((layout.FRAME_BYTES + size) / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(layout.FRAME_LENGTH, bytes.length, true);
  view.setUint16(layout.FRAME_TAP_ID, tap, true);
  view.setUint32(layout.FRAME_KEY_INDEX, key, true);
  view.setUint8(layout.FRAME_PROTOCOL, 1);
  view.setBigUint64(layout.FRAME_BOOT_NS, time, true);
  view.setBigUint64(layout.FRAME_FRAME_NUMBER, number, true);
  bytes.fill(Number(number), layout.FRAME_BYTES);
  return bytes;
}

const identityOf = (tap: number): string => `${tap + 1}`.repeat(32).slice(0, 32);
const keyName = (key: number): string => `igp/lab/default/${key}`;

/** One run over all frames; `send` may throw to cut it. */
async function run(frames: readonly Given[], options: { batchBytes: number; send: (partition: number, record: Uint8Array) => Promise<void>; resume?: Awaited<ReturnType<typeof readResume>> }): Promise<void> {
  const batcher = new Batcher({ collector: 'test', epoch: '7', partitions: PARTITIONS, ...options });
  for (let tap = 0; tap < TAPS; tap++) batcher.addTap({ name: `tap${tap}`, domain: 'lab', identity: identityOf(tap), wallOffsetNs: 0n });
  for (let key = 0; key < KEYS; key++) batcher.addKey({ key: keyName(key), domain: 'lab', networkInstance: 'default', link: 'l' });
  for (const frame of frames) await batcher.add(record(frame));
  await batcher.close(frames.at(-1)!.time + 1n);
}

async function batches(frames: readonly Given[], batchBytes: number): Promise<{ partition: number; batch: FrameBatch }[]> {
  const sent: { partition: number; batch: FrameBatch }[] = [];
  await run(frames, { batchBytes, send: (partition, bytes) => {
    sent.push({ partition, batch: decodeFrameBatch(bytes) });
    return Promise.resolve();
  } });
  return sent;
}

interface Seen { readonly kind: 'tick' | 'frame'; readonly text: string; readonly time: bigint; readonly bytes: number }

/** The records of a batch with the names that its header gives them. */
function contents({ header, frames }: FrameBatch): Seen[] {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  const seen: Seen[] = [];
  for (let at = 0; at < frames.length; at += view.getUint32(at, true)) {
    const time = view.getBigUint64(at + layout.FRAME_BOOT_NS, true);
    const bytes = view.getUint32(at, true);
    if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK) seen.push({ kind: 'tick', text: `tick ${time}`, time, bytes });
    else {
      const tap = header.taps[view.getUint16(at + layout.FRAME_TAP_ID, true)]!.name;
      const { key } = header.keys[view.getUint32(at + layout.FRAME_KEY_INDEX, true)]!;
      seen.push({ kind: 'frame', text: `${tap} ${view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true)} ${key}`, time, bytes });
    }
  }
  return seen;
}

const told = (all: readonly { partition: number; batch: FrameBatch }[]): string[] => all.flatMap(({ partition, batch }) => batch.header.taps.flatMap((tap) => [
  ...(tap.openedNs === undefined ? [] : [`${partition} ${tap.name} opened ${tap.openedNs}`]),
  ...(tap.closedNs === undefined ? [] : [`${partition} ${tap.name} closed ${tap.closedNs}`]),
])).toSorted();

describe('batches', () => {
  it('are closed at their size, hold each frame once in order in its key\'s partition, and are numbered from 1', async () => {
    await fc.assert(fc.asyncProperty(given, fc.integer({ min: 100, max: 3000 }), async (frames, batchBytes) => {
      const sent = await batches(frames, batchBytes);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const mine = sent.filter((one) => one.partition === partition).map(({ batch }) => batch);
        expect(mine.map(({ header }) => header.sequence)).toEqual(mine.map((_, index) => index + 1));
        const seen = mine.map(contents);
        for (const list of seen) {
          const last = list.at(-1);
          const others = list.reduce((sum, { bytes }) => sum + bytes, 0) - (last?.bytes ?? 0);
          expect(others, 'without the last frame and its tick the batch was not full').toBeLessThan(batchBytes + layout.FRAME_BYTES);
        }
        expect(seen.flat().filter(({ kind }) => kind === 'frame').map(({ text }) => text))
          .toEqual(frames.filter(({ key }) => partitionOf(keyName(key), PARTITIONS) === partition).map(({ tap, number, key }) => `tap${tap} ${number} ${keyName(key)}`));
      }
    }), { numRuns: 100 });
  });

  it('carry ticks of the 250 ms grid that never overtake a frame, and one at the end', async () => {
    await fc.assert(fc.asyncProperty(given, fc.integer({ min: 100, max: 3000 }), async (frames, batchBytes) => {
      const sent = await batches(frames, batchBytes);
      const end = frames.at(-1)!.time + 1n;
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const seen = sent.filter((one) => one.partition === partition).flatMap(({ batch }) => contents(batch));
        for (const [index, { time }] of seen.entries()) expect(index === 0 || time >= seen[index - 1]!.time).toBe(true);
        const ticks = seen.filter(({ kind }) => kind === 'tick').map(({ time }) => time);
        expect(ticks.every((time) => time === end || time % TICK_GRID_NS === 0n)).toBe(true);
        expect(seen.length === 0 || ticks.at(-1) === end).toBe(true);
        let previous: bigint | undefined;
        for (const { kind, time } of seen) {
          const grid = time - (time % TICK_GRID_NS);
          if (kind === 'frame' && previous !== undefined) expect(previous, 'the grid was passed before the frame').toBe(grid);
          if (time !== end || kind === 'frame') previous = grid;
        }
      }
    }), { numRuns: 100 });
  });

  it('tell of a tap\'s opening, closing and gaps in the partition of its own key only', async () => {
    await fc.assert(fc.asyncProperty(given, async (frames) => {
      const sent = await batches(frames, 500);
      const expected = Array.from({ length: TAPS }, (_, tap) => {
        const home = partitionOf(`tap/lab/tap${tap}`, PARTITIONS);
        const first = frames.find((frame) => frame.tap === tap)?.time ?? frames.at(-1)!.time + 1n;
        return [`${home} tap${tap} opened ${first}`, `${home} tap${tap} closed ${frames.at(-1)!.time + 1n}`];
      }).flat().toSorted();
      expect(told(sent)).toEqual(expected);
    }), { numRuns: 50 });
    const sent: FrameBatch[] = [];
    const batcher = new Batcher({ collector: 'c', epoch: '1', partitions: PARTITIONS, batchBytes: 1000, send: (partition, bytes) => {
      sent.push(decodeFrameBatch(bytes));
      expect(partition).toBe(partitionOf('tap/lab/t', PARTITIONS));
      return Promise.resolve();
    } });
    await batcher.gap(batcher.addTap({ name: 't', domain: 'lab', identity: identityOf(0), wallOffsetNs: 0n }), { fromNs: '1', toNs: '2', lost: 5, detail: 'ring full' });
    await batcher.flush();
    expect(sent.map(({ header }) => header.gaps)).toEqual([[{ tap: 0, fromNs: '1', toNs: '2', lost: 5, detail: 'ring full' }]]);
  });

  it('refuse a frame whose key was never told', async () => {
    const batcher = new Batcher({ collector: 'c', epoch: '1', partitions: 1, batchBytes: 1000, send: () => Promise.resolve() });
    batcher.addTap({ name: 't', domain: 'lab', identity: identityOf(0), wallOffsetNs: 0n });
    await expect(batcher.add(record({ tap: 0, key: 3, time: 1n, number: 1n, size: 0 }))).rejects.toThrow('frame record at byte 0 names key 3, which is not known');
  });
});

describe('a replay that was cut', () => {
  const directories: string[] = [];
  afterAll(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }); });

  async function openLog(): Promise<Log> {
    const directory = mkdtempSync(join(tmpdir(), 'routewatch-batching-'));
    directories.push(directory);
    const log = openEmbeddedLog(directory);
    await log.ensureTopics([{ topic: framesTopic, partitions: PARTITIONS }]);
    return log;
  }

  it('goes on by frame identity: wherever it was cut, the log has each frame, tick, opening and closing once and in order', async () => {
    await fc.assert(fc.asyncProperty(given, fc.integer({ min: 100, max: 2000 }), fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }), async (frames, batchBytes, cuts) => {
      const log = await openLog();
      for (const most of [...cuts, Infinity, Infinity]) await attempt(log, frames, batchBytes, most);
      const all = await logged(log);
      const whole = await batches(frames, batchBytes);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const mine = all.filter((one) => one.partition === partition);
        const texts = (list: readonly { partition: number; batch: FrameBatch }[]): string[] => list.filter((one) => one.partition === partition).flatMap(({ batch }) => contents(batch)).map(({ text }) => text);
        expect(texts(all)).toEqual(texts(whole));
        expect(mine.map(({ batch }) => batch.header.sequence)).toEqual(mine.map((_, index) => index + 1));
      }
      expect(told(all)).toEqual(told(whole));
      await log.close();
    }), { numRuns: 40 });
  });

  it('with the file grown since opens its taps again, and closes them at the new end', async () => {
    const log = await openLog();
    const frames = Array.from({ length: 20 }, (_, index): Given => ({ tap: 0, key: index % KEYS, time: 1_000_000_000n + BigInt(index) * 100_000_000n, number: BigInt(index + 1), size: 10 }));
    await attempt(log, frames.slice(0, 12), 300, Infinity);
    await attempt(log, frames, 300, Infinity);
    const home = partitionOf('tap/lab/tap0', PARTITIONS);
    expect(told(await logged(log)).filter((line) => line.includes('tap0'))).toEqual([
      `${home} tap0 opened ${frames[0]!.time}`, `${home} tap0 opened ${frames[12]!.time}`,
      `${home} tap0 closed ${frames[11]!.time + 1n}`, `${home} tap0 closed ${frames[19]!.time + 1n}`,
    ].toSorted());
    await log.close();
  });
});

async function logged(log: Log): Promise<{ partition: number; batch: FrameBatch }[]> {
  const all: { partition: number; batch: FrameBatch }[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const { value } of log.read(framesTopic, partition, 0n)) all.push({ partition, batch: decodeFrameBatch(value) });
  }
  return all;
}

/** Runs to the end, or until so many records are in the log. */
async function attempt(log: Log, frames: readonly Given[], batchBytes: number, most: number): Promise<void> {
  let records = 0;
  const send = async (partition: number, bytes: Uint8Array): Promise<void> => {
    if (records === most) throw new Error('cut');
    records += 1;
    await log.append(framesTopic, partition, [bytes]);
  };
  try {
    await run(frames, { batchBytes, send, resume: await readResume(log, PARTITIONS, 'test', '7') });
  } catch (error) {
    expect((error as Error).message).toBe('cut');
  }
}
