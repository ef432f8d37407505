/** Golden vectors (explain) and hostile input, on the .wasm that ships. UPDATE_GOLDEN=1 rewrites the expectations. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testVectors, type Vector } from '../../contract/testing/golden.ts';
import { frameRecord, helloBody, ipv4Frame, ospfPacket } from './crafted.ts';
import { graceLsa } from './scenarios/pair.ts';
import { OSPFV2, ospfShadow } from './testing.ts';
import { routerLsaOf } from './testing-wire.ts';

const folder = join(import.meta.dirname, 'vectors');

interface OspfVector extends Vector {
  /** An Ethernet frame. */
  readonly frame: string;
}

testVectors<OspfVector>(folder, ({ frame }) => JSON.parse(ospfShadow().explain(OSPFV2, frameRecord([...Buffer.from(frame, 'hex')]))) as unknown);

/** A small generator of its own, so that a failing run can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('hostile input', () => {
  it('20,000 mutated packets explain without a trap and in bounded time', () => {
    const set = ospfShadow();
    const next = random(42);
    const end = { id: '1.1.1.1', address: '10.0.0.1' };
    const bodies = [
      [1, helloBody({ neighbors: ['2.2.2.2', '3.3.3.3'] })], [2, [5, 220, 2, 7, 0, 0, 0, 9]], [3, [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
      [4, [0, 0, 0, 2, ...routerLsaOf(end, 1, ['2.2.2.2']), ...graceLsa(end, 60)]], [5, routerLsaOf(end, 1, []).slice(0, 20)],
    ] as const;
    for (let i = 0; i < 20_000; i++) {
      const [type, body] = bodies[i % bodies.length]!;
      const frame = ipv4Frame(end.address, '224.0.0.5', ospfPacket({ type, router: end.id, area: '0.0.0.0', body }));
      for (let k = 0; k < 1 + next() * 4; k++) frame[34 + Math.floor(next() * (frame.length - 34))] = Math.floor(next() * 256);
      const cut = next() < 0.2 ? frame.slice(0, 34 + Math.floor(next() * (frame.length - 34))) : frame;
      expect(() => JSON.parse(set.explain(OSPFV2, frameRecord(cut))) as unknown).not.toThrow();
    }
  });
});
