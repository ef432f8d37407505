/** A link for scenarios: who sends what and when, as captures of one or two taps, decoded to short lines of rows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePcap, type PacketToWrite } from '../../../collectors/inputs/pcap/write.ts';
import type { Row } from '../../contract/row-reader.ts';
import {
  descriptionBody, helloBody, type HelloParts, ipv4Frame, lsa, ospfPacket, requestBody, routerBody, updateBody,
} from './crafted.ts';
import { decodeOspf, type OspfOptions } from './testing.ts';

const BASE_NS = 1_700_000_000_000_000_000n;

/** A router's end of the link. */
export interface End {
  readonly id: string;
  readonly address: string;
  readonly area?: string;
  readonly authentication?: number;
}

export const allRouters = '224.0.0.5';

export class Wire {
  private readonly taps = new Map<string, PacketToWrite[]>();
  /** Where frames go until said otherwise: names of taps. */
  seenBy: readonly string[] = ['tap'];
  private sequence = 1;

  /** Any packet at `ms` since the begin. */
  packet(ms: number, from: End, to: string, type: number, body: readonly number[], more: { cryptoSequence?: number; ttl?: number } = {}): this {
    const packet = ospfPacket({
      type, router: from.id, area: from.area ?? '0.0.0.0', body, authentication: from.authentication ?? 0,
      cryptoSequence: more.cryptoSequence ?? this.sequence++,
    });
    return this.frame(ms, ipv4Frame(from.address, to, packet, more.ttl ?? 1));
  }

  /** Any frame; the second tap sees it 1 ms later. */
  frame(ms: number, frame: readonly number[]): this {
    this.seenBy.forEach((tap, index) => {
      const list = this.taps.get(tap) ?? [];
      list.push({ timeNs: BASE_NS + BigInt(Math.round((ms + index) * 1e6)), data: Uint8Array.from(frame) });
      this.taps.set(tap, list);
    });
    return this;
  }

  hello(ms: number, from: End, parts: HelloParts = {}, to = allRouters, cryptoSequence?: number): this {
    return this.packet(ms, from, to, 1, helloBody(parts), cryptoSequence === undefined ? {} : { cryptoSequence });
  }

  /** Hellos every `every` ms from `from` to before `until`. */
  hellos(from: number, until: number, every: number, end: End, parts: HelloParts = {}): this {
    for (let ms = from; ms < until; ms += every) this.hello(ms, end, parts);
    return this;
  }

  description(ms: number, from: End, to: string, sequence: number, flags: number, headers: readonly (readonly number[])[] = [], mtu = 1500): this {
    return this.packet(ms, from, to, 2, descriptionBody(sequence, flags, headers, mtu));
  }

  request(ms: number, from: End, to: string, lsas: readonly (readonly number[])[]): this {
    return this.packet(ms, from, to, 3, requestBody(lsas));
  }

  update(ms: number, from: End, to: string, lsas: readonly (readonly number[])[]): this {
    return this.packet(ms, from, to, 4, updateBody(lsas));
  }

  /** A whole exchange on a point-to-point link from `ms` on; `b`, with the higher id, is master; both are full at ms + 7. */
  exchange(ms: number, a: End, b: End): this {
    const mine = routerLsaOf(a, 1, []);
    const theirs = routerLsaOf(b, 1, []);
    return this
      .description(ms, a, allRouters, 100, 7).description(ms + 1, b, allRouters, 200, 7)
      .description(ms + 2, a, allRouters, 200, 2, [mine]).description(ms + 3, b, allRouters, 201, 1, [theirs])
      .request(ms + 3.5, a, allRouters, [theirs]).description(ms + 4, a, allRouters, 201, 0)
      .request(ms + 5, b, allRouters, [mine]).update(ms + 6, b, allRouters, [theirs]).update(ms + 7, a, allRouters, [mine]);
  }

  /** Rows by table. */
  async decode(options: OspfOptions = {}): Promise<Map<string, Row[]>> {
    const folder = mkdtempSync(join(tmpdir(), 'ospf-scenario-'));
    try {
      const files = [...this.taps].map(([tap, packets]) => {
        const file = join(folder, `${tap}.pcap`);
        writeFileSync(file, encodePcap(packets.toSorted((a, b) => (a.timeNs < b.timeNs ? -1 : 1))));
        return file;
      });
      return (await decodeOspf(files, options)).rows;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** Milliseconds since the begin. */
export function msOf(time: unknown): number {
  return Number((time as bigint) - BASE_NS) / 1e6;
}

/** A Router-LSA of `end` with point-to-point links to the routers named and a stub for its loopback. */
export function routerLsaOf(end: End, sequence: number, neighbors: readonly string[], age = 1): number[] {
  return lsa({
    type: 1, id: end.id, router: end.id, sequence: 0x80000000 + sequence, age,
    body: routerBody([...neighbors.map((id) => [1, id, end.address, 10] as const), [3, end.id, '255.255.255.255', 0] as const]),
  });
}
