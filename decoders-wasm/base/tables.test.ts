/** Memory, tables and interned strings of the base, against a JavaScript Map. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileOperations, Operations } from './testing/load.ts';

let module: WebAssembly.Module;
beforeAll(async () => { module = await compileOperations(); });

const ENTRY_BYTES = 16;
const EVERY_BIT = 0xffffffff;

describe('memory', () => {
  it('gives zeroed segments, also when they come back', () => {
    const wasm = new Operations(module);
    const segment = wasm.call('segment');
    new Uint8Array(wasm.memory.buffer, segment, 65536).fill(0xaa);
    wasm.call('release', segment);
    expect(wasm.call('segment')).toBe(segment);
    expect(wasm.bytes(segment, 65536).every((byte) => byte === 0)).toBe(true);
  });

  it('refuses at its limit, counts it, and never hands out the end of memory', () => {
    const limit = 4 << 20;
    const wasm = new Operations(module, 1n, limit);
    let last = 0;
    for (let taken = 0; taken < 1000; taken++) {
      const at = wasm.call('allocate', 50_000);
      if (at === 0) break;
      expect(at % 16).toBe(0);
      last = at;
    }
    expect(last + 50_000 + 64).toBeLessThanOrEqual(limit);
    expect(wasm.call('memoryRefused')).toBe(1);
    expect(wasm.call('memoryBytes')).toBeLessThanOrEqual(limit);
    expect(wasm.call('allocate', 16), 'a small piece still fits').not.toBe(0);
  });
});

describe('a table', () => {
  const steps = fc.array(fc.record({ kind: fc.constantFrom('insert', 'insert', 'remove', 'find'), key: fc.nat(60) }), { maxLength: 300 });

  it('does what a Map does, for any seed, cap and quality of hash', () => {
    fc.assert(fc.property(steps, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.integer({ min: 1, max: 50 }), fc.constantFrom(EVERY_BIT, 0x80000003, 0), (all, seed, cap, hashMask) => {
      const wasm = new Operations(module, BigInt.asIntN(64, seed));
      wasm.call('tableSetUp', ENTRY_BYTES, cap);
      const model = new Map<number, number>();
      let refused = 0;
      all.forEach(({ kind, key }, value) => {
        const handle = wasm.call('tableFind', key, hashMask);
        expect(handle !== 0).toBe(model.has(key));
        if (handle !== 0) expect(wasm.call('tableValue', handle)).toBe(model.get(key));
        if (kind === 'insert' && handle === 0) {
          const taken = wasm.call('tableInsert', key, value, hashMask);
          expect(taken !== 0).toBe(model.size < cap);
          if (taken === 0) refused += 1;
          else model.set(key, value);
        }
        if (kind === 'remove' && handle !== 0) {
          wasm.call('tableRemove', handle);
          expect(wasm.call('tableIsLive', handle)).toBe(0);
          model.delete(key);
        }
      });
      expect(wasm.call('tableCount')).toBe(model.size);
      expect(wasm.call('tableRefused')).toBe(refused);
      const highest = wasm.call('tableHighest');
      expect(highest, 'handles are used again').toBeLessThanOrEqual(cap);
      const live: [number, number][] = [];
      for (let handle = 1; handle <= highest; handle++) {
        if (wasm.call('tableIsLive', handle) === 1) live.push([wasm.call('tableKey', handle), wasm.call('tableValue', handle)]);
      }
      expect(new Map(live)).toEqual(model);
      expect(live.length).toBe(model.size);
    }), { numRuns: 150 });
  });

  it('grows by one bucket an entry, over many segments and larger directories, and finds all', () => {
    const wasm = new Operations(module);
    wasm.call('tableSetUp', ENTRY_BYTES, 1_000_000);
    let filled = 0;
    for (const to of [1, 15, 16, 17, 1000, 16_385, 70_000, 300_000]) {
      expect(wasm.call('tableFill', filled, to)).toBe(to - filled);
      filled = to;
      expect(wasm.call('tableFound', 0, to)).toBe(to);
      expect(wasm.call('tableBuckets')).toBe(Math.max(16, to));
    }
    expect(wasm.call('tableFound', 300_000, 310_000), 'and nothing that is not there').toBe(0);
    for (let key = 0; key < 300_000; key += 3) wasm.call('tableRemove', wasm.call('tableFind', key, EVERY_BIT));
    expect(wasm.call('tableFound', 0, 300_000)).toBe(200_000);
    expect(wasm.call('tableFill', 400_000, 500_000)).toBe(100_000);
    expect(wasm.call('tableHighest')).toBe(300_000);
  });

  it('takes little memory while it is small', () => {
    const wasm = new Operations(module);
    const before = wasm.call('memoryNext');
    wasm.call('tableSetUp', ENTRY_BYTES, 1_000_000);
    wasm.call('tableFill', 0, 100);
    expect(wasm.call('memoryNext') - before).toBeLessThanOrEqual(2 * 65536 + 256);
  });

  it('refuses where memory does, loses nothing and goes on', () => {
    const wasm = new Operations(module, 7n, 3 << 20);
    wasm.call('tableSetUp', ENTRY_BYTES, 10_000_000);
    const taken = wasm.call('tableFill', 0, 200_000);
    expect(taken).toBeGreaterThan(50_000);
    expect(taken).toBeLessThan(200_000);
    expect(wasm.call('tableRefused')).toBe(200_000 - taken);
    expect(wasm.call('tableFound', 0, 200_000)).toBe(taken);
    wasm.call('tableRemove', wasm.call('tableFind', 5, EVERY_BIT));
    expect(wasm.call('tableFill', 900_000, 900_001), 'a freed entry is given again').toBe(1);
  });
});

describe('interned strings', () => {
  const words = fc.array(fc.uint8Array({ minLength: 0, maxLength: 40 }), { minLength: 1, maxLength: 12 });
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(11)), { maxLength: 200 });

  it('keep one copy with a count of users, and free it with the last', () => {
    fc.assert(fc.property(words, steps, (list, all) => {
      const wasm = new Operations(module);
      wasm.call('internSetUp', 1000);
      const users = new Map<string, number>();
      for (const [acquire, index] of all) {
        const word = list[index % list.length]!;
        const name = Buffer.from(word).toString('hex');
        const at = wasm.put(word);
        const known = users.get(name) ?? 0;
        const found = wasm.call('internFind', at, word.length);
        expect(found !== 0).toBe(known > 0);
        if (acquire) {
          const handle = wasm.call('internAcquire', at, word.length);
          expect(wasm.call('internFresh')).toBe(known === 0 ? 1 : 0);
          expect(Buffer.from(wasm.bytes(wasm.call('internAddress', handle), wasm.call('internLength', handle))).toString('hex')).toBe(name);
          users.set(name, known + 1);
        } else if (known > 0) {
          wasm.call('internRelease', found);
          users.set(name, known - 1);
        }
      }
      const kept = [...users].filter(([, count]) => count > 0);
      expect(wasm.call('internCount')).toBe(kept.length);
      const size = (hex: string): number => Math.max(16, Math.ceil(hex.length / 2 / 16) * 16);
      expect(wasm.big('blockBytes')).toBe(BigInt(kept.reduce((sum, [hex]) => sum + size(hex), 0)));
    }), { numRuns: 150 });
  });

  it('use freed blocks again: a churn of all sizes takes no more memory the second time', () => {
    const wasm = new Operations(module);
    wasm.call('internSetUp', 100_000);
    wasm.call('internChurn', wasm.inputAt, 20_000, 50);
    const after = wasm.call('memoryNext');
    wasm.call('internChurn', wasm.inputAt, 200_000, 50);
    expect(wasm.call('memoryNext') - after).toBeLessThan(1024);
    expect(wasm.call('internCount')).toBe(0);
    expect(wasm.big('blockBytes')).toBe(0n);
  });

  it('may be as long as a segment and no longer', () => {
    const wasm = new Operations(module);
    wasm.call('internSetUp', 10);
    const bytes = new Uint8Array(65537).map((_, i) => i * 31);
    const at = wasm.put(bytes);
    for (const length of [1024, 1025, 2048, 2049, 32769, 65535, 65536]) {
      const handle = wasm.call('internAcquire', at, length);
      expect(handle, `${length} bytes`).not.toBe(0);
      expect(wasm.bytes(wasm.call('internAddress', handle), length)).toEqual(bytes.subarray(0, length));
    }
    expect(wasm.call('internAcquire', at, 65537)).toBe(0);
  });

  it('beyond the cap are refused and give their block back', () => {
    const wasm = new Operations(module);
    wasm.call('internSetUp', 2);
    for (const [index, word] of ['a', 'b', 'c'].entries()) {
      const handle = wasm.call('internAcquire', wasm.put(Buffer.from(word)), 1);
      expect(handle !== 0).toBe(index < 2);
    }
    expect(wasm.big('blockBytes')).toBe(32n);
  });
});
