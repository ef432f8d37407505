/** Golden vectors: one frame of each PDU type as `explain` tells it, on the .wasm that ships. UPDATE_GOLDEN=1 rewrites. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModule, registry, ShadowSet } from '../../contract/host.ts';
import { PROTOCOL_ISIS } from '../../contract/generated/frame.ts';

const folder = join(import.meta.dirname, 'vectors');

interface Vector {
  readonly about: string;
  readonly source: string;
  /** A whole frame record: header of bpf/frame.h, then the frame. */
  readonly record: string;
  expected: unknown;
}

describe('vectors', () => {
  const set = new ShadowSet({ modules: registry.filter((one) => one.protocol === PROTOCOL_ISIS).map(loadModule), seed: 1n, memoryLimitBytes: 1 << 26 });
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

  it.each(files)('%s', (file) => {
    const path = join(folder, file);
    const vector = JSON.parse(readFileSync(path, 'utf8')) as Vector;
    const explained = JSON.parse(set.explain(PROTOCOL_ISIS, new Uint8Array(Buffer.from(vector.record, 'hex')))) as unknown;
    if (process.env['UPDATE_GOLDEN'] === '1') {
      vector.expected = explained;
      writeFileSync(path, `${JSON.stringify(vector, null, 1)}\n`);
    }
    expect(explained).toEqual(vector.expected);
  });

  it('has every PDU type', () => {
    const types = files.map((file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { expected: { isis: { 'pdu-type': number } } }).expected.isis['pdu-type']);
    expect([...new Set(types)].toSorted((a, b) => a - b)).toEqual([15, 16, 17, 18, 20, 24, 25, 26, 27]);
  });
});
