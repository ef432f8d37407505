/** The host on the modules as they ship: registry, codes, full output, ticks, checkpoints, skipped frames, the watchdog's thread. */
import { describe, expect, it } from 'vitest';
import type { DecoderExports } from '../contract/abi.ts';
import type { FrameBatch } from '../contract/batch.ts';
import * as layout from '../contract/generated/frame.ts';
import { tables } from '../contract/generated/tables.ts';
import { type Row, readRows, tableOf } from '../contract/row-reader.ts';
import { Codes, MOST_CONTEXTS, MOST_TAPS } from './codes.ts';
import { DecoderThread } from './decoder-thread.ts';
import { DecoderInstance, ModuleFault } from './instance.ts';
import { type LoadedModule, loadModule, registry } from './registry.ts';
import { ShadowSet, type Stretch } from './shadow-set.ts';
import { Traps } from './traps.ts';

const isis = loadModule(registry.find(({ name }) => name === 'isis')!);
const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;

/** A LAN hello (ISO 10589 9.7) of system `last`, with area 49.0001 and a hold time of 30 s; `size` bytes with trailing ones. */
function hello(last: number, size = 60): Uint8Array {
  const pdu = new Uint8Array(size);
  pdu.set([0x83, 27, 1, 0, 16, 1, 0, 0, 2, 0, 0, 0, 0, 0, last, 0, 30, 0, 33, 64, 0, 0, 0, 0, 0, last, 1, 1, 4, 3, 0x49, 0, 1]);
  return pdu;
}

interface Given { readonly pdu: Uint8Array; readonly at: bigint; readonly number: number }

function frameRecord({ pdu, at, number }: Given): Uint8Array {
  const before = 17;
  const record = new Uint8Array(Math.ceil((layout.FRAME_BYTES + before + pdu.length) / 8) * 8);
  const view = new DataView(record.buffer);
  view.setUint32(layout.FRAME_LENGTH, record.length, true);
  view.setUint8(layout.FRAME_PROTOCOL, layout.PROTOCOL_ISIS);
  view.setBigUint64(layout.FRAME_BOOT_NS, at, true);
  view.setBigUint64(layout.FRAME_FRAME_NUMBER, BigInt(number), true);
  view.setUint16(layout.FRAME_PAYLOAD_OFFSET, before, true);
  view.setUint32(layout.FRAME_PAYLOAD_LENGTH, pdu.length, true);
  view.setUint32(layout.FRAME_CAPTURED_LENGTH, before + pdu.length, true);
  view.setUint32(layout.FRAME_ORIGINAL_LENGTH, before + pdu.length, true);
  record.set([1, 0x80, 0xc2, 0, 0, 0x14, 2, 0, 0, 0, 0, pdu[14]!, 0, 60, 0xfe, 0xfe, 3], layout.FRAME_BYTES);
  record.set(pdu, layout.FRAME_BYTES + before);
  return record;
}

function batch(sequence: number, given: readonly Given[], clock?: bigint): FrameBatch {
  return {
    header: {
      collector: 'c', epoch: '1', partition: 0, sequence, gaps: [], ageNs: '0',
      taps: [{ name: 't', identity: 'ab'.repeat(16), state: 'open', clockNs: clock === undefined ? null : String(clock), wallOffsetNs: '0', lastFrame: '1' }],
      keys: [{ key: 'igp/lab/default/isis', domain: 'lab', networkInstance: 'default', link: 'l' }],
    },
    frames: new Uint8Array(Buffer.concat(given.map(frameRecord))),
  };
}

const shadows = (modules: readonly LoadedModule[] = [isis], seed = 1n): ShadowSet => new ShadowSet({ modules, seed, memoryLimitBytes: 1 << 28 });

function rowsIn(stretch: Stretch, table: string): Row[] {
  const codes = { contexts: new Map(stretch.contexts.map((one) => [one.code, one])), taps: new Map(stretch.taps.map((one) => [one.code, { tap: one.name, collector: one.collector }])) };
  return stretch.blocks.filter((block) => tableOf(block.table).name === table).flatMap((block) => readRows(block.table, block.bytes, codes));
}

describe('the registry', () => {
  it('has a module for each protocol, once', () => {
    expect(new Set(registry.map(({ protocol }) => protocol)).size).toBe(registry.length);
    for (const module of registry.map(loadModule)) expect(module.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says what to do when a module was not built', () => {
    expect(() => loadModule({ name: 'none', protocol: 9, version: '1' }).module).toThrow(/none\.wasm is not there: build the decoders with `make setup`/);
  });

  it('refuses what is no decoder', () => {
    const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    expect(() => new DecoderInstance({ name: 'empty', module: empty, seed: 1n, memoryLimitBytes: 1 << 20 })).toThrow('empty: speaks version none of the decoder contract; this program needs 1');
  });
});

describe('layouts', () => {
  it('are those that the modules say they write', () => {
    for (const { name, module } of registry.map(loadModule)) {
      const { layoutVersion } = new WebAssembly.Instance(module, { env: { abort: () => undefined } }).exports as Partial<DecoderExports>;
      expect(tables.map(({ id }) => `${id}.${layoutVersion?.(id)}`), name).toEqual(tables.map(({ layout: newest }) => newest));
    }
  });
});

describe('codes', () => {
  it('end with an error that says what to try, never in silence', () => {
    const codes = new Codes();
    const tap = (index: number): unknown => codes.tap('c', { name: `t${index}`, identity: index.toString(16).padStart(32, '0'), wallOffsetNs: '0' });
    for (let index = 0; index < MOST_TAPS; index++) tap(index);
    expect(() => tap(MOST_TAPS)).toThrow(/a partition can have 4096 taps, and one more came .*: spread the taps over more partitions/);
    expect(() => tap(7), 'known ones go on').not.toThrow();
    const context = (index: number): unknown => codes.context({ key: `k${index}`, domain: 'd', networkInstance: 'i', link: 'l' });
    for (let index = 0; index < MOST_CONTEXTS; index++) context(index);
    expect(() => context(MOST_CONTEXTS)).toThrow(/a partition can have 262144 shadow keys on links, and one more came \(k262144 on l\)/);
  });

  it('are taken by the modules up to the last, and refused behind it', () => {
    const instance = new DecoderInstance({ name: 'isis', module: isis.module, seed: 1n, memoryLimitBytes: 1 << 28 });
    const identity = new Uint8Array(16);
    expect(() => { instance.addTap(MOST_TAPS - 1, identity, 0n); instance.addContext(MOST_CONTEXTS - 1, MOST_CONTEXTS - 1, 0, identity); }).not.toThrow();
    expect(() => { instance.addTap(MOST_TAPS, identity, 0n); }).toThrow('isis: refused tap 4096: its table is full');
    expect(() => { instance.addContext(MOST_CONTEXTS, 0, 0, identity); }).toThrow(ModuleFault);
  });
});

describe('a shadow set', () => {
  it('goes on where output was full: megabytes of rows of one batch, each once and in order', () => {
    const given = Array.from({ length: 300 }, (_, index): Given => {
      const pdu = hello(1, 9000);
      pdu[2] = 9;
      return { pdu, at: START + BigInt(index), number: index + 1 };
    });
    const stretch = shadows().process(0n, batch(1, given));
    const rows = rowsIn(stretch, 'quarantine');
    expect(rows.map((row) => row['frame_index'])).toEqual(given.map((_, index) => index));
    expect(stretch.blocks.reduce((sum, block) => sum + block.bytes.length, 0)).toBeGreaterThan(2 << 20);
    expect(rows.every((row) => row['error'] === 'isis.version')).toBe(true);
  });

  it('puts a frame of 64 KB into quarantine whole', () => {
    const pdu = hello(1, 65_500);
    pdu[2] = 9;
    const [row] = rowsIn(shadows().process(0n, batch(1, [{ pdu, at: START, number: 1 }])), 'quarantine');
    expect(row!['error']).toBe('isis.version');
    expect(String(row!['bytes']).length, 'hex, at least the first half').toBeGreaterThanOrEqual(60_000);
  });

  it('lets a deadline pass by the clock of a batch without frames, dated at the deadline', () => {
    const set = shadows();
    const first = set.process(0n, batch(1, [{ pdu: hello(1), at: START, number: 1 }, { pdu: hello(2), at: START + 1n, number: 2 }]));
    expect(rowsIn(first, 'adjacency_events').length).toBeGreaterThan(0);
    const later = set.process(1n, batch(2, [], START + 100n * SECOND));
    const expired = rowsIn(later, 'adjacency_events');
    expect(expired.length).toBeGreaterThan(0);
    for (const row of expired) expect(BigInt(String(row['decided_time']))).toBeLessThanOrEqual(START + 31n * SECOND);
  });

  it('drops a batch that was shipped twice', () => {
    const set = shadows();
    const one = batch(1, [{ pdu: hello(1), at: START, number: 1 }]);
    expect(set.process(0n, one).blocks).not.toEqual([]);
    expect(set.process(1n, one).blocks).toEqual([]);
  });

  it('passes over a skipped frame and says so in quarantine: error, source line, bytes, place', () => {
    const given = [1, 2, 3].map((last): Given => ({ pdu: hello(last), at: START + BigInt(last), number: last }));
    const set = shadows();
    const stretch = set.process(5n, batch(1, given), { skipped: [{ index: 1, error: 'trap', sourceLine: 'lan.ts:7' }], resets: [], isDecided: true });
    const [row, ...more] = rowsIn(stretch, 'quarantine');
    expect(more).toEqual([]);
    expect(row).toMatchObject({ error: 'trap', source_line: 'lan.ts:7', protocol: 'isis', frame_offset: 5n, frame_index: 1, tap: 't', link: 'l' });
    expect(String(row!['bytes'])).toContain(Buffer.from(hello(2)).toString('hex'));
    const routers = JSON.stringify(stretch.blocks.filter((block) => tableOf(block.table).name !== 'quarantine').map((block) => Buffer.from(block.bytes).toString('latin1')));
    expect(routers).not.toContain('0000.0000.0002');
  });

  it('gives the same rows after export and import with another seed', () => {
    const given = (from: number): Given[] => [1, 2, 3].map((last): Given => ({ pdu: hello(last), at: START + BigInt(from * 10 + last) * SECOND, number: from * 3 + last }));
    const one = shadows();
    const other = shadows([isis], 99n);
    for (let round = 0; round < 5; round++) {
      const blocks = (set: ShadowSet): unknown => set.process(BigInt(round), batch(round + 1, given(round))).blocks.map(({ table, bytes }) => [table, Buffer.from(bytes).toString('hex')]);
      expect(blocks(other)).toEqual(blocks(one));
      other.reload(BigInt(round));
    }
    const [a, b] = [one.of(1)!.exportState(), other.of(1)!.exportState()];
    expect(Buffer.from(a).equals(b), 'equal states give equal bytes').toBe(true);
  });

  it('refuses a checkpoint that is cut off or foreign', () => {
    const set = shadows();
    set.process(0n, batch(1, [{ pdu: hello(1), at: START, number: 1 }]));
    const state = set.of(1)!.exportState();
    const fresh = (): DecoderInstance => new DecoderInstance({ name: 'isis', module: isis.module, seed: 1n, memoryLimitBytes: 1 << 28 });
    expect(() => { fresh().importState(state.subarray(0, state.length - 1)); }).toThrow('the checkpoint cannot be read by this module');
    expect(() => { fresh().importState(new Uint8Array(100).fill(0xff)); }).toThrow(ModuleFault);
  });
});

describe('traps of a key', () => {
  it('are too many where one more than the limit falls into the window, and are counted anew behind a reset', () => {
    const traps = new Traps({ mostTraps: 3, windowNs: 60n * SECOND });
    const note = (key: string, ...seconds: number[]): boolean[] => seconds.map((second) => traps.note(key, START + BigInt(second) * SECOND));
    expect(note('a', 0, 30, 59, 60, 100)).toEqual([false, false, false, false, false]);
    expect(note('b', 0, 1)).toEqual([false, false]);
    const other = new Traps({ mostTraps: 3, windowNs: 60n * SECOND });
    other.import(traps.export());
    expect(note('a', 101)).toEqual([true]);
    expect(other.note('a', START + 101n * SECOND)).toBe(true);
    traps.forget('a');
    expect(note('a', 102)).toEqual([false]);
  });
});

describe('a decoder thread', () => {
  it('answers in order, keeps silent when told to, and explains a frame', async () => {
    const thread = new DecoderThread({ modules: registry, seed: 1n, memoryLimitBytes: 1 << 28, patienceMs: 20_000 });
    const one = batch(1, [{ pdu: hello(1), at: START, number: 1 }, { pdu: hello(2), at: START + 1n, number: 2 }]);
    const two = batch(2, [{ pdu: hello(1), at: START + SECOND, number: 3 }]);
    const [silent, spoken, explained] = await Promise.all([
      thread.process(0n, one, { silent: true }), thread.process(1n, two), thread.explain(layout.PROTOCOL_ISIS, frameRecord({ pdu: hello(1), at: START, number: 1 })),
    ]);
    expect(silent.blocks).toEqual([]);
    const alone = shadows();
    alone.process(0n, one);
    expect(spoken.blocks.map(({ table, rows }) => [table, rows])).toEqual(alone.process(1n, two).blocks.map(({ table, rows }) => [table, rows]));
    expect(JSON.stringify(explained)).toContain('0000.0000.0001');
    await thread.stop();
  });

  it('that is asked for an unknown protocol says so and lives on', async () => {
    const thread = new DecoderThread({ modules: registry, seed: 1n, memoryLimitBytes: 1 << 28, patienceMs: 20_000 });
    await expect(thread.explain(200, new Uint8Array(64))).rejects.toThrow('no decoder takes protocol 200');
    await expect(thread.query(1, {})).resolves.toBeNull();
    await thread.stop();
  });
});
