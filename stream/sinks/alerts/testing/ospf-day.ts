/** A day of the OSPF LAN of ospf-lan from before its first change: hellos, LSA refreshes; another DR, and a planned restart (Grace-LSA). */
import { ipv4Frame, ospfPacket, updateBody } from '../../../../decoders-wasm/protocols/ospf/crafted.ts';
import { graceLsa } from '../../../../decoders-wasm/protocols/ospf/scenarios/pair.ts';
import { type Frame, framesOf, medianGap, play, putFletcher, randomOf, type Task } from './frames.ts';

const OSPF = 34;
const HELLO = 1;
const UPDATE = 4;
const BODY = OSPF + 24;
const ROUTER_LSA = 1;
const NETWORK_LSA = 2;
const TRANSIT = 2;
const MAX_AGE = 3600;

export interface OspfDay {
  readonly file: string;
  readonly until: number;
  readonly days: number;
  readonly drChange: number;
  readonly graceful: number;
  /** The restarting router sends no Grace-LSA. */
  readonly isUnannounced?: boolean;
}

export async function ospfDay({ file, until, days, drChange, graceful, isUnannounced = false }: OspfDay): Promise<Iterable<Frame>> {
  const { frames } = await framesOf(file, until);
  const lan = new OspfLan(frames, isUnannounced);
  function* all(): Generator<Frame> {
    yield* frames;
    const once = [
      [drChange, (at: number) => lan.changeDr(at)], [graceful, (at: number) => lan.restart(at, true)], [graceful + 60, (at: number) => lan.restart(at, false)],
    ] as const;
    yield* play(lan.tasks, once, frames.at(-1)!.at, days);
  }
  return all();
}

class OspfLan {
  readonly tasks: Task[];
  private readonly random = randomOf(2);
  /** By source address. */
  private readonly hellos = new Map<string, Uint8Array>();
  private readonly addresses = new Map<string, string>();
  private readonly lsas = new Map<string, Uint8Array>();
  private silent = '';

  private readonly isUnannounced: boolean;

  constructor(frames: readonly Frame[], isUnannounced: boolean) {
    this.isUnannounced = isUnannounced;
    const times = new Map<string, number[]>();
    for (const { at, data } of frames) {
      if (data[23] !== 89) continue;
      const source = quadAt(data, 26);
      this.addresses.set(quadAt(data, OSPF + 4), source);
      if (data[OSPF + 1] === HELLO) {
        this.hellos.set(source, data);
        times.set(source, [...times.get(source) ?? [], at]);
      } else if (data[OSPF + 1] === UPDATE) this.keep(data);
    }
    const last = frames.at(-1)!.at;
    this.tasks = [
      ...[...times].map(([source, all]): Task => {
        const gap = medianGap(all.slice(-4));
        return { next: all.at(-1)! + gap, every: () => gap * (0.98 + 0.04 * this.random()), emit: (at) => (this.silent === source ? [] : [{ at, data: this.hellos.get(source)! }]) };
      }),
      ...[...this.lsas.keys()].map((key): Task => ({ next: last + 1000 * this.random(), every: () => 1750 + 50 * this.random(), emit: (at) => (this.lsas.has(key) ? [{ at, data: this.refresh(key) }] : []) })),
    ];
  }

  /** 10.0.0.2 is DR and 10.0.0.3 BDR from here on; the network's LSA is the new one's, the old one is flushed. */
  changeDr(at: number): Frame[] {
    const [old] = [...this.hellos.values()].map((data) => data.subarray(BODY + 12, BODY + 16));
    const before = Uint8Array.from(old!);
    const after = Uint8Array.from([10, 0, 0, 2]);
    for (const [source, data] of this.hellos) {
      const hello = data.slice();
      hello.set([...after, 10, 0, 0, 3], BODY + 12);
      this.hellos.set(source, packet(source, quadAt(hello, OSPF + 4), HELLO, hello.subarray(BODY)));
    }
    const [key, network] = [...this.lsas].find(([, data]) => data[3] === NETWORK_LSA && Buffer.from(data.subarray(4, 8)).equals(before))!;
    const flushed = network.slice();
    new DataView(flushed.buffer).setUint16(0, MAX_AGE);
    this.lsas.delete(key);
    const fresh = network.slice();
    fresh.set(after, 4);
    fresh.set([10, 255, 0, 2], 8);
    this.lsas.set(keyOf(fresh), fresh);
    const sent: Frame[] = [{ at: at + 0.1, data: this.refresh(keyOf(fresh)) }];
    for (const [known, data] of this.lsas) if (data[3] === ROUTER_LSA && this.moveTransit(known, before, after)) sent.push({ at: at + 0.1 + 0.05 * sent.length, data: this.refresh(known) });
    this.tasks.push({ next: at + 1500, every: () => 1750, emit: (then) => [{ at: then, data: this.refresh(keyOf(fresh)) }] });
    return [...sent, { at: at + 1, data: packet(this.addresses.get(quadAt(flushed, 8))!, quadAt(flushed, 8), UPDATE, Uint8Array.from(updateBody([[...flushed]]))) }];
  }

  /** 10.0.0.3 restarts within its grace period, and flushes its Grace-LSA when it is back (RFC 3623). */
  restart(at: number, begins: boolean): Frame[] {
    this.silent = begins ? '10.0.0.3' : '';
    const end = { id: '10.255.0.3', address: '10.0.0.3' };
    const hello = begins ? [] : [{ at, data: this.hellos.get(end.address)! }];
    if (this.isUnannounced) return hello;
    const grace = begins ? graceLsa(end, 120) : graceLsa(end, 120, MAX_AGE, 2);
    return [...hello, { at: at + 1, data: packet(end.address, end.id, UPDATE, Uint8Array.from(updateBody([grace]))) }];
  }

  private keep(data: Uint8Array): void {
    const view = new DataView(data.buffer, data.byteOffset);
    let at = BODY + 4;
    for (let left = view.getUint32(BODY); left > 0; left--) {
      const lsa = data.slice(at, at + view.getUint16(at + 18));
      const known = this.lsas.get(keyOf(lsa));
      if (view.getUint16(at) < MAX_AGE && (known === undefined || sequenceOf(lsa) > sequenceOf(known))) this.lsas.set(keyOf(lsa), lsa);
      at += lsa.length;
    }
  }

  private moveTransit(key: string, before: Uint8Array, after: Uint8Array): boolean {
    const lsa = this.lsas.get(key)!;
    let isMoved = false;
    for (let at = 24; at + 12 <= lsa.length; at += 12) {
      if (lsa[at + 8] !== TRANSIT || !Buffer.from(lsa.subarray(at, at + 4)).equals(before)) continue;
      lsa.set(after, at);
      isMoved = true;
    }
    return isMoved;
  }

  private refresh(key: string): Uint8Array {
    const lsa = this.lsas.get(key)!.slice();
    const view = new DataView(lsa.buffer);
    view.setUint16(0, 1);
    view.setUint32(12, view.getUint32(12) + 1);
    putFletcher(lsa, 2, 16);
    this.lsas.set(key, lsa);
    const router = quadAt(lsa, 8);
    // Of another area's routers the ABR floods it here.
    const sender = this.addresses.has(router) ? router : '10.255.0.3';
    return packet(this.addresses.get(sender)!, sender, UPDATE, Uint8Array.from(updateBody([[...lsa]])));
  }
}

function packet(source: string, router: string, type: number, body: Uint8Array): Uint8Array {
  return Uint8Array.from(ipv4Frame(source, '224.0.0.5', ospfPacket({ type, router, area: '0.0.0.0', body: [...body] })));
}

function quadAt(data: Uint8Array, at: number): string {
  return data.subarray(at, at + 4).join('.');
}

function keyOf(lsa: Uint8Array): string {
  return `${lsa[3]} ${quadAt(lsa, 4)} ${quadAt(lsa, 8)}`;
}

function sequenceOf(lsa: Uint8Array): number {
  return new DataView(lsa.buffer, lsa.byteOffset).getInt32(12);
}
