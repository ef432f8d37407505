/** A day of the IS-IS LAN of isis-lan3 from before its first fault: hellos, CSNPs, LSP refreshes; a change of DIS and a planned restart. */
import { type Frame, framesOf, medianGap, play, putFletcher, randomOf, replaceBytes, type Task } from './frames.ts';

/** Where the PDU begins: Ethernet with 802.3 length, LLC. */
const PDU = 17;
const LAN_HELLOS = [15, 16];
const LSPS = [18, 20];
const CSNPS = [24, 25];
/** TLVs (ISO 10589, RFC 5306). */
const LSP_ENTRIES = 9;
const NEIGHBORS = 6;
const RESTART = 211;
const HELLO_FIXED = 27;
const LSP_FIXED = 27;

export interface IsisDay {
  readonly file: string;
  /** s since 1970: the first fault of the lab. */
  readonly until: number;
  /** s since the first frame. */
  readonly days: number;
  readonly disChange: number;
  readonly restart: number;
  /** The restarting router does not say so. */
  readonly isUnannounced?: boolean;
}

export async function isisDay({ file, until, days, disChange, restart, isUnannounced = false }: IsisDay): Promise<Iterable<Frame>> {
  const { frames } = await framesOf(file, until);
  const lan = new IsisLan(frames, isUnannounced);
  function* all(): Generator<Frame> {
    yield* frames;
    yield* play(lan.tasks, [[disChange, (at) => lan.changeDis(at)], [restart, () => lan.restart(true)], [restart + 8, () => lan.restart(false)]], frames.at(-1)!.at, days);
  }
  return all();
}

class IsisLan {
  readonly tasks: Task[];
  private readonly random = randomOf(1);
  private readonly hellos = new Map<string, Uint8Array>();
  private readonly lsps = new Map<string, Uint8Array>();
  private restarting = false;

  private readonly isUnannounced: boolean;

  constructor(frames: readonly Frame[], isUnannounced: boolean) {
    this.isUnannounced = isUnannounced;
    const times = new Map<string, number[]>();
    const csnps = new Map<number, Uint8Array>();
    for (const { at, data } of frames) {
      const type = data[PDU + 4]!;
      const key = `${type} ${Buffer.from(data.subarray(6, 12)).toString('hex')}`;
      if (LAN_HELLOS.includes(type)) {
        this.hellos.set(key, data);
        times.set(key, [...times.get(key) ?? [], at]);
      } else if (LSPS.includes(type)) this.keep(data);
      else if (CSNPS.includes(type)) csnps.set(type, data);
    }
    const last = frames.at(-1)!.at;
    this.tasks = [
      ...[...times].map(([key, all]): Task => {
        const gap = medianGap(all.slice(-6));
        return { next: all.at(-1)! + gap, every: () => gap * (0.85 + 0.15 * this.random()), emit: (at) => [{ at, data: this.hello(key) }] };
      }),
      ...[...this.lsps.keys()].map((key): Task => ({ next: last + 600 * this.random(), every: () => 600 + 250 * this.random(), emit: (at) => (this.lsps.has(key) ? [{ at, data: this.refresh(key) }] : []) })),
      ...[...csnps].map(([, data]): Task => ({ next: last + 10, every: () => 10, emit: (at) => [{ at, data: this.csnp(data) }] })),
    ];
  }

  /** r1 becomes DIS of both levels in place of whoever is it: hellos name it, LSPs its pseudonode, the old one is purged. */
  changeDis(at: number): Frame[] {
    const sent: Frame[] = [];
    for (const [type, lspType] of [[15, 18], [16, 20]] as const) {
      const some = [...this.hellos].find(([key]) => key.startsWith(`${type} `))![1];
      const old = some.slice(PDU + 20, PDU + 27);
      const fresh = Uint8Array.from([0, 0, 0, 0, 0, 1, 9]);
      for (const [key, data] of this.hellos) if (key.startsWith(`${type} `)) this.hellos.set(key, replaceBytes(data, old, fresh));
      const ours = [...this.lsps].filter(([, data]) => data[PDU + 4] === lspType);
      // The pseudonode's own first: a router's link to it counts where both say so.
      ours.sort(([, a], [, b]) => Number(b[PDU + 18]! > 0) - Number(a[PDU + 18]! > 0));
      for (const [key, data] of ours) {
        const moved = replaceBytes(data, old, fresh);
        this.lsps.set(key, moved);
        if (data[PDU + 18]! > 0) {
          this.lsps.delete(key);
          this.keep(moved);
          sent.push({ at: at + 0.5, data: purged(data) });
          this.tasks.push({ next: at + 600, every: () => 700, emit: (then) => [{ at: then, data: this.refresh(keyOf(moved)) }] });
        }
        sent.push({ at: at + 0.02 * sent.length, data: this.refresh(keyOf(moved)) });
      }
    }
    return sent.toSorted((a, b) => a.at - b.at);
  }

  /** r2 restarts and says so: for a while it lists nobody and asks to be kept (RFC 5306 section 3.1). */
  restart(is: boolean): Frame[] {
    this.restarting = is;
    return [];
  }

  private hello(key: string): Uint8Array {
    const data = this.hellos.get(key)!;
    return this.restarting && key.endsWith('020000000201') ? restartingHello(data, this.isUnannounced) : data;
  }

  private keep(data: Uint8Array): void {
    const known = this.lsps.get(keyOf(data));
    if (known === undefined || sequenceOf(data) > sequenceOf(known)) this.lsps.set(keyOf(data), data);
  }

  private refresh(key: string): Uint8Array {
    const data = this.lsps.get(key)!.slice(0, PDU + lengthOf(this.lsps.get(key)!, 8));
    const view = new DataView(data.buffer);
    view.setUint32(PDU + 20, view.getUint32(PDU + 20) + 1);
    view.setUint16(PDU + 10, 1199);
    putFletcher(data, PDU + 12, PDU + 24);
    this.lsps.set(key, data);
    return data;
  }

  /** The CSNP with its entries as the database is now. */
  private csnp(old: Uint8Array): Uint8Array {
    const level = old[PDU + 4] === 24 ? 18 : 20;
    const entries = [...this.lsps.values()].filter((data) => data[PDU + 4] === level).map((data) => Buffer.concat([data.subarray(PDU + 10, PDU + 12), data.subarray(PDU + 12, PDU + 26)])).toSorted((a, b) => a.compare(b, 2, 10, 2, 10));
    return framed(old, 33, Buffer.concat([Buffer.from([LSP_ENTRIES, entries.length * 16]), ...entries]), 8);
  }
}

function keyOf(data: Uint8Array): string {
  return Buffer.from(data.subarray(PDU + 4, PDU + 5)).toString('hex') + Buffer.from(data.subarray(PDU + 12, PDU + 20)).toString('hex');
}

function sequenceOf(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(PDU + 20);
}

function lengthOf(data: Uint8Array, at: number): number {
  return new DataView(data.buffer, data.byteOffset).getUint16(PDU + at);
}

/** The same header with other TLVs behind it; `at` is where the PDU's length stands. */
function framed(old: Uint8Array, fixed: number, tlvs: Uint8Array, at: number): Uint8Array {
  const data = new Uint8Array(Buffer.concat([old.subarray(0, PDU + fixed), tlvs]));
  const view = new DataView(data.buffer);
  view.setUint16(PDU + at, fixed + tlvs.length);
  view.setUint16(12, data.length - 14);
  return data;
}

function restartingHello(data: Uint8Array, isUnannounced: boolean): Uint8Array {
  const kept: Uint8Array[] = [];
  for (let at = PDU + HELLO_FIXED; at < PDU + lengthOf(data, 17); at += 2 + data[at + 1]!) if (data[at] !== NEIGHBORS && data[at] !== RESTART) kept.push(data.subarray(at, at + 2 + data[at + 1]!));
  return framed(data, HELLO_FIXED, Buffer.concat([...kept, isUnannounced ? Buffer.alloc(0) : Buffer.from([RESTART, 3, 1, 0, 0])]), 17);
}

/** The purge of an LSP: its header alone, no lifetime. */
function purged(data: Uint8Array): Uint8Array {
  const purge = framed(data, LSP_FIXED, new Uint8Array(), 8);
  const view = new DataView(purge.buffer);
  view.setUint16(PDU + 10, 0);
  view.setUint32(PDU + 20, view.getUint32(PDU + 20) + 1);
  return purge;
}
