/** A log that gets other partitions midway: its frames as if they had come to a log of that count, and the same rows from then on. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { type RegisteredModule, registry } from '../../decoders-wasm/contract/host.ts';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import { compileDecoder } from '../../infra/lab/compile-decoder.ts';
import { comparable, loggedRows } from '../../infra/lab/testing.ts';
import { decodeEventsRecord } from '../../stream/contract/events-record.ts';
import { decodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, eventsTopic, framesTopic } from '../../stream/contract/log.ts';
import type { EmbeddedLog } from '../../stream/log/embedded/index.ts';
import { type OpenGeneration, ensureManifest, openCurrent, openGeneration } from '../../stream/log/embedded/manifest.ts';
import { Worker } from '../../stream/worker/index.ts';
import { labCaptures, scratch } from '../testing.ts';
import { openCaptures } from './captures.ts';
import { replayInto } from './replay.ts';
import { repartitionLog } from './repartition.ts';

const lan = labCaptures('isis-lan3');
const demo = labCaptures('demo');
const place = scratch();
// A capture whose last packet is cut off leaves a gap.
writeFileSync(place.path('cut.pcap'), gunzipSync(readFileSync(lan[0]!)).subarray(0, 20_000));
afterAll(() => { place.remove(); });

interface Step {
  readonly files: readonly string[];
  readonly domain: string;
  /** Capture time up to which it goes, or packets after which it is broken off. */
  readonly untilNs?: bigint;
  readonly breakAfter?: number;
}

/** Replays into the log and lets a worker decode it to the end. */
async function work(directory: string, steps: readonly Step[], partitions?: number, modules: readonly RegisteredModule[] = registry): Promise<void> {
  const { log, partitions: count } = await openCurrent(directory, partitions);
  for (const { files, domain, untilNs, breakAfter } of steps) {
    const stop = new AbortController();
    await replayInto({ log, partitions: count }, {
      captures: await openCaptures(files), tapNames: files.map((file) => basename(file)), domain, shiftNs: 0n, batchBytes: 30_000, signal: stop.signal,
      ...(untilNs === undefined ? {} : { untilNs }),
      progress: (packets) => { if (breakAfter !== undefined && packets >= breakAfter) stop.abort(); },
    });
  }
  const worker = new Worker({ log, partitions: Array.from({ length: count }, (_, partition) => partition), owner: `owner-${Math.random()}`, modules });
  await worker.start();
  await worker.drained();
  await worker.stop();
  await log.close();
}

/** The rows of the generation that is written to. */
async function tablesOf(directory: string): Promise<Map<string, Row[]>> {
  const { log, partitions } = await openCurrent(directory);
  const rows = await loggedRows(log, partitions);
  await log.close();
  return rows;
}

async function rowsOf(directory: string): Promise<string[]> {
  return comparable(await tablesOf(directory));
}

/** Ticks and frames of each partition in order, whatever the batches; and what its headers tell of taps. */
async function framesOf({ log, partitions }: OpenGeneration): Promise<string[][]> {
  const all: string[][] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const seen: string[] = [];
    const told: string[] = [];
    for await (const { value } of log.read(framesTopic, partition, 0n)) {
      const { header, frames } = decodeFrameBatch(value);
      const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
      for (let at = 0; at < frames.length; at += view.getUint32(at, true)) {
        const time = view.getBigUint64(at + layout.FRAME_BOOT_NS, true);
        if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK) seen.push(`tick ${time}`);
        else {
          const bytes = createHash('sha256').update(frames.subarray(at + layout.FRAME_BYTES, at + view.getUint32(at, true))).digest('hex').slice(0, 8);
          seen.push(`${header.taps[view.getUint16(at + layout.FRAME_TAP_ID, true)]!.name} ${view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true)} ${time} ${header.keys[view.getUint32(at + layout.FRAME_KEY_INDEX, true)]!.key} ${bytes}`);
        }
      }
      for (const tap of header.taps) if (tap.openedNs !== undefined || tap.closedNs !== undefined) told.push(`${tap.name} ${tap.openedNs ?? ''} ${tap.closedNs ?? ''}`);
      for (const { tap, ...gap } of header.gaps) told.push(`gap ${header.taps[tap]!.name} ${JSON.stringify(gap)}`);
    }
    all.push([...seen, ...told.toSorted()]);
  }
  return all;
}

const lines = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n;
/** Two domains one after the other, one broken off amid another's frames, one that ends early and goes on later. */
const before: readonly Step[] = [
  { files: lan, domain: 'lan', untilNs: lines('2026-11-21T02:20:00Z') }, { files: demo, domain: 'demo', breakAfter: 400 },
  { files: labCaptures('vlan-twins'), domain: 'twins' }, { files: [place.path('cut.pcap')], domain: 'cut' }, { files: demo, domain: 'demo', breakAfter: 900 },
];
const after: readonly Step[] = [{ files: lan, domain: 'lan' }, { files: demo, domain: 'demo' }];

describe('a log of other partitions', () => {
  for (const [from, to] of [[2, 5], [3, 1]] as const) {
    it(`from ${from} to ${to}: the frames, and every row from then on, are those of a log that had ${to} from the start`, async () => {
      const grown = place.path(`grown-${from}-${to}`);
      const control = place.path(`control-${from}-${to}`);
      await work(grown, before, from);
      await work(control, before, to);
      expect(await repartitionLog(grown, to)).toEqual({ number: 2, folder: 'generation-2', partitions: to });
      const [next, same] = [await openCurrent(grown), await openCurrent(control)];
      expect(await framesOf(next)).toEqual(await framesOf(same));
      for (let partition = 0; partition < to; partition++) {
        const { next: events } = await next.log.bounds(eventsTopic, partition);
        expect(events).toBe((await next.log.bounds(framesTopic, partition)).next > 0n ? 2n : 1n);
        if (events > 1n) expect((await next.log.bounds(checkpointsTopic, partition)).next).toBeGreaterThan(1n);
      }
      await next.log.close();
      await same.log.close();
      const known = new Set(await rowsOf(control));
      await work(grown, after);
      await work(control, after);
      const fromThenOn = (await rowsOf(control)).filter((row) => !known.has(row));
      expect(fromThenOn.length).toBeGreaterThan(500);
      expect(await rowsOf(grown)).toEqual(fromThenOn);
    });
  }

  it('passes over the frames that trapped before, and has dropped the same state, without a word', async () => {
    const modules = [await compileDecoder('stumbler', place.path('.')), ...registry.slice(1)];
    const twins = labCaptures('vlan-twins');
    const [grown, control] = [place.path('trapped'), place.path('trapped-control')];
    await work(grown, [{ files: twins, domain: 'twins', breakAfter: 300 }], 2, modules);
    await work(control, [{ files: twins, domain: 'twins', breakAfter: 300 }], 3, modules);
    const known = new Set(await rowsOf(control));
    expect([...known].filter((row) => row.includes('"what":"state-reset"'))).toHaveLength(1);
    await repartitionLog(grown, 3, modules);
    const { log } = await openCurrent(grown);
    let skipped = 0;
    for (let partition = 0; partition < 3; partition++) {
      for await (const { value } of log.read(eventsTopic, partition, 0n)) skipped += decodeEventsRecord(value).header.skipped?.length ?? 0;
    }
    await log.close();
    expect(skipped).toBe([...known].filter((row) => row.startsWith('quarantine') && row.includes('"error":"trap"')).length);
    await work(grown, [{ files: twins, domain: 'twins' }], undefined, modules);
    await work(control, [{ files: twins, domain: 'twins' }], undefined, modules);
    expect(await rowsOf(grown)).toEqual((await rowsOf(control)).filter((row) => !known.has(row)));
  }, 120_000);

  it('whose first frames are gone says of each key that its state is not known, and goes on, past a record that is no batch', async () => {
    const directory = place.path('trimmed');
    await work(directory, before, 2);
    const old = await openCurrent(directory);
    const keys = new Set<string>();
    for (let partition = 0; partition < 2; partition++) {
      const { next } = await old.log.bounds(framesTopic, partition);
      for await (const { value } of old.log.read(framesTopic, partition, 0n)) for (const { key, link } of decodeFrameBatch(value).header.keys) if (!key.startsWith('tap/')) keys.add(`${key} ${link}`);
      await (old.log as EmbeddedLog).deleteBefore(framesTopic, partition, next / 2n);
    }
    await old.log.append(framesTopic, 0, [Buffer.from('no frame batch')]);
    await old.log.close();
    await work(directory, []);
    await repartitionLog(directory, 3);
    await work(directory, after);
    const rows = await tablesOf(directory);
    const coverage = rows.get('coverage_events')!.filter((row) => String(row['detail']).includes('other partitions'));
    expect(coverage.filter((row) => row['what'] === 'gap').map((row) => row['tap'])).toEqual(['frames-log', 'frames-log', 'frames-log']);
    expect(coverage.filter((row) => row['what'] === 'coverage-lost').map((row) => `${String(row['subject'])} ${String(row['link'])}`).toSorted()).toEqual([...keys].toSorted());
    expect(new Set(coverage.map((row) => row['event_id'])).size).toBe(coverage.length);
    expect(rows.get('adjacency_events')!.length).toBeGreaterThan(20);
  });

  it('is refused by whoever asks for another count, and while rows are still to be written', async () => {
    const directory = place.path('refused');
    const { log, partitions } = await openCurrent(directory, 2);
    await replayInto({ log, partitions }, { captures: await openCaptures(lan), tapNames: lan.map((file) => basename(file)), domain: 'lan', shiftNs: 0n });
    await log.close();
    await expect(repartitionLog(directory, 3)).rejects.toThrow(/partition \d is not drained: its rows are written up to 0, its frames reach to \d/);
    expect(ensureManifest(directory).generations.length).toBe(1);
    await expect(openGeneration(directory, { number: 1, folder: '.', partitions: 3 })).rejects.toThrow('has 2 partitions; 3 were asked for');
  });
});
