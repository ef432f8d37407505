/** Two live taps at one link, whose collectors send their hellos each in its own time, mostly counted (rules C8, O1, O2). */
import { describe, expect, it } from 'vitest';
import * as layout from '../../contract/generated/frame.ts';
import { loadModule, registry } from '../../contract/host.ts';
import { readRows, type Row } from '../../contract/row-reader.ts';
import { tables } from '../../contract/generated/tables.ts';
import { DecoderInstance } from '../../host/instance.ts';
import { descriptionBody, frameRecord, helloBody, ipv4Frame, ospfPacket } from './crafted.ts';
import { OSPFV2 } from './testing.ts';

const START = 1_795_000_000_000_000_000n;
const COUNTED = 1n << 63n;
const boot = (seconds: number): bigint => START + BigInt(Math.round(seconds * 1e6)) * 1000n;

interface Hello {
  readonly tap: number;
  readonly neighbors?: readonly string[];
  /** Of the frame that the tap last shipped. */
  readonly sequence: number;
  readonly isCounted?: boolean;
}

/** Routers 1 and 2 with hellos each 2 s, dead after 8 s, and a key. */
class Wire {
  private readonly decoder: DecoderInstance;
  private frame = 0;
  private readonly found: string[] = [];
  private readonly why: string[] = [];

  constructor() {
    const { module } = loadModule(registry.find(({ protocol }) => protocol === OSPFV2)!);
    this.decoder = new DecoderInstance({ name: 'ospf', module, seed: 1n, memoryLimitBytes: 1 << 28 });
    for (const tap of [0, 1]) this.decoder.addTap(tap, new Uint8Array(16).fill(tap + 1), 0n);
    this.decoder.addContext(0, 0, 0, new Uint8Array(16).fill(9));
  }

  hello(seconds: number, from: 1 | 2, { tap, neighbors = [from === 1 ? '2.1.1.1' : '1.1.1.1'], sequence, isCounted = false }: Hello): this {
    const body = helloBody({ interval: 2, dead: 8, neighbors });
    return this.send(seconds, tap, from, ospfPacket({ type: 1, router: `${from}.1.1.1`, area: '0.0.0.0', authentication: 2, cryptoSequence: sequence, digest: sequence & 255, body }), isCounted);
  }

  /** The first DBD: I, M and MS. */
  description(seconds: number, from: 1 | 2, tap: number): this {
    const packet = ospfPacket({ type: 2, router: `${from}.1.1.1`, area: '0.0.0.0', authentication: 2, cryptoSequence: 99, body: descriptionBody(7, 7) });
    return this.send(seconds, tap, from, packet, false);
  }

  /** Rows since the last call: `seconds router previous>state`, and errors by name. */
  rows(): string[] {
    return this.found.splice(0);
  }

  /** Why rows of views came, all of them. */
  reasons(): readonly string[] {
    return this.why;
  }

  private send(seconds: number, tap: number, from: number, packet: readonly number[], isCounted: boolean): this {
    const record = frameRecord(ipv4Frame(`10.0.0.${from}`, '224.0.0.5', packet));
    const view = new DataView(record.buffer);
    view.setUint16(layout.FRAME_TAP_ID, tap, true);
    view.setBigUint64(layout.FRAME_BOOT_NS, boot(seconds), true);
    view.setBigUint64(layout.FRAME_FRAME_NUMBER, isCounted ? COUNTED | boot(seconds) : BigInt(++this.frame), true);
    this.decoder.process(0n, this.frame, record, this.take);
    return this;
  }

  private readonly take = (drained: { blocks: readonly { table: number; layout: string; bytes: Uint8Array }[] }): void => {
    for (const { table, layout: id, bytes } of drained.blocks) {
      const { name } = tables.find((one) => one.id === table)!;
      const rows = name === 'adjacency_events' || name === 'protocol_errors' ? readRows(id, bytes) : [];
      for (const row of rows) this.found.push(name === 'protocol_errors' ? String(row['error']) : this.text(row));
    }
  };

  private text(row: Row): string {
    this.why.push(String(row['reason']));
    return `${Number((row['time'] as bigint) - START) / 1e9} ${String(row['router'])[0]} ${String(row['prev_state'])}>${String(row['state'])}`;
  }
}

/** Both routers in 2-way, by tap 0, at 2 s. */
function met(): Wire {
  const wire = new Wire().hello(0, 1, { tap: 0, neighbors: [], sequence: 1 }).hello(1, 2, { tap: 0, neighbors: [], sequence: 1 })
    .hello(2, 1, { tap: 0, sequence: 2 }).hello(2.01, 2, { tap: 0, sequence: 2 }).hello(2.2, 1, { tap: 0, sequence: 3 }).hello(2.2, 2, { tap: 0, sequence: 3 });
  wire.rows();
  return wire;
}

describe('a hello that two collectors tell of', () => {
  it('is one, although each tells it with the sequence number and digest that it last shipped', () => {
    const wire = met();
    for (const seconds of [4, 6, 8]) {
      wire.hello(seconds, 2, { tap: 0, sequence: 3, isCounted: true }).hello(seconds + 1e-5, 2, { tap: 1, sequence: 1, isCounted: true });
      wire.hello(seconds + 0.5, 1, { tap: 0, sequence: 3, isCounted: true }).hello(seconds + 0.50001, 1, { tap: 1, sequence: 1, isCounted: true });
    }
    expect(wire.rows().filter((row) => !row.includes('2-way'))).toEqual([]);
    // Router 1 refused all since 8.00: the refusal is dated to the one hello whose deadline lies between its own two last ones.
    wire.hello(10.5, 1, { tap: 0, sequence: 3, isCounted: true }).hello(12.5, 1, { tap: 0, sequence: 3, isCounted: true })
      .hello(14.5, 1, { tap: 0, sequence: 3, isCounted: true }).hello(14, 2, { tap: 0, sequence: 9 }).hello(16.5, 1, { tap: 0, neighbors: [], sequence: 10 });
    expect(wire.rows().filter((row) => row.includes(' 1 '))).toContain('16 1 2-way>down');
  });

  it('is another one an interval later, also if that is as short as 2 s', () => {
    const wire = met();
    // By turns: tap 0 tells of the hello at 4 s, tap 1 of that at 5.9999 s.
    for (const [seconds, tap] of [[4, 0], [5.9999, 1], [7.9998, 0], [9.9997, 1], [11.9996, 0]] as const) {
      for (const from of [1, 2] as const) wire.hello(seconds, from, { tap, sequence: 3, isCounted: true });
    }
    wire.rows();
    // Restarted it would be if it had been silent for three seconds.
    expect(wire.hello(13.9995, 1, { tap: 1, neighbors: [], sequence: 9 }).rows().filter((row) => row.includes(' 1 '))).toEqual(['12 1 2-way>down']);
    expect(wire.reasons()).not.toContain('router-restarted');
  });

  it('is no news when the slower collector tells of it after a newer one', () => {
    const wire = met();
    for (const seconds of [4, 6, 8, 10]) wire.hello(seconds, 1, { tap: 0, sequence: 3, isCounted: true }).hello(seconds + 0.1, 2, { tap: 0, sequence: 3, isCounted: true });
    wire.rows();
    wire.hello(12.1, 2, { tap: 0, neighbors: [], sequence: 9 });
    const lost = wire.rows();
    expect(lost.filter((row) => row.startsWith('12.1 1'))).toEqual(['12.1 1 2-way>init']);
    for (const seconds of [4.1, 6.1, 8.1, 10.1]) wire.hello(seconds, 2, { tap: 1, sequence: 1, isCounted: true });
    expect(wire.rows()).toEqual([]);
  });
});

describe('a DBD behind a two-way hello', () => {
  it('makes one event of both within 100 ms, and two beyond, although the other tap\'s clock stands still', () => {
    const quick = met().hello(4, 1, { tap: 1, sequence: 4 });
    quick.rows();
    const fresh = new Wire().hello(0, 1, { tap: 1, neighbors: [], sequence: 1 }).hello(0.5, 1, { tap: 0, neighbors: [], sequence: 2 }).hello(1, 2, { tap: 0, sequence: 1 });
    fresh.rows();
    expect(fresh.description(6.6, 1, 0).rows()).toEqual(['1 1 init>2-way', '6.6 1 2-way>exstart']);
    const other = new Wire().hello(0, 1, { tap: 1, neighbors: [], sequence: 1 }).hello(0.5, 1, { tap: 0, neighbors: [], sequence: 2 }).hello(1, 2, { tap: 0, sequence: 1 });
    other.rows();
    expect(other.description(1.05, 1, 0).rows()).toEqual(['1 1 init>exstart']);
  });
});
