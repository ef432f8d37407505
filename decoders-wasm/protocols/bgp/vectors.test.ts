/** Golden vectors: one BGP message each, as `explain` tells it and as it changes rows, on the .wasm that ships. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readVectors, testVectors, type Vector } from '../../contract/testing/golden.ts';
import { handmade, keepalive } from './generate.ts';
import { bootOf, codesOf, feed, makeInstance, RowSink } from './testing.ts';
import { bgpLines, Wire } from './testing-wire.ts';

const folder = join(import.meta.dirname, 'vectors');

interface BgpVector extends Vector {
  /** OPENs of 10.0.0.1 and 10.0.0.2 as hex; without them the message is the first of its connection. */
  readonly opens?: readonly [string, string];
  /** What 10.0.0.1 sends before. */
  readonly before?: string;
  /** The message of 10.0.0.1. */
  readonly message: string;
  expected: { readonly explain: readonly { readonly name?: string }[]; readonly rows: readonly string[] };
}

/** The messages of the last frame as `explain` has them, and the rows that this frame makes. */
function tell(vector: BgpVector): BgpVector['expected'] {
  const wire = new Wire();
  const session = wire.connection().handshake(0);
  if (vector.opens !== undefined) {
    const [a, b] = vector.opens.map((hex) => Buffer.from(hex, 'hex')) as [Buffer, Buffer];
    session.send(0, 'a', a).send(0, 'b', b).send(0, 'a', keepalive).send(0, 'b', keepalive);
  }
  if (vector.before !== undefined) session.send(1, 'a', Buffer.from(vector.before, 'hex'));
  session.send(2, 'a', Buffer.from(vector.message, 'hex'));
  const frames = handmade(wire.records());
  const last = frames.records.at(-1)!;
  const instance = makeInstance(frames);
  const sink = new RowSink();
  feed(instance, frames.records, sink, 0, frames.records.length - 1);
  const { bgp } = JSON.parse(instance.explain(last)) as { bgp: BgpVector['expected']['explain'] };
  feed(instance, frames.records, sink, frames.records.length - 1);
  const tables = new Map([...sink.tables(codesOf(frames))].map(([name, rows]) => [name, rows.filter((row) => row['time'] === bootOf(last))]));
  return { explain: bgp, rows: bgpLines(tables) };
}

testVectors<BgpVector>(folder, tell);

it('the vectors have every message type', () => {
  const names = [...readVectors<BgpVector>(folder).values()].flatMap((vector) => vector.expected.explain.flatMap((one) => one.name ?? []));
  expect(new Set(names)).toEqual(new Set(['open', 'update', 'notification', 'keepalive', 'route-refresh']));
});
