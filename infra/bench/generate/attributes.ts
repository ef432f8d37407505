/** Path attributes as a transit provider sends them in a full table, from a seed. */
import { attribute } from '../../../decoders-wasm/protocols/bgp/generate.ts';
import type { Random } from '../../fuzz/mutate.ts';
import {
  AFI_IPV6, AGGREGATOR, AS_PATH, AS_SEQUENCE, ATOMIC_AGGREGATE, COMMUNITIES, FLAG_OPTIONAL, FLAG_TRANSITIVE, LARGE_COMMUNITY,
  MP_REACH_NLRI, MULTI_EXIT_DISC, NEXT_HOP, ORIGIN, ORIGIN_IGP, ORIGIN_INCOMPLETE, SAFI_UNICAST,
} from './iana.ts';
import { pick } from './prefixes.ts';

/** AS that sends the table. */
export const SENDER_AS = 65001;

const NEXT_HOP_IPV4 = Buffer.from([10, 0, 0, 1]);
const NEXT_HOP_IPV6 = Buffer.from('20010db8000000000000000000000001', 'hex');
const WELL_KNOWN = FLAG_TRANSITIVE;
const OPTIONAL = FLAG_OPTIONAL;
const OPTIONAL_TRANSITIVE = FLAG_OPTIONAL | FLAG_TRANSITIVE;

/** Hops behind the sender, and their share of 1000: 3 to 6 hops in all for most, some with prepending. */
const HOPS: readonly (readonly [number, number])[] = [[2, 250], [3, 400], [4, 250], [5, 100]];
const COMMUNITY_COUNTS: readonly (readonly [number, number])[] = [[0, 120], [1, 130], [2, 180], [3, 200], [5, 170], [8, 130], [14, 70]];

/** What the prefixes of one UPDATE share; the family's own parts are added by `encode`. */
export interface AttributeSet {
  readonly origin: Buffer;
  readonly path: Buffer;
  readonly rest: Buffer;
}

/** An origin AS with its upstreams: its sets differ by path and by communities, as traffic engineering makes them. */
export function attributeSet(random: Random): AttributeSet {
  const hops = [SENDER_AS, ...Array.from({ length: pick(HOPS, random.below(1000)) }, (_, hop) => autonomousSystem(random, hop))];
  const last = hops.at(-1)!;
  if (random.below(1000) < 90) hops.push(...Array.from({ length: 1 + random.below(3) }, () => last));
  const path = Buffer.alloc(2 + hops.length * 4);
  path[0] = AS_SEQUENCE;
  path[1] = hops.length;
  hops.forEach((as, index) => { path.writeUInt32BE(as, 2 + index * 4); });
  return {
    origin: attribute(WELL_KNOWN, ORIGIN, Buffer.from([random.below(1000) < 930 ? ORIGIN_IGP : ORIGIN_INCOMPLETE])),
    path: attribute(WELL_KNOWN, AS_PATH, path),
    rest: Buffer.concat(optional(random, hops)),
  };
}

function optional(random: Random, hops: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  const origin = hops.at(-1)!;
  if (random.below(1000) < 200) parts.push(attribute(OPTIONAL, MULTI_EXIT_DISC, word(random.below(2000))));
  if (random.below(1000) < 30) parts.push(attribute(WELL_KNOWN, ATOMIC_AGGREGATE, Buffer.alloc(0)));
  if (random.below(1000) < 70) parts.push(attribute(OPTIONAL_TRANSITIVE, AGGREGATOR, Buffer.concat([word(origin), word(random.next())])));
  const communities = pick(COMMUNITY_COUNTS, random.below(1000));
  if (communities > 0) {
    const values = Array.from({ length: communities }, () => word(((hops[random.below(3)]! & 0xffff) << 16 >>> 0) + random.below(4000)));
    parts.push(attribute(OPTIONAL_TRANSITIVE, COMMUNITIES, Buffer.concat(values.toSorted(Buffer.compare))));
  }
  if (random.below(1000) < 250) {
    const values = Array.from({ length: 1 + random.below(4) }, () => Buffer.concat([word(hops[1 + random.below(2)]!), word(random.below(100)), word(random.below(5000))]));
    parts.push(attribute(OPTIONAL_TRANSITIVE, LARGE_COMMUNITY, Buffer.concat(values.toSorted(Buffer.compare))));
  }
  return parts;
}

/** The attributes of an UPDATE for IPv4 (RFC 4271 section 5), in the order of their codes. */
export function encodeIpv4(set: AttributeSet): Buffer {
  return Buffer.concat([set.origin, set.path, attribute(WELL_KNOWN, NEXT_HOP, NEXT_HOP_IPV4), set.rest]);
}

/** For IPv6 the prefixes stand in MP_REACH_NLRI, which comes first (RFC 7606 section 5.1). */
export function encodeIpv6(set: AttributeSet, nlri: Uint8Array): Buffer {
  const value = Buffer.concat([Buffer.from([0, AFI_IPV6, SAFI_UNICAST, NEXT_HOP_IPV6.length]), NEXT_HOP_IPV6, Buffer.from([0]), nlri]);
  return Buffer.concat([attribute(OPTIONAL, MP_REACH_NLRI, value), set.origin, set.path, set.rest]);
}

/** Near the sender few ASes carry most paths; at the end of a path nearly each is another. */
function autonomousSystem(random: Random, hop: number): number {
  if (hop === 0) return 1000 + random.below(30) * 97;
  const many = hop === 1 ? 2000 : 70_000;
  const skewed = Math.floor(many * (random.below(10_000) / 10_000) ** 2);
  return skewed < 50_000 ? 3_000 + skewed : 196_608 + skewed;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
