/** The records of the log: what is written is read, and hostile bytes give a RecordError and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { startPosition } from './events-reader.ts';
import { decodeEventsRecord, encodeEventsRecord, type EventsHeader, type EventsRecord } from './events-record.ts';
import { decodeFrameBatch, encodeFrameBatch, type FrameBatch } from './frame-batch.ts';
import { partitionOf } from './partition.ts';
import { packRecord, RecordError } from './record.ts';

const nanoseconds = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const text = fc.string({ unit: 'binary', maxLength: 12 });
const batchKey = fc.record({ key: text, domain: text, networkInstance: text, link: text, addresses: fc.tuple(text, text) }, { requiredKeys: ['key', 'domain', 'networkInstance', 'link'] });

/** Frame records that name taps and keys below the counts given. */
function frameRecords(list: readonly { tap: number; key: number; bytes: Uint8Array }[], taps: number, keys: number): Uint8Array {
  return new Uint8Array(Buffer.concat(list.map(({ tap, key, bytes }) => {
    const record = new Uint8Array(Math.ceil((layout.FRAME_BYTES + bytes.length) / 8) * 8);
    const view = new DataView(record.buffer);
    view.setUint32(layout.FRAME_LENGTH, record.length, true);
    view.setUint16(layout.FRAME_TAP_ID, tap % taps, true);
    view.setUint32(layout.FRAME_KEY_INDEX, key % keys, true);
    view.setUint8(layout.FRAME_PROTOCOL, 1);
    record.set(bytes, layout.FRAME_BYTES);
    return record;
  })));
}

const frameBatch: fc.Arbitrary<FrameBatch> = fc.record({
  taps: fc.array(fc.record({
    name: text, identity: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    state: fc.constantFrom('open' as const, 'idle' as const, 'closed' as const), clockNs: fc.option(nanoseconds), wallOffsetNs: nanoseconds.map((n) => `-${n}`), lastFrame: nanoseconds,
  }), { minLength: 1, maxLength: 3 }),
  keys: fc.array(batchKey, { minLength: 1, maxLength: 4 }),
  frames: fc.array(fc.record({ tap: fc.nat(), key: fc.nat(), bytes: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 5 }),
  sequence: fc.nat(), epoch: nanoseconds, collector: text,
}).map(({ taps, keys, frames, sequence, epoch, collector }) => ({
  header: { collector, epoch, partition: 1, sequence, taps, keys, gaps: [{ tap: 0, fromNs: '1', toNs: '2', lost: 3, detail: 'dropped' }], ageNs: '0' },
  frames: frameRecords(frames, taps.length, keys.length),
}));

const eventsRecord: fc.Arbitrary<EventsRecord> = fc.record({
  kind: fc.constantFrom('claim' as const, 'rows' as const), owner: text, contexts: fc.array(batchKey, { maxLength: 3 }),
  rows: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), cut: fc.boolean(), begin: nanoseconds,
}).map(({ kind, owner, contexts, rows, cut, begin }) => ({
  header: {
    kind, owner, partition: 2, begin: { offset: begin, rows: 4 }, end: { offset: begin, rows: 9 },
    ...(cut ? { cut: { ingestTimeNs: '1700000000000000000' } } : {}), ...(kind === 'claim' ? { modules: { isis: 'ab' } } : {}),
    sections: rows.map((bytes, table) => ({ table, layout: `${table}.1`, rows: 1, bytes: bytes.length })),
    contexts: contexts.map((context, code) => ({ ...context, code })), taps: [{ code: 0, tap: 'a', collector: 'b' }],
    skipped: [{ offset: '3', index: 4, error: 'trap', sourceLine: 'x.ts:1' }], decoderVersion: 'isis@1',
  },
  rows,
}));

/** What a decoder makes of spoiled bytes: 'read' or 'refused'; any other error is a fault. */
function outcome(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): 'read' | 'refused' {
  try {
    decode(bytes);
    return 'read';
  } catch (error) {
    expect(error).toBeInstanceOf(RecordError);
    return 'refused';
  }
}

describe.each([
  { name: 'a frame batch', record: frameBatch as fc.Arbitrary<FrameBatch | EventsRecord>, encode: (value: FrameBatch | EventsRecord) => encodeFrameBatch(value as FrameBatch), decode: decodeFrameBatch as (bytes: Uint8Array) => FrameBatch | EventsRecord },
  { name: 'an events record', record: eventsRecord as fc.Arbitrary<FrameBatch | EventsRecord>, encode: (value: FrameBatch | EventsRecord) => encodeEventsRecord(value as EventsRecord), decode: decodeEventsRecord as (bytes: Uint8Array) => FrameBatch | EventsRecord },
])('$name', ({ record, encode, decode }) => {
  it('is read as it was written, wherever it lies in memory', () => {
    fc.assert(fc.property(record, fc.nat(16), (value, shift) => {
      const bytes = encode(value);
      expect(bytes.length % 8).toBe(0);
      const elsewhere = new Uint8Array(bytes.length + shift);
      elsewhere.set(bytes, shift);
      expect(decode(elsewhere.subarray(shift))).toEqual(value);
    }), { numRuns: 200 });
  });

  it('whose header was cut off is refused', () => {
    fc.assert(fc.property(record, fc.nat(), (value, to) => {
      const bytes = encode(value);
      const headerEnd = 12 + new DataView(bytes.buffer).getUint32(8, true);
      expect(outcome(decode, bytes.subarray(0, to % headerEnd))).toBe('refused');
    }), { numRuns: 200 });
  });

  it('with spoiled bytes is read or refused with a RecordError, never another error', () => {
    fc.assert(fc.property(record, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }), (value, changes) => {
      const bytes = encode(value);
      for (const [at, to] of changes) bytes[at % bytes.length] = to;
      outcome(decode, bytes);
    }), { numRuns: 1000 });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => { expect(outcome(decode, bytes)).toBe('refused'); }));
  });

  it('of another topic or version is refused by name', () => {
    fc.assert(fc.property(record, (value) => {
      const bytes = encode(value);
      bytes[4] = 9;
      expect(() => decode(bytes)).toThrow(/version 9; this program reads version 1 \(byte 4 of the record\)/);
      bytes[0] = 0x58;
      expect(() => decode(bytes)).toThrow(/expected a RW(FB|EV) record, found magic "X.*\(byte 0/);
    }), { numRuns: 10 });
  });
});

describe('faults are named with their byte', () => {
  const header: EventsHeader = {
    kind: 'rows', owner: 'a', partition: 0, begin: startPosition, end: { offset: '1', rows: 0 },
    sections: [{ table: 1, layout: '1.1', rows: 1, bytes: 16 }], contexts: [], taps: [], decoderVersion: '',
  };
  const at = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return (error as RecordError).at;
    }
    return 'read';
  };

  it('a section that reaches beyond the record, and bytes behind the last', () => {
    const good = encodeEventsRecord({ header, rows: [new Uint8Array(16)] });
    const bodyAt = good.length - 16;
    expect(at(() => decodeEventsRecord(good))).toBe('read');
    expect(at(() => decodeEventsRecord(good.subarray(0, -8)))).toBe(bodyAt);
    expect(at(() => decodeEventsRecord(new Uint8Array(Buffer.concat([good, Buffer.alloc(8)]))))).toBe(good.length);
  });

  it('a header without its fields', () => {
    expect(() => decodeEventsRecord(packRecord('RWEV', 1, { ...header, begin: 7 }, []))).toThrow(/RWEV header: begin: .*byte 12/);
    expect(() => decodeEventsRecord(packRecord('RWEV', 1, null, []))).toThrow(/RWEV header: the whole/);
    expect(() => decodeEventsRecord(packRecord('RWEV', 1, { ...header, end: { offset: 'x', rows: 0 } }, []))).toThrow(/end.offset: is no decimal integer/);
  });

  it('a frame record of a wrong length, or of a tap or key that the header does not have', () => {
    const tap = { name: 't', identity: '00'.repeat(16), state: 'open' as const, clockNs: null, wallOffsetNs: '0', lastFrame: '1' };
    const key = { key: 'k', domain: 'd', networkInstance: 'default', link: 'l' };
    const frames = frameRecords([{ tap: 0, key: 0, bytes: new Uint8Array(8) }, { tap: 0, key: 0, bytes: new Uint8Array(8) }], 1, 1);
    const one = frames.length / 2;
    const spoiled = (change: (view: DataView) => void): Uint8Array => {
      const copy = frames.slice();
      change(new DataView(copy.buffer));
      return encodeFrameBatch({ header: { collector: 'c', epoch: '1', partition: 0, sequence: 1, taps: [tap], keys: [key], gaps: [], ageNs: '0' }, frames: copy });
    };
    expect(() => decodeFrameBatch(spoiled(() => undefined))).not.toThrow();
    expect(() => decodeFrameBatch(spoiled((view) => { view.setUint32(one, 12, true); }))).toThrow(/frame record of length 12/);
    expect(() => decodeFrameBatch(spoiled((view) => { view.setUint32(one, one + 8, true); }))).toThrow(/with \d+ bytes left/);
    expect(() => decodeFrameBatch(spoiled((view) => { view.setUint16(one + layout.FRAME_TAP_ID, 1, true); }))).toThrow(/of tap 1, but the header has 1/);
    expect(() => decodeFrameBatch(spoiled((view) => { view.setUint32(one + layout.FRAME_KEY_INDEX, 5, true); }))).toThrow(/of key 5, but the header has 1/);
  });
});

describe('partitionOf', () => {
  it('is FNV-1a of the key, as published', () => {
    for (const [key, hash] of [['', 0x811c9dc5], ['a', 0xe40c292c], ['foobar', 0xbf9cf968]] as const) expect(partitionOf(key, 2 ** 32)).toBe(hash);
  });
});
