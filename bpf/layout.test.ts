/** The layouts that TypeScript and AssemblyScript were generated with are those that the compiler gave the object. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as state from '../collectors/generated/bpf-state.ts';
import * as frame from '../decoders-wasm/contract/generated/frame.ts';
import { structsOf } from './testing-btf.ts';

const object = join(import.meta.dirname, '../build/bpf/routewatch.bpf.o');
const here = existsSync(object);
if (!here) console.warn('not run: layouts against BTF (build/bpf/routewatch.bpf.o is not built: clang is missing?)');

describe.skipIf(!here)('BTF of the built object (skipped without it)', () => {
  const structs = here ? structsOf(readFileSync(object)) : new Map();
  it.each([
    ['rw_frame', 'FRAME_', frame], ['rw_config', 'CONFIG_', state], ['rw_allowed', 'ALLOWED_', state],
    ['rw_hello_key', 'HELLO_KEY_', state], ['rw_hello', 'HELLO_', state],
  ] as const)('struct %s is as generated', (name, prefix, generated: Record<string, unknown>) => {
    const { bytes, offsets } = structs.get(name)!;
    expect(generated[`${prefix}BYTES`]).toBe(bytes);
    for (const [field, offset] of offsets) expect(generated[`${prefix}${field.toUpperCase()}`], field).toBe(offset);
    expect(offsets.size).toBeGreaterThan(1);
  });

  it('has one name for each counter', () => {
    expect(structs.get('rw_counters')!.bytes).toBe(state.COUNTERS * 8);
    expect(state.COUNTER_NAMES).toHaveLength(state.COUNTERS);
  });
});
