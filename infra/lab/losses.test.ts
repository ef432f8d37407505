/** Batches that never come, come twice or come late: rows say what was missed, and no deadline passes on what was not seen. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ShadowSet, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { batchesOf, comparable, coverage, decodeBatches, lastBoot } from './testing.ts';

const SECOND = 1_000_000_000n;
const captures = join(import.meta.dirname, 'captures');
const files = (lab: string): string[] => readdirSync(join(captures, lab)).filter((name) => name.includes('.pcap') && !name.includes('.mid.')).map((name) => join(captures, lab, name)).toSorted();

const of = (rows: ReadonlyMap<string, readonly Row[]>, table: string): readonly Row[] => rows.get(table) ?? [];
/** Rows that a timer decided: hold times, dead intervals, silence. */
const timed = (rows: ReadonlyMap<string, readonly Row[]>): Row[] => [...of(rows, 'adjacency_events'), ...of(rows, 'session_events')].filter((row) => row['evidence'] === 'timer');

/** The batches without those that begin within `forNs` behind the end of batch `after`. */
function without(batches: readonly FrameBatch[], after: number, forNs: bigint): FrameBatch[] {
  const from = lastBoot(batches[after]!);
  return batches.filter((batch, index) => index <= after || index >= batches.length - 2 || lastBoot(batch) > from + forNs);
}

describe.each(['isis-lan3', 'ospf-lan', 'bgp-basic'])('%s: batches that never come', (lab) => {
  it('give a gap, name the keys, and let no deadline pass on what was not seen, wherever they are missing', async () => {
    const [file] = files(lab);
    const batches = await batchesOf(file!, 3000);
    let tried = 0;
    for (let after = 2; after < batches.length - 4; after += Math.max(1, Math.floor(batches.length / 12))) {
      for (const forNs of [45n * SECOND, 200n * SECOND]) {
        const lossy = without(batches, after, forNs);
        if (lossy.length === batches.length) continue;
        tried += 1;
        const rows = decodeBatches(lossy);
        const [gap] = coverage(rows, 'gap');
        const missing = batches.length - lossy.length;
        expect(String(gap?.['detail'])).toContain(missing === 1 ? `batch ${after + 2} of` : `batches ${after + 2} to ${after + 1 + missing} of collector decode, epoch 1, never came`);
        expect(gap!['from']).toBe(lastBoot(batches[after]!));
        expect(coverage(rows, 'coverage-suspect').length).toBeGreaterThan(0);
        const [from, to] = [gap!['from'] as bigint, gap!['to'] as bigint];
        expect(timed(rows).filter((row) => (row['decided_time'] as bigint) > from && (row['decided_time'] as bigint) <= to)).toEqual([]);
        expect(comparable(decodeBatches(lossy, { reloadEvery: 1, seed: 99n })), `after batch ${after}, reloaded at every batch`).toEqual(comparable(rows));
      }
    }
    expect(tried).toBeGreaterThan(5);
  });
});

describe('batches that come twice', () => {
  it.each(['isis-lan3', 'ospf-lan', 'bgp-basic'])('%s: are dropped and counted: at once, and after others', async (lab) => {
    const [file] = files(lab);
    const batches = await batchesOf(file!, 5000);
    const expected = comparable(decodeBatches(batches));
    const again = batches.flatMap((batch, index) => [batch, ...(index % 3 === 0 ? [batch] : []), ...(index > 4 && index % 5 === 0 ? batches.slice(index - 4, index) : [])]);
    expect(comparable(decodeBatches(again))).toEqual(expected);
    const set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 28 });
    again.forEach((batch, index) => { set.process(BigInt(index), batch); });
    expect(set.doubled).toBe(again.length - batches.length);
  });
});

describe('a gap in a header', () => {
  it('is told once, and holds its tap like a jump', async () => {
    const [file] = files('isis-lan3');
    const batches = await batchesOf(file!, 3000);
    const after = Math.floor(batches.length / 2);
    const from = lastBoot(batches[after]!);
    const lossy = without(batches, after, 45n * SECOND).map((batch, index) => ({ ...batch, header: { ...batch.header, sequence: index + 1 } }));
    const { header } = lossy[after + 1]!;
    const [tap] = header.taps;
    lossy[after + 1] = { ...lossy[after + 1]!, header: {
      ...header, keys: [...header.keys, { key: `tap/default/${tap!.name}`, domain: 'default', networkInstance: 'default', link: tap!.name }],
      taps: [{ ...tap!, key: header.keys.length }], gaps: [{ tap: 0, fromNs: String(from), toNs: String(from + 45n * SECOND), lost: 17, detail: 'ring full' }],
    } };
    const rows = decodeBatches(lossy);
    expect(coverage(rows, 'gap')).toMatchObject([{ from, to: from + 45n * SECOND, lost: 17n, detail: 'ring full' }]);
    expect(coverage(rows, 'coverage-suspect').length).toBeGreaterThan(0);
    expect(timed(rows).filter((row) => (row['decided_time'] as bigint) > from && (row['decided_time'] as bigint) <= from + 45n * SECOND)).toEqual([]);
    // Without the word of a gap the silence is believed.
    const silent = lossy.map((batch) => ({ ...batch, header: { ...batch.header, gaps: [] } }));
    expect(timed(decodeBatches(silent)).length).toBeGreaterThan(timed(rows).length);
  });
});

/** The batch as another tap of the same link would have shipped it. */
function elsewhere(batch: FrameBatch, tap: { readonly name: string; readonly collector: string; readonly ageNs: bigint }): FrameBatch {
  const { header } = batch;
  return { frames: batch.frames, header: {
    ...header, collector: tap.collector, ageNs: String(tap.ageNs), gaps: [],
    taps: header.taps.map(({ key: _key, openedNs: _opened, closedNs: _closed, ...rest }) => ({ ...rest, state: 'open', name: tap.name, identity: Buffer.from(tap.name.padEnd(16)).toString('hex') })),
  } };
}

/** The batch with a second tap of the same link, which shows each frame at the same time unless `loses` says so; ticks are for both. */
function doubled(batch: FrameBatch, loses: () => boolean): FrameBatch {
  const view = new DataView(batch.frames.buffer, batch.frames.byteOffset, batch.frames.length);
  const pieces: Uint8Array[] = [];
  const second = batch.header.taps.length;
  for (let at = 0; at < batch.frames.length; at += view.getUint32(at, true)) {
    const record = batch.frames.slice(at, at + view.getUint32(at, true));
    pieces.push(record);
    if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK || loses()) continue;
    const other = record.slice();
    new DataView(other.buffer).setUint16(layout.FRAME_TAP_ID, second, true);
    pieces.push(other);
  }
  const { key: _key, openedNs: _opened, closedNs: _closed, ...tap } = batch.header.taps[0]!;
  const taps = [...batch.header.taps, { ...tap, name: 'lossy', identity: Buffer.from('lossy'.padEnd(16)).toString('hex') }];
  return { header: { ...batch.header, taps }, frames: new Uint8Array(Buffer.concat(pieces)) };
}

/** Facts without what names the tap and frame that told them first. */
function facts(rows: ReadonlyMap<string, readonly Row[]>): string[] {
  const list = ['adjacency_events', 'session_events', 'lsdb_changes', 'topology_changes', 'route_changes'].map((table) => [table, of(rows, table).map(({ event_id: _id, tap: _tap, collector: _collector, ordinal: _ordinal, ...row }) => row)] as const);
  return comparable(new Map(list));
}

const HOUR = 3600n * SECOND;

describe.each(['isis-lan3', 'ospf-lan', 'bgp-basic'])('%s: two taps on one link', (lab) => {
  it('one of them an hour late: it moves no fact, whenever its frames come', async () => {
    const [file] = files(lab);
    const batches = await batchesOf(file!, 5000);
    const expected = facts(decodeBatches(batches));
    const late = batches.map((batch) => elsewhere(batch, { name: 'late', collector: 'far', ageNs: HOUR }));
    expect(facts(decodeBatches([...batches.slice(0, -1), ...late, batches.at(-1)!])), 'all at the end').toEqual(expected);
    const interleaved = batches.flatMap((batch, index) => [batch, ...(index >= 5 ? [late[index - 5]!] : [])]);
    const set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 28 });
    interleaved.forEach((batch, index) => { set.process(BigInt(index), batch); });
    expect(set.history).toBeGreaterThan(10);
    expect(facts(decodeBatches(interleaved, { reloadEvery: 3 }))).toEqual(expected);
  });

  it('alone and late it fills history, and its rows say that they are late', async () => {
    const [file] = files(lab);
    const late = (await batchesOf(file!, 5000)).map((batch) => elsewhere(batch, { name: 'late', collector: 'far', ageNs: HOUR }));
    const rows = decodeBatches(late);
    const told = [...of(rows, 'adjacency_events'), ...of(rows, 'session_events')];
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter((row) => row['evidence'] !== 'timer' && row['late'] !== true)).toEqual([]);
  });
});

describe.each(['isis-lan3', 'ospf-lan', 'bgp-basic'])('%s: two taps on one link, one of them lossy', (lab) => {
  it('give the facts of the good one', async () => {
    const [file] = files(lab);
    const batches = await batchesOf(file!, 3000);
    let state = 12345;
    const loses = (): boolean => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return (state >>> 16) % 10 < 6; };
    const both = batches.map((batch) => doubled(batch, loses));
    // A deadline waits for the slower clock of the two, at most to the next tick: what the good tap shows meanwhile may
    // prove the same transition first, with another reason.
    const effective = (rows: Map<string, Row[]>): string[] => facts(new Map([...rows].map(([table, list]) => [table, list.map(({ decided_time: _decided, evidence: _evidence, confidence: _confidence, reason: _reason, ...row }) => row)])));
    expect(effective(decodeBatches(both))).toEqual(effective(decodeBatches(batches)));
  });
});
