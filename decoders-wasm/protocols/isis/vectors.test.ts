/** Golden vectors: one frame of each PDU type as `explain` tells it, on the .wasm that ships. UPDATE_GOLDEN=1 rewrites. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadModule, registry, ShadowSet } from '../../contract/host.ts';
import { PROTOCOL_ISIS } from '../../contract/generated/frame.ts';
import { readVectors, testVectors, type Vector } from '../../contract/testing/golden.ts';

const folder = join(import.meta.dirname, 'vectors');

interface IsisVector extends Vector {
  /** A whole frame record: header of bpf/frame.h, then the frame. */
  readonly record: string;
  expected: { isis: { 'pdu-type': number } };
}

const set = new ShadowSet({ modules: registry.filter((one) => one.protocol === PROTOCOL_ISIS).map(loadModule), seed: 1n, memoryLimitBytes: 1 << 26 });

testVectors<IsisVector>(folder, ({ record }) => JSON.parse(set.explain(PROTOCOL_ISIS, new Uint8Array(Buffer.from(record, 'hex')))) as IsisVector['expected']);

it('the vectors have every PDU type', () => {
  const types = [...readVectors<IsisVector>(folder).values()].map((vector) => vector.expected.isis['pdu-type']);
  expect([...new Set(types)].toSorted((a, b) => a - b)).toEqual([15, 16, 17, 18, 20, 24, 25, 26, 27]);
});
