// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';

export const TABLE_ROUTE_CHANGES: u32 = 4;

/** One change in what `sender` tells `receiver` (the receiver's Adj-RIB-In, the sender's Adj-RIB-Out). Row key: session key (code of the context), direction, family, prefix, path id. */
@unmanaged
export class RouteChanges {
  /** Direction: 0 from the first address of the session key, 1 from the second; becomes sender and receiver. */
  static fromHigher: u8 = 0;
  /** Address family as in iana-bgp-types. */
  static afiSafi: u8 = 0;
  /** Network address, IPv4 mapped. */
  /** Address of 16 bytes. */
  static prefixAddressAt: usize = 0;
  /** Prefix length of the family (IPv4: 0-32). */
  static prefixLength: u8 = 0;
  /** ADD-PATH path identifier (RFC 7911); 0 without. */
  static pathId: u32 = 0;
  /** tup, tdown, aadiff, aadup, wwdup (Labovitz). */
  static changeClass: u8 = 0;
  /** Content hash of the attribute set; 0 when withdrawn. */
  static attributesLow: u64 = 0;
  static attributesHigh: u64 = 0;
  /** Content hash of the set before; 0 when there was none. */
  static prevAttributesLow: u64 = 0;
  static prevAttributesHigh: u64 = 0;
  /** Last AS of the path; 0 for none (iBGP-originated) or when it ends in a set. A withdrawal has that of the withdrawn route. */
  static originAs: u32 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    RouteChanges.fromHigher = 0;
    RouteChanges.afiSafi = 0;
    RouteChanges.prefixAddressAt = 0;
    RouteChanges.prefixLength = 0;
    RouteChanges.pathId = 0;
    RouteChanges.changeClass = 0;
    RouteChanges.attributesLow = 0;
    RouteChanges.attributesHigh = 0;
    RouteChanges.prevAttributesLow = 0;
    RouteChanges.prevAttributesHigh = 0;
    RouteChanges.originAs = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(4, 124)) return false;
    let at = Envelope.write(4, key, keyLength, ordinal);
    store<u8>(at, RouteChanges.fromHigher);
    store<u8>(at, RouteChanges.afiSafi, 1);
    v128.store(at, v128.load(RouteChanges.prefixAddressAt), 2);
    store<u8>(at, RouteChanges.prefixLength, 18);
    store<u32>(at, RouteChanges.pathId, 19);
    store<u8>(at, RouteChanges.changeClass, 23);
    store<u64>(at, RouteChanges.attributesLow, 24);
    store<u64>(at, RouteChanges.attributesHigh, 32);
    store<u64>(at, RouteChanges.prevAttributesLow, 40);
    store<u64>(at, RouteChanges.prevAttributesHigh, 48);
    store<u32>(at, RouteChanges.originAs, 56);
    RowWriter.end(at + 60);
    return true;
  }
}
