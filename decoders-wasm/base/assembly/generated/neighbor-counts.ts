// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_NEIGHBOR_COUNTS: u32 = 2;

/** Neighbours of one router on one link, written on change and once a minute. Row key: protocol, link, level, area, router. */
@unmanaged
export class NeighborCounts {
  /** `isis`, `ospfv2` or `ospfv3`. */
  static protocol: u8 = 0;
  /** System id or router id. */
  static routerAt: usize = 0;
  static routerLength: u32 = 0;
  /** Hostname learned from the wire. */
  static routerNameAt: usize = 0;
  static routerNameLength: u32 = 0;
  /** IS-IS level; 0 elsewhere. */
  static level: u8 = 0;
  /** OSPF area id; empty for IS-IS. */
  static areaAt: usize = 0;
  static areaLength: u32 = 0;
  /** Views that are up (IS-IS) or at least 2-way (OSPF). */
  static adjacencies: u32 = 0;
  /** Distinct neighbours among them. */
  static neighbors: u32 = 0;
  /** OSPF: views that are full; IS-IS: views that are up. */
  static full: u32 = 0;
  /** OSPF: views that rest at 2-way; IS-IS: 0. */
  static twoWay: u32 = 0;
  /** Whether the count can be believed. */
  static coverage: u8 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    NeighborCounts.protocol = 0;
    NeighborCounts.routerLength = 0;
    NeighborCounts.routerNameLength = 0;
    NeighborCounts.level = 0;
    NeighborCounts.areaLength = 0;
    NeighborCounts.adjacencies = 0;
    NeighborCounts.neighbors = 0;
    NeighborCounts.full = 0;
    NeighborCounts.twoWay = 0;
    NeighborCounts.coverage = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(2, 98 + NeighborCounts.routerLength + NeighborCounts.routerNameLength + NeighborCounts.areaLength)) return false;
    let at = Envelope.write(2, key, keyLength, ordinal);
    store<u8>(at, NeighborCounts.protocol);
    at = RowWriter.counted(at + 1, NeighborCounts.routerLength, NeighborCounts.routerAt, NeighborCounts.routerLength);
    at = RowWriter.counted(at, NeighborCounts.routerNameLength, NeighborCounts.routerNameAt, NeighborCounts.routerNameLength);
    store<u8>(at, NeighborCounts.level);
    at = RowWriter.counted(at + 1, NeighborCounts.areaLength, NeighborCounts.areaAt, NeighborCounts.areaLength);
    store<u32>(at, NeighborCounts.adjacencies);
    store<u32>(at, NeighborCounts.neighbors, 4);
    store<u32>(at, NeighborCounts.full, 8);
    store<u32>(at, NeighborCounts.twoWay, 12);
    store<u8>(at, NeighborCounts.coverage, 16);
    RowWriter.end(at + 17);
    return true;
  }

  /** Takes the text written since Text.begin() as `router`. */
  static routerText(): void {
    NeighborCounts.routerAt = Text.start;
    NeighborCounts.routerLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `router_name`. */
  static routerNameText(): void {
    NeighborCounts.routerNameAt = Text.start;
    NeighborCounts.routerNameLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `area`. */
  static areaText(): void {
    NeighborCounts.areaAt = Text.start;
    NeighborCounts.areaLength = Text.length();
  }
}
