/** A full table as the UPDATE messages that a peer sends after the session came up, from a seed. */
import { attribute, update } from '../../../decoders-wasm/protocols/bgp/generate.ts';
import { Random } from '../../fuzz/mutate.ts';
import { attributeSet, encodeIpv4, encodeIpv6 } from './attributes.ts';
import { AFI_IPV6, FLAG_OPTIONAL, MP_UNREACH_NLRI, SAFI_UNICAST } from './iana.ts';
import { PrefixSource, pick } from './prefixes.ts';

export interface TableOptions {
  /** Routes, each of another prefix. */
  readonly prefixes: number;
  readonly seed: number;
}

export interface TableMessage {
  readonly message: Buffer;
  /** Prefixes that it announces; 0 for an End-of-RIB. */
  readonly prefixes: number;
}

/** Of 1000 attribute sets so many are of IPv6. */
const IPV6_SHARE = 160;
/** Prefixes that share a set: five on average, most often one, now and then many. */
const SET_SIZES: readonly (readonly [number, number])[] = [[1, 400], [2, 170], [3, 100], [4, 70], [6, 90], [10, 80], [18, 60], [36, 30]];
/** NLRI bytes that surely fit into one message of 4096 bytes beside the attributes. */
const MOST_NLRI_BYTES = 3000;
const EMPTY = Buffer.alloc(0);

/** IPv4 and IPv6 mixed as the sets come, then an End-of-RIB for each (RFC 4724 section 2). */
export function* tableMessages(options: TableOptions): Generator<TableMessage> {
  const random = new Random(options.seed);
  const source = new PrefixSource(random);
  for (let left = options.prefixes; left > 0;) {
    const set = attributeSet(random);
    const ipv6 = random.below(1000) < IPV6_SHARE;
    const nlri: Buffer[] = [];
    let bytes = 0;
    for (let count = Math.min(pick(SET_SIZES, random.below(1000)), left); count > 0 && bytes < MOST_NLRI_BYTES; count--) {
      const field = ipv6 ? source.ipv6() : source.ipv4();
      nlri.push(field);
      bytes += field.length;
    }
    left -= nlri.length;
    const message = ipv6 ? update(EMPTY, encodeIpv6(set, Buffer.concat(nlri)), EMPTY) : update(EMPTY, encodeIpv4(set), Buffer.concat(nlri));
    yield { message, prefixes: nlri.length };
  }
  yield { message: update(EMPTY, EMPTY, EMPTY), prefixes: 0 };
  yield { message: update(EMPTY, attribute(FLAG_OPTIONAL, MP_UNREACH_NLRI, Buffer.from([0, AFI_IPV6, SAFI_UNICAST])), EMPTY), prefixes: 0 };
}
