/** What leaves a module: rows, the codes they use, checkpoints; and the walk over frame records. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { FRAME_BYTES, FRAME_BOOT_NS, FRAME_CAPTURED_LENGTH, FRAME_LENGTH, FRAME_PAYLOAD_OFFSET, FRAME_PROTOCOL, FRAME_TAP_ID, PROTOCOL_TICK, TAP_ALL } from '../contract/generated/frame.ts';
import { compileOperations, Operations } from './testing/load.ts';

let module: WebAssembly.Module;
beforeAll(async () => { module = await compileOperations(); });

interface Block { readonly table: number; readonly rows: number; readonly bytes: Uint8Array }

function waiting(wasm: Operations): { blocks: Block[]; contexts: number[]; taps: number[] } {
  const codes = (at: string, count: string): number[] => {
    const bytes = wasm.bytes(wasm.call(at), wasm.call(count) * 4);
    return [...new Uint32Array(bytes.buffer)];
  };
  const descriptors = new DataView(wasm.bytes(wasm.call('rowDescriptors'), wasm.call('rowDescriptorCount') * 16).buffer);
  const blocks: Block[] = [];
  for (let at = 0; at < descriptors.byteLength; at += 16) {
    const word = (index: number): number => descriptors.getUint32(at + index * 4, true);
    blocks.push({ table: word(0), rows: word(1), bytes: wasm.bytes(word(2), word(3)) });
  }
  return { blocks, contexts: codes('usedContexts', 'usedContextCount'), taps: codes('usedTaps', 'usedTapCount') };
}

/** A row as RowBinary: context u32, tap u16, String. */
function rowBytes(text: Uint8Array, context: number, tap: number): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(context, 0);
  head.writeUInt16LE(tap, 4);
  const length: number[] = [];
  let left = text.length;
  for (; left >= 0x80; left = Math.floor(left / 128)) length.push((left % 128) + 128);
  return Buffer.concat([head, Uint8Array.from([...length, left]), text]);
}

describe('rows', () => {
  const rows = fc.array(fc.record({
    table: fc.integer({ min: 1, max: 63 }), length: fc.oneof(fc.nat(300), fc.constantFrom(127, 128, 16_383, 16_384, 65_525, 65_526, 70_000, 200_000)),
    context: fc.oneof(fc.nat(20), fc.nat((1 << 18) - 1)), tap: fc.nat(4095),
  }), { maxLength: 40 });

  it('leave by table in the order in which they were written, as RowBinary, with the codes that they use, drain after drain', () => {
    fc.assert(fc.property(fc.array(rows, { minLength: 1, maxLength: 3 }), (drains) => {
      const wasm = new Operations(module);
      const text = new Uint8Array(200_000).map((_, i) => i * 7);
      const at = wasm.put(text);
      for (const list of drains) {
        const expected = new Map<number, Buffer[]>();
        for (const { table, length, context, tap } of list) {
          expect(wasm.call('row', table, at, length, context, tap)).toBe(1);
          expected.set(table, [...expected.get(table) ?? [], rowBytes(text.subarray(0, length), context, tap)]);
        }
        const { blocks, contexts, taps } = waiting(wasm);
        for (const [table, parts] of expected) {
          const mine = blocks.filter((block) => block.table === table);
          expect(Buffer.concat(mine.map((block) => block.bytes)).equals(Buffer.concat(parts))).toBe(true);
          expect(mine.reduce((sum, block) => sum + block.rows, 0)).toBe(parts.length);
        }
        expect(contexts).toEqual([...new Set(list.map(({ context }) => context))]);
        expect(taps).toEqual([...new Set(list.map(({ tap }) => tap))]);
        wasm.call('drained');
        expect(wasm.call('rowDescriptorCount')).toBe(0);
      }
    }), { numRuns: 60 });
  });

  it('take the same memory again after each drain', () => {
    const wasm = new Operations(module);
    const round = (): number => {
      for (let i = 0; i < 200; i++) wasm.call('row', i % 64, wasm.inputAt, i % 5 === 0 ? 100_000 : 1000, i, i);
      wasm.call('drained');
      return wasm.call('memoryNext');
    };
    const first = round();
    expect(round()).toBe(first);
    expect(wasm.call('segmentsInUse')).toBe(0);
  });

  it('ask for a drain at 256 KB and keep what is written beyond', () => {
    const wasm = new Operations(module);
    let rowsWritten = 0;
    for (; wasm.call('rowsFull') === 0; rowsWritten++) wasm.call('row', 1, wasm.inputAt, 10_000, 0, 0);
    expect(rowsWritten).toBe(Math.ceil((1 << 18) / 10_008));
    for (let more = 0; more < 1000; more++) expect(wasm.call('row', 2, wasm.inputAt, 60_000, 0, 0)).toBe(1);
    expect(waiting(wasm).blocks.length, 'more descriptors than there was room for at first').toBeGreaterThan(1000);
  });

  it('that no piece can hold, or that memory refuses, are counted and leave the others whole', () => {
    const wasm = new Operations(module, 1n, 3 << 20);
    expect(wasm.call('row', 1, wasm.inputAt, 100, 0, 0)).toBe(1);
    expect(wasm.call('row', 1, wasm.inputAt, (1 << 20) - 26, 0, 0), 'one megabyte is the most, with what a copy may write beyond').toBe(1);
    expect(wasm.call('row', 1, wasm.inputAt, (1 << 20) - 25, 0, 0)).toBe(0);
    let taken = 2;
    let refused = 1;
    for (let i = 0; i < 100; i++) {
      if (wasm.call('row', i % 64, wasm.inputAt, 60_000, i * 1000, i) === 1) taken += 1;
      else refused += 1;
    }
    expect(refused).toBeGreaterThan(50);
    expect(wasm.call('rowsRefused')).toBe(refused);
    expect(waiting(wasm).blocks.reduce((sum, block) => sum + block.rows, 0)).toBe(taken);
    wasm.call('drained');
    expect(wasm.call('row', 1, wasm.inputAt, 60_000, 0, 0), 'drained memory serves again').toBe(1);
  });
});

describe('an instance', () => {
  it('takes less than 200 KB before its first row beyond the input', () => {
    const wasm = new Operations(module);
    expect(wasm.call('memoryNext') - wasm.inputAt - (1 << 20) - (1 << 18)).toBeLessThan(1024);
    wasm.call('addTap', 0, wasm.inputAt);
    wasm.call('row', 1, wasm.inputAt, 10, 0, 0);
    expect(wasm.call('memoryNext') - wasm.inputAt - (1 << 20) - (1 << 18)).toBeLessThan(200_000);
  });
});

describe('a checkpoint', () => {
  const fields = fc.array(fc.oneof(
    fc.record({ kind: fc.constantFrom('U8', 'U16', 'U32'), value: fc.nat(0xffffffff) }),
    fc.record({ kind: fc.constant('U64'), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
    fc.record({ kind: fc.constant('Bytes'), value: fc.constantFrom(0, 1, 100, 65_535, 65_536, 65_537, 150_000) }),
  ), { maxLength: 30 });
  const widths: Readonly<Record<string, bigint>> = { U8: 0xffn, U16: 0xffffn, U32: 0xffffffffn, U64: 2n ** 64n - 1n };

  it('reads back what was written, over pieces, and fails where it ends', () => {
    fc.assert(fc.property(fields, (list) => {
      const wasm = new Operations(module);
      const blob = new Uint8Array(150_000).map((_, i) => i * 13);
      wasm.put(blob);
      wasm.call('stateBegin');
      for (const { kind, value } of list) {
        if (kind === 'Bytes') wasm.call('stateBytes', wasm.inputAt, value);
        else wasm.call(`state${kind}`, typeof value === 'bigint' ? BigInt.asIntN(64, value) : value | 0);
      }
      expect(wasm.call('stateFailed')).toBe(0);
      const state = exported(wasm);
      wasm.call('stateDrained');
      expect(wasm.call('segmentsInUse')).toBe(0);
      fc.pre(state.length <= 1 << 20);
      wasm.call('readerOver', wasm.put(state), state.length);
      for (const { kind, value } of list) {
        if (kind === 'Bytes') expect(Buffer.from(wasm.bytes(wasm.call('readerBytes', value), value)).equals(blob.subarray(0, value))).toBe(true);
        else if (kind === 'U64') expect(wasm.big('readerU64')).toBe(value);
        else expect(BigInt(wasm.call(`reader${kind}`) >>> 0)).toBe(BigInt(value) & widths[kind]!);
      }
      expect(wasm.call('readerFailed')).toBe(0);
      expect(wasm.call('readerU8')).toBe(0);
      expect(wasm.call('readerFailed')).toBe(1);
      expect(wasm.call('readerBytes', 0xffffffff | 0)).toBe(0);
    }), { numRuns: 60 });
  });

  it('that memory refuses has failed, and the next one may hold', () => {
    const wasm = new Operations(module, 1n, 3 << 20);
    wasm.call('stateBegin');
    for (let i = 0; i < 40; i++) wasm.call('stateBytes', wasm.inputAt, 100_000);
    expect(wasm.call('stateFailed')).toBe(1);
    wasm.call('stateBegin');
    wasm.call('stateU32', 5);
    expect(wasm.call('stateFailed')).toBe(0);
    expect([...exported(wasm)]).toEqual([5, 0, 0, 0]);
  });
});

describe('the walk over frame records', () => {
  const DONE = 0;
  const FULL = 1;
  const FRAMING = -1;

  it('hands over the frames of its protocol, and moves clocks forward only', () => {
    const { wasm, result, frames } = walk([
      record({ boot: 10n }), record({ protocol: 2, boot: 20n }), record({ tap: 1, boot: 7n }), record({ tap: 0, boot: 15n }),
    ]);
    expect([result, frames(), wasm.call('timesSeen')]).toEqual([DONE, 3, 4]);
    expect([wasm.big('tapClock', 0), wasm.big('tapClock', 1)]).toEqual([20n, 7n]);
  });

  it('lets a tick move every clock', () => {
    const { wasm, frames } = walk([record({ protocol: PROTOCOL_TICK, tap: TAP_ALL, boot: 99n, captured: 0 })]);
    expect([wasm.big('tapClock', 0), wasm.big('tapClock', 1), BigInt(frames())]).toEqual([99n, 99n, 0n]);
  });

  it('stops when 1 MB of rows wait, behind a whole frame, and goes on from there', () => {
    const records = Array.from({ length: 50 }, () => record({}));
    const { wasm, result, frames } = walk(records, 60_000);
    expect(result).toBe(FULL);
    let at = wasm.call('walked');
    expect(at).toBe(frames() * records[0]!.length);
    for (let rounds = 0; rounds < 10 && at < 50 * records[0]!.length; rounds++) {
      wasm.call('drained');
      wasm.call('walk', wasm.inputAt + at, 50 * records[0]!.length - at, 60_000);
      at += wasm.call('walked');
    }
    expect(frames()).toBe(50);
  });

  it.each([
    ['a length of zero', new Uint8Array(FRAME_BYTES)],
    ['a length below the header', record({ size: FRAME_BYTES - 8 })],
    ['a length that is no multiple of 8', record({ size: FRAME_BYTES + 4 })],
    ['a length beyond the chunk', record({ size: FRAME_BYTES + 16 }).subarray(0, FRAME_BYTES)],
    ['more captured bytes than there are', record({ captured: 17 })],
    ['a payload behind the captured bytes', record({ payload: 17 })],
    ['an unknown tap', record({ tap: 2 })],
    ['three bytes', Uint8Array.of(1, 2, 3)],
  ])('%s is a framing error at its place', (_, broken) => {
    const { wasm, result, frames } = walk([record({}), broken]);
    expect([result, frames(), wasm.call('walked')]).toEqual([FRAMING, 1, FRAME_BYTES + 16]);
  });
});

function exported(wasm: Operations): Uint8Array {
  const length = Number(wasm.big('stateLength'));
  const state = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) state.set(wasm.bytes(wasm.call('statePiece', at / 65_536), Math.min(65_536, length - at)), at);
  return state;
}

function record(fields: { tap?: number; protocol?: number; boot?: bigint; captured?: number; payload?: number; size?: number }): Uint8Array {
  const bytes = new Uint8Array(fields.size ?? FRAME_BYTES + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(FRAME_LENGTH, bytes.length, true);
  view.setUint16(FRAME_TAP_ID, fields.tap ?? 0, true);
  view.setUint8(FRAME_PROTOCOL, fields.protocol ?? 1);
  view.setBigUint64(FRAME_BOOT_NS, fields.boot ?? 5n, true);
  view.setUint32(FRAME_CAPTURED_LENGTH, fields.captured ?? 16, true);
  view.setUint16(FRAME_PAYLOAD_OFFSET, fields.payload ?? 0, true);
  return bytes;
}

function walk(records: readonly Uint8Array[], rowLength = 0): { wasm: Operations; result: number; frames: () => number } {
  const wasm = new Operations(module);
  for (const tap of [0, 1]) wasm.call('addTap', tap, wasm.inputAt);
  const bytes = Buffer.concat(records);
  const result = wasm.call('walk', wasm.put(bytes), bytes.length, rowLength);
  return { wasm, result, frames: () => wasm.call('framesSeen') };
}
