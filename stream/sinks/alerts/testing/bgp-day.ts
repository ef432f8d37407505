/** A day of the two iBGP sessions on l1 of bgp-basic: keepalives, and f2's restart made a graceful one that kept its forwarding state. */
import { type Frame, framesOf, play, type Task } from './frames.ts';

const KEEPALIVE_BYTES = 19;
const KEEPALIVE_S = 10;
const SYN = 2;
const ACK = 16;

export interface BgpDay {
  readonly file: string;
  /** s since 1970: f2 is killed, and the lab goes on to `until`. */
  readonly killed: number;
  readonly until: number;
  readonly days: number;
  readonly restart: number;
}

export async function bgpDay({ file, killed, until, days, restart }: BgpDay): Promise<Iterable<Frame>> {
  const { frames, firstNs } = await framesOf(file, until);
  const cut = killed - Number(firstNs) / 1e9;
  const before = frames.filter(({ at }) => at < cut);
  const after = frames.filter(({ at }) => at >= cut);
  function* all(): Generator<Frame> {
    const link = new BgpLink();
    for (const frame of before) yield link.note(frame);
    yield* play(link.tasks(before.at(-1)!.at), [], 0, restart);
    for (const { at, data } of after) yield link.note({ at: at - cut + restart + 1, data: withForwardingState(link.shifted(data)) });
    yield* play(link.tasks(after.at(-1)!.at - cut + restart + 1), [], 0, days);
  }
  return all();
}

/** One direction of a connection. */
interface Direction {
  readonly key: string;
  readonly back: string;
  next: number;
  /** How much further it is than in the lab. */
  shift: number;
  keepalive: Uint8Array | undefined;
  pureAck: Uint8Array | undefined;
  isOpen: boolean;
}

class BgpLink {
  private readonly directions = new Map<string, Direction>();

  note(frame: Frame): Frame {
    const tcp = tcpOf(frame.data);
    if (tcp === undefined) return frame;
    const direction = this.directions.get(tcp.key) ?? { key: tcp.key, back: tcp.back, next: 0, shift: 0, keepalive: undefined, pureAck: undefined, isOpen: true };
    this.directions.set(tcp.key, direction);
    if ((tcp.flags & 7) !== 0 && (tcp.flags & SYN) === 0) direction.isOpen = false;
    direction.next = (tcp.sequence + tcp.length + ((tcp.flags & 3) === 0 ? 0 : 1)) >>> 0;
    if (tcp.length === KEEPALIVE_BYTES) direction.keepalive = frame.data;
    if (tcp.length === 0 && tcp.flags === ACK) direction.pureAck = frame.data;
    return frame;
  }

  /** Keepalives of both ends of each open connection, each acknowledged. */
  tasks(from: number): Task[] {
    return [...this.directions.values()].filter((one) => one.isOpen && one.keepalive !== undefined && this.directions.get(one.back)?.pureAck !== undefined).map((one, index) => ({
      next: from + 1 + index, every: () => KEEPALIVE_S,
      emit: (at: number): Frame[] => {
        const back = this.directions.get(one.back)!;
        const keepalive = numbered(one.keepalive!, one.next, back.next);
        one.next = (one.next + KEEPALIVE_BYTES) >>> 0;
        one.shift += KEEPALIVE_BYTES;
        return [{ at, data: keepalive }, { at: at + 0.00005, data: numbered(back.pureAck!, back.next, one.next) }];
      },
    }));
  }

  /** A frame of the lab with the numbers that its connection has by now. */
  shifted(data: Uint8Array): Uint8Array {
    const tcp = tcpOf(data);
    const [there, back] = [this.directions.get(tcp?.key ?? ''), this.directions.get(tcp?.back ?? '')];
    if (tcp === undefined || there === undefined || back === undefined) return data;
    return numbered(data, tcp.sequence + there.shift, tcp.acknowledged + back.shift);
  }
}

interface Tcp {
  readonly key: string;
  readonly back: string;
  readonly at: number;
  readonly payload: number;
  readonly length: number;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
}

function tcpOf(data: Uint8Array): Tcp | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const isIpv6 = view.getUint16(12) === 0x86dd;
  if ((isIpv6 ? data[20] : data[23]) !== 6) return undefined;
  const at = isIpv6 ? 54 : 34;
  const [source, destination] = isIpv6 ? [data.subarray(22, 38), data.subarray(38, 54)] : [data.subarray(26, 30), data.subarray(30, 34)];
  const ends = [`${Buffer.from(source).toString('hex')}:${view.getUint16(at)}`, `${Buffer.from(destination).toString('hex')}:${view.getUint16(at + 2)}`] as const;
  const payload = at + (data[at + 12]! >> 4) * 4;
  return {
    key: ends.join(' '), back: ends.toReversed().join(' '), at, payload, length: (isIpv6 ? 54 + view.getUint16(18) : 14 + view.getUint16(16)) - payload, flags: data[at + 13]!,
    sequence: view.getUint32(at + 4), acknowledged: view.getUint32(at + 8),
  };
}

function numbered(data: Uint8Array, sequence: number, acknowledged: number): Uint8Array {
  const copy = data.slice();
  const view = new DataView(copy.buffer);
  const { at } = tcpOf(copy)!;
  view.setUint32(at + 4, sequence >>> 0);
  view.setUint32(at + 8, acknowledged >>> 0);
  return copy;
}

/** In an OPEN the graceful restart capability with the F bit of each family set (RFC 4724 section 3). */
function withForwardingState(data: Uint8Array): Uint8Array {
  const tcp = tcpOf(data);
  if (tcp === undefined || data[tcp.payload + 18] !== 1) return data;
  const copy = data.slice();
  const end = tcp.payload + 29 + copy[tcp.payload + 28]!;
  for (let at = tcp.payload + 29; at < end; at += 2 + copy[at + 1]!) {
    for (let capability = at + 2; capability < at + 2 + copy[at + 1]!; capability += 2 + copy[capability + 1]!) {
      if (copy[capability] !== 64) continue;
      for (let family = capability + 4; family < capability + 2 + copy[capability + 1]!; family += 4) copy[family + 3] = 0x80;
    }
  }
  return copy;
}
