// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_PATH_ATTRIBUTES: u32 = 5;

/** One attribute set, written at its first use by a shadow; equal sets have equal hashes everywhere. Of several rows of one set the newest counts: another decoder may have read it anew. Row key: content hash. */
@unmanaged
export class PathAttributes {
  /** Content hash (MurmurHash3 x64-128 of the canonical set: attributes by code, flags masked, next hop of the family). */
  static attributesLow: u64 = 0;
  static attributesHigh: u64 = 0;
  /** `igp`, `egp`, `incomplete`; empty when absent. */
  static origin: u8 = 0;
  /** The path has sequences only: its text is its numbers, and the row leaves it to the reader. */
  static asPathPlain: bool = false;
  /** All AS numbers in order, members of sets included. */
  /** Address of u32s, little endian. */
  static asPathAt: usize = 0;
  static asPathCount: u32 = 0;
  /** `65002 65001 {64999}`; confederations in parentheses. */
  static asPathTextAt: usize = 0;
  static asPathTextLength: u32 = 0;
  /** Last AS of the path; 0 where there is none. */
  static originAs: u32 = 0;
  /** First AS of the path; 0 where there is none. */
  static firstAs: u32 = 0;
  /** Next hop address (global one of two). */
  static nextHopAt: usize = 0;
  static nextHopLength: u32 = 0;
  /** Link-local next hop (RFC 2545); else empty. */
  static nextHopLinkLocalAt: usize = 0;
  static nextHopLinkLocalLength: u32 = 0;
  /** MULTI_EXIT_DISC. */
  static med: u32 = 0;
  static medSet: bool = false;
  /** LOCAL_PREF. */
  static localPref: u32 = 0;
  static localPrefSet: bool = false;
  /** ATOMIC_AGGREGATE present. */
  static atomicAggregate: bool = false;
  /** `AS address`; else empty. */
  static aggregatorAt: usize = 0;
  static aggregatorLength: u32 = 0;
  /** `65002:1`, as sent. */
  /** Address of items as on the wire. */
  static communitiesAt: usize = 0;
  static communitiesCount: u32 = 0;
  /** `65002:1:2`, as sent. */
  /** Address of items as on the wire. */
  static largeCommunitiesAt: usize = 0;
  static largeCommunitiesCount: u32 = 0;
  /** `rt:65000:99`, `soo:...`, or 16 hex digits. */
  /** Address of items as on the wire. */
  static extCommunitiesAt: usize = 0;
  static extCommunitiesCount: u32 = 0;
  /** ORIGINATOR_ID (RFC 4456); else empty. */
  static originatorIdAt: usize = 0;
  static originatorIdLength: u32 = 0;
  /** CLUSTER_LIST as dotted quads. */
  /** Address of items as on the wire. */
  static clusterListAt: usize = 0;
  static clusterListCount: u32 = 0;
  /** The canonical attribute bytes, unknown attributes included. */
  static rawAt: usize = 0;
  static rawLength: u32 = 0;
  /** `decoder-upgrade`: another decoder read the same attributes otherwise; else empty. */
  static reason: u8 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    PathAttributes.attributesLow = 0;
    PathAttributes.attributesHigh = 0;
    PathAttributes.origin = 0;
    PathAttributes.asPathPlain = false;
    PathAttributes.asPathCount = 0;
    PathAttributes.asPathTextLength = 0;
    PathAttributes.originAs = 0;
    PathAttributes.firstAs = 0;
    PathAttributes.nextHopLength = 0;
    PathAttributes.nextHopLinkLocalLength = 0;
    PathAttributes.medSet = false;
    PathAttributes.localPrefSet = false;
    PathAttributes.atomicAggregate = false;
    PathAttributes.aggregatorLength = 0;
    PathAttributes.communitiesCount = 0;
    PathAttributes.largeCommunitiesCount = 0;
    PathAttributes.extCommunitiesCount = 0;
    PathAttributes.originatorIdLength = 0;
    PathAttributes.clusterListCount = 0;
    PathAttributes.rawLength = 0;
    PathAttributes.reason = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(5, 157 + PathAttributes.asPathCount * 4 + PathAttributes.asPathTextLength + PathAttributes.nextHopLength + PathAttributes.nextHopLinkLocalLength + PathAttributes.aggregatorLength + PathAttributes.communitiesCount * 4 + PathAttributes.largeCommunitiesCount * 12 + PathAttributes.extCommunitiesCount * 8 + PathAttributes.originatorIdLength + PathAttributes.clusterListCount * 4 + PathAttributes.rawLength)) return false;
    let at = Envelope.write(5, key, keyLength, ordinal);
    store<u64>(at, PathAttributes.attributesLow);
    store<u64>(at, PathAttributes.attributesHigh, 8);
    store<u8>(at, PathAttributes.origin, 16);
    store<u8>(at, PathAttributes.asPathPlain ? 1 : 0, 17);
    at = RowWriter.counted(at + 18, PathAttributes.asPathCount, PathAttributes.asPathAt, PathAttributes.asPathCount * 4);
    at = RowWriter.counted(at, PathAttributes.asPathTextLength, PathAttributes.asPathTextAt, PathAttributes.asPathTextLength);
    store<u32>(at, PathAttributes.originAs);
    store<u32>(at, PathAttributes.firstAs, 4);
    at = RowWriter.counted(at + 8, PathAttributes.nextHopLength, PathAttributes.nextHopAt, PathAttributes.nextHopLength);
    at = RowWriter.counted(at, PathAttributes.nextHopLinkLocalLength, PathAttributes.nextHopLinkLocalAt, PathAttributes.nextHopLinkLocalLength);
    store<u8>(at, PathAttributes.medSet ? 0 : 1);
    store<u32>(at, PathAttributes.med, 1);
    at += PathAttributes.medSet ? 5 : 1;
    store<u8>(at, PathAttributes.localPrefSet ? 0 : 1);
    store<u32>(at, PathAttributes.localPref, 1);
    at += PathAttributes.localPrefSet ? 5 : 1;
    store<u8>(at, PathAttributes.atomicAggregate ? 1 : 0);
    at = RowWriter.counted(at + 1, PathAttributes.aggregatorLength, PathAttributes.aggregatorAt, PathAttributes.aggregatorLength);
    at = RowWriter.counted(at, PathAttributes.communitiesCount, PathAttributes.communitiesAt, PathAttributes.communitiesCount * 4);
    at = RowWriter.counted(at, PathAttributes.largeCommunitiesCount, PathAttributes.largeCommunitiesAt, PathAttributes.largeCommunitiesCount * 12);
    at = RowWriter.counted(at, PathAttributes.extCommunitiesCount, PathAttributes.extCommunitiesAt, PathAttributes.extCommunitiesCount * 8);
    at = RowWriter.counted(at, PathAttributes.originatorIdLength, PathAttributes.originatorIdAt, PathAttributes.originatorIdLength);
    at = RowWriter.counted(at, PathAttributes.clusterListCount, PathAttributes.clusterListAt, PathAttributes.clusterListCount * 4);
    at = RowWriter.counted(at, PathAttributes.rawLength, PathAttributes.rawAt, PathAttributes.rawLength);
    store<u8>(at, PathAttributes.reason);
    RowWriter.end(at + 1);
    return true;
  }

  /** Takes the text written since Text.begin() as `as_path_text`. */
  static asPathTextText(): void {
    PathAttributes.asPathTextAt = Text.start;
    PathAttributes.asPathTextLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `next_hop`. */
  static nextHopText(): void {
    PathAttributes.nextHopAt = Text.start;
    PathAttributes.nextHopLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `next_hop_link_local`. */
  static nextHopLinkLocalText(): void {
    PathAttributes.nextHopLinkLocalAt = Text.start;
    PathAttributes.nextHopLinkLocalLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `aggregator`. */
  static aggregatorText(): void {
    PathAttributes.aggregatorAt = Text.start;
    PathAttributes.aggregatorLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `originator_id`. */
  static originatorIdText(): void {
    PathAttributes.originatorIdAt = Text.start;
    PathAttributes.originatorIdLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `raw`. */
  static rawText(): void {
    PathAttributes.rawAt = Text.start;
    PathAttributes.rawLength = Text.length();
  }
}
