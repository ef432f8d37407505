/** LSAs outlive what no tap sees: a closed tap, frames that were missed (rules C7, C8). */
import { describe, expect, it } from 'vitest';
import * as layout from '../../contract/generated/frame.ts';
import { TAP_CLOSED, TAP_GAP } from '../../contract/abi.ts';
import { loadModule, registry } from '../../contract/host.ts';
import { readRows, type Row } from '../../contract/row-reader.ts';
import { tables } from '../../contract/generated/tables.ts';
import { DecoderInstance } from '../../host/instance.ts';
import { frameRecord, helloBody, ipv4Frame, lsa, ospfPacket, routerBody, updateBody } from './crafted.ts';
import { OSPFV2 } from './testing.ts';

const START = 1_795_000_000_000_000_000n;
const router = '1.1.1.1';
const all = '224.0.0.5';

/** A decoder with two taps and two links; times are seconds since its start. */
class Bench {
  private decoder = this.fresh(1n);
  private frame = 0;
  private readonly found: string[] = [];

  hello(seconds: number, tap = 0, link = tap, from = 1): this {
    return this.send(seconds, 1, helloBody({ interval: 10, dead: 40 }), { tap, link, from });
  }

  /** A Router-LSA of 3,500 s of age: it has 100 s to be refreshed. */
  update(seconds: number, { tap = 0, age = 3500, sequence = 0x80000005 } = {}, link = tap): this {
    return this.send(seconds, 4, updateBody([lsa({ type: 1, id: router, router, age, sequence, body: routerBody([[3, '10.9.9.0', '255.255.255.0', 1]]) })]), { tap, link });
  }

  tick(seconds: number, tap = 0xffff): this {
    this.decoder.tick(tap, boot(seconds), this.take);
    return this;
  }

  close(tap: number, why = TAP_CLOSED): this {
    this.decoder.closeTap(tap, why, this.take);
    return this;
  }

  open(tap: number): this {
    this.decoder.addTap(tap, new Uint8Array(16).fill(tap + 1), 0n);
    return this;
  }

  /** Frames of these taps were missed: all are closed before the first opens again. */
  gap(...taps: number[]): this {
    for (const tap of taps) this.close(tap, TAP_GAP);
    for (const tap of taps) this.open(tap);
    return this;
  }

  /** A fresh instance of another seed takes over, which must give the state back byte for byte. */
  reload(seed: bigint): this {
    const state = this.decoder.exportState();
    this.decoder = this.fresh(seed);
    this.decoder.importState(state);
    expect(Buffer.from(this.decoder.exportState()).equals(Buffer.from(state))).toBe(true);
    return this;
  }

  /** Changes of the database since the last call, as `seconds change`. */
  changes(): string[] {
    return this.found.splice(0);
  }

  private send(seconds: number, type: number, body: readonly number[], { tap, link, from = 1 }: { tap: number; link: number; from?: number }): this {
    const record = frameRecord(ipv4Frame(`10.0.0.${from}`, all, ospfPacket({ type, router: `${from}.1.1.1`, area: '0.0.0.0', body, authentication: 0, cryptoSequence: 0 })));
    const view = new DataView(record.buffer);
    view.setUint16(layout.FRAME_TAP_ID, tap, true);
    view.setBigUint64(layout.FRAME_BOOT_NS, boot(seconds), true);
    view.setBigUint64(layout.FRAME_FRAME_NUMBER, BigInt(++this.frame), true);
    view.setUint32(layout.FRAME_KEY_INDEX, link, true);
    this.decoder.process(0n, this.frame, record, this.take);
    return this;
  }

  private fresh(seed: bigint): DecoderInstance {
    const { module } = loadModule(registry.find(({ protocol }) => protocol === OSPFV2)!);
    const decoder = new DecoderInstance({ name: 'ospf', module, seed, memoryLimitBytes: 1 << 28 });
    for (const tap of [0, 1]) decoder.addTap(tap, new Uint8Array(16).fill(tap + 1), 0n);
    for (const link of [0, 1]) decoder.addContext(link, 0, link, new Uint8Array(16).fill(9));
    return decoder;
  }

  private readonly take = (drained: { blocks: readonly { table: number; layout: string; bytes: Uint8Array }[] }): void => {
    for (const { table, layout: id, bytes } of drained.blocks) {
      if (tables.find((one) => one.id === table)!.name !== 'lsdb_changes') continue;
      this.found.push(...readRows(id, bytes).map((row: Row) => `${Number((row['time'] as bigint) - START) / 1e9} ${String(row['change'])}`));
    }
  };
}

function boot(seconds: number): bigint {
  return START + BigInt(Math.round(seconds * 1e6)) * 1000n;
}

describe('an LSA', () => {
  it('expires when it gets no refresh', () => {
    expect(new Bench().hello(0).update(1).tick(100.9).reload(2n).tick(101.1).changes()).toEqual(['1 new', '101 expired']);
  });

  it('does not by refreshes that may have been missed: after a gap it has as long to show itself as when it came', () => {
    const bench = new Bench().hello(0).update(1).gap(0).reload(3n).tick(150);
    expect(bench.changes()).toEqual(['1 new']);
    bench.hello(155).reload(4n).tick(254.9);
    expect(bench.changes()).toEqual([]);
    expect(bench.tick(255.1).changes()).toEqual(['255 expired']);
  });

  it('goes on by its own age when it is seen again after a gap', () => {
    const bench = new Bench().hello(0).update(1).gap(0).update(60, { age: 3559 });
    expect(bench.tick(100.9).changes()).toEqual(['1 new']);
    expect(bench.reload(5n).tick(101.1).changes()).toEqual(['101 expired']);
  });

  it('is refreshed after a gap as ever', () => {
    const bench = new Bench().hello(0).update(1).gap(0).update(60, { age: 1, sequence: 0x80000006 });
    expect(bench.tick(3658).changes()).toEqual(['1 new', '60 refreshed']);
    expect(bench.tick(3659.1).changes()).toEqual(['3659 expired']);
  });

  it('goes over to the other tap of its link, which missed nothing', () => {
    const bench = new Bench().hello(0).hello(0.1, 1, 0).update(1).gap(0);
    expect(bench.reload(6n).tick(101.1).changes()).toEqual(['1 new', '101 expired']);
  });

  it('stands still where both taps of its link missed frames', () => {
    const bench = new Bench().hello(0).hello(0.1, 1, 0).update(1).gap(0, 1).tick(150).hello(155, 1, 0);
    expect(bench.reload(7n).tick(254.9).changes()).toEqual(['1 new']);
    expect(bench.tick(255.1).changes()).toEqual(['255 expired']);
  });

  it('goes over to a tap of another link that has shown it, when its own closes', () => {
    const bench = new Bench().hello(0).hello(0.1, 1).update(1).update(1.5, { tap: 1, age: 3501 }).close(0);
    expect(bench.reload(8n).tick(101.1).changes()).toEqual(['1 new', '101 expired']);
  });

  it('stands still while nobody on its link is heard, however coarse the ticks are', () => {
    for (const step of [0.25, 7, 200]) {
      const bench = new Bench();
      for (const at of [0, 10, 20, 30]) bench.hello(at).hello(at + 1, 0, 0, 2);
      bench.update(30.5);
      for (let at = 32; at < 239; at += step) bench.tick(at);
      expect(bench.tick(239).reload(4n).changes()).toEqual(['30.5 new']);
      for (let at = 240; at < 340; at += 10) bench.hello(at).hello(at + 1, 0, 0, 2);
      bench.tick(339.9);
      expect(bench.changes()).toEqual([]);
      expect(bench.reload(5n).tick(340.1).changes()).toEqual(['340 expired']);
    }
  });

  it('stands still while no open tap has shown it, and has its lifetime when sight is restored', () => {
    const bench = new Bench().hello(0).hello(0.1, 1).update(1).close(0).tick(300);
    expect(bench.changes()).toEqual(['1 new']);
    bench.open(0).tick(301).hello(302).reload(9n);
    expect(bench.tick(401.9).changes()).toEqual([]);
    expect(bench.tick(402.1).changes()).toEqual(['402 expired']);
  });
});
