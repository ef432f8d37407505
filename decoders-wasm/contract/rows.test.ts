/** Rows: what the generated AssemblyScript writers write, TypeScript reads; what TypeScript writes is the same. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import asc from 'assemblyscript/asc';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { tables } from './generated/tables.ts';
import { murmur128 } from './murmur.ts';
import { layoutOf, readRows, RowError, type RowCodes } from './row-reader.ts';
import { DECIDED_BY_FRAME, writeRow } from './row-writer.ts';
import type { LayoutColumn } from './table-data.ts';

const root = join(import.meta.dirname, '..', '..');
const codes: RowCodes = {
  contexts: new Map([[3, { key: 'tcp/d/default/10.0.0.1/10.0.0.2', domain: 'd', networkInstance: 'default', link: 'l1', addresses: ['10.0.0.1', '10.0.0.2'] }]]),
  taps: new Map([[1, { tap: 'lan0', collector: 'c1' }]]),
};

interface Sample {
  memory: WebAssembly.Memory;
  prepare(): number;
  emitRoute(): void;
  emitSet(): void;
  emitGraph(): void;
  rowsAt(table: number): number;
  rowsLength(table: number): number;
  hash(length: number): number;
  input(): number;
}

let sample: Sample;

async function compileSample(): Promise<Sample> {
  const wasm = join(root, 'build/test/rows-sample.wasm');
  mkdirSync(join(root, 'build/test'), { recursive: true });
  const { error, stderr } = await asc.main([
    join(root, 'decoders-wasm/contract/testing/assembly/rows-sample.ts'),
    '--baseDir', root, '--outFile', relative(root, wasm), '--runtime', 'stub', '--enable', 'simd', '-O1',
  ], {});
  if (error !== null) throw new Error(`rows-sample.wasm: ${error.message}\n${stderr.toString()}`);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), { env: { abort: () => { throw new Error('abort'); } } });
  return instance.exports as unknown as Sample;
}

function rowsOf(table: number): Uint8Array {
  const at = sample.rowsAt(table);
  return new Uint8Array(sample.memory.buffer.slice(at, at + sample.rowsLength(table)));
}

const identity = { identity: Uint8Array.from({ length: 16 }, (_, i) => i + 1), kind: DECIDED_BY_FRAME, number: 77n, key: 'key-of-row' } as const;
const envelope = { time: 5_000_000_000n, context: 3, tap: 1, frame_offset: 9n, frame_index: 4 };

describe('rows between AssemblyScript and TypeScript', () => {
  beforeAll(async () => {
    sample = await compileSample();
    sample.prepare();
  });

  it('hashes alike at every length', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      new Uint8Array(sample.memory.buffer, sample.input(), bytes.length).set(bytes);
      const at = sample.hash(bytes.length);
      expect(Buffer.from(sample.memory.buffer.slice(at, at + 16)).toString('hex')).toBe(Buffer.from(murmur128(bytes)).toString('hex'));
    }));
  });

  it('writes the same bytes as the generated writers', () => {
    sample.emitRoute();
    sample.emitSet();
    sample.emitGraph();
    const address = '192.0.2.0';
    const route = writeRow('route_changes', identity, {
      ...envelope, from_higher: 1, afi_safi: 'ipv4-unicast', prefix_address: address, prefix_length: 24, path_id: 7, change_class: 'tup',
      attributes: (2n << 64n) | 1n, prev_attributes: 0n, origin_as: 65001,
    });
    expect(Buffer.from(rowsOf(4)).toString('hex')).toBe(Buffer.from(route).toString('hex'));
    const set = writeRow('path_attributes', identity, {
      ...envelope, ordinal: 1, attributes: 5n, origin: 'igp', as_path: [65002, 65001], as_path_text: '65002 65001', med: 0, local_pref: null,
      communities: ['65002:1'], large_communities: ['65002:1:2'], ext_communities: ['rt:65000:99'], raw: '00ff0a0a',
    });
    expect(Buffer.from(rowsOf(5)).toString('hex')).toBe(Buffer.from(set).toString('hex'));
    const graph = writeRow('topology_changes', identity, { ...envelope, ordinal: 2, protocol: 'isis', level: 2, old_number: null, new_number: -3n });
    expect(Buffer.from(rowsOf(3)).toString('hex')).toBe(Buffer.from(graph).toString('hex'));
  });

  it('reads a route with the names behind its codes', () => {
    const [row] = readRows('route_changes', rowsOf(4), codes);
    expect(row).toMatchObject({
      event_type: 'bgp.route_change', time: 5_000_000_000n, domain: 'd', network_instance: 'default', link: 'l1', tap: 'lan0', collector: 'c1',
      sender: '10.0.0.2', receiver: '10.0.0.1', afi_safi: 'ipv4-unicast', prefix_address: '::ffff:192.0.2.0', prefix: '192.0.2.0/24',
      attributes: (2n << 64n) | 1n, evidence: 'received', initial: false, ordinal: 0,
    });
    expect(row).not.toHaveProperty('context');
    expect(row).not.toHaveProperty('from_higher');
  });

  it('reads sets, nullable numbers and binary columns', () => {
    expect(readRows(5, rowsOf(5))[0]).toMatchObject({
      as_path: [65002, 65001], med: 0, local_pref: null, communities: ['65002:1'], large_communities: ['65002:1:2'], ext_communities: ['rt:65000:99'], raw: '00ff0a0a',
    });
    expect(readRows(3, rowsOf(3))[0]).toMatchObject({ old_number: null, new_number: -3n });
  });
});

/** Any value that the column of a row can hold, in the form in which it is read. */
function anyValue(column: LayoutColumn, nullable: boolean, binary: boolean): fc.Arbitrary<unknown> {
  const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const u16 = fc.integer({ min: 0, max: 65535 });
  const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 200 });
  switch (column.wire) {
    case 'u8': return fc.integer({ min: 0, max: 255 });
    case 'u16': return u16;
    case 'u32': return u32;
    case 'u64': return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'i64': return nullable ? fc.option(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })) : fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'bool': return fc.boolean();
    case 'enum': return fc.constantFrom(...column.values!);
    case 'text': return binary ? fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('hex')) : fc.string({ unit: 'binary' }).filter((text) => !text.startsWith('\uFEFF'));
    case 'ipv6': return fc.ipV6().map((text) => new URL(`http://[${text}]/`).hostname.slice(1, -1)).filter((text) => !text.startsWith('::ffff:'));
    case 'hash': return fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    case 'uuid': return fc.uuid();
    case 'nullable-u32': return fc.option(u32);
    case 'u32-array': return list(u32);
    case 'bytes4-array': return list(column.name === 'communities' ? fc.tuple(u16, u16).map((parts) => parts.join(':')) : fc.ipV4());
    case 'bytes8-array': return list(fc.oneof(fc.tuple(u16, u32).map((parts) => `soo:${parts.join(':')}`), fc.tuple(fc.ipV4(), u16).map((parts) => `rt:${parts.join(':')}`), fc.constant('8001020304050607')));
    case 'bytes12-array': return list(fc.tuple(u32, u32, u32).map((parts) => parts.join(':')));
    case 'none': return fc.constant(undefined);
  }
}

describe('row writer and reader', () => {
  it.each(tables.map((table) => [table.name, table] as const))('%s: what is written is read', (_, table) => {
    const columns = layoutOf(table.id);
    const record = fc.record(Object.fromEntries(columns.map((column) => {
      const stored = table.columns.find((other) => other.name === column.name);
      return [column.name, anyValue(column, stored?.type.startsWith('Nullable') === true, stored?.binary === true)];
    })));
    fc.assert(fc.property(fc.array(record, { maxLength: 3 }), (rows) => {
      const bytes = Buffer.concat(rows.map((row) => writeRow(table.id, identity, row as never)));
      const read = readRows(table.layout, bytes);
      expect(read.length).toBe(rows.length);
      rows.forEach((row, index) => {
        const kept = Object.entries(row).filter(([name]) => name !== 'tap' && table.columns.some((column) => column.name === name));
        // What the row leaves to its reader.
        const joined = table.columns.flatMap(({ name, joined: by }) => (by !== undefined && row[by.where] === true ? [[name, (row[by.items] as number[]).join(' ')]] : []));
        expect(read[index]).toMatchObject(Object.fromEntries([...kept, ...joined]));
      });
    }), { numRuns: 50 });
  });

  it('says where a row is cut short', () => {
    const bytes = writeRow('coverage_events', identity, { time: 1n, what: 'gap', subject: 'lan0' });
    expect(() => readRows('coverage_events', bytes.subarray(0, bytes.length - 1))).toThrow(RowError);
  });

  it('refuses a value that a closed list lacks', () => {
    expect(() => writeRow('coverage_events', identity, { time: 1n, what: 'rain' })).toThrow('what has no value `rain`');
  });
});
