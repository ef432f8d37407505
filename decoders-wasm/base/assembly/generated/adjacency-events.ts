// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_ADJACENCY_EVENTS: u32 = 1;

/** One transition of what one router believes of one neighbour (a directed view), IS-IS and OSPF. Row key: protocol, network instance and link (codes of the context), level, router, neighbour, SNPA or interface address. */
@unmanaged
export class AdjacencyEvents {
  /** `isis`, `ospfv2` or `ospfv3`. */
  static protocol: u8 = 0;
  /** IS-IS level 1 or 2; 0 elsewhere. */
  static level: u8 = 0;
  /** OSPF area id as a dotted quad; empty for IS-IS. */
  static areaAt: usize = 0;
  static areaLength: u32 = 0;
  /** Whose view changed: system id `0000.0000.0001` or router id. */
  static routerAt: usize = 0;
  static routerLength: u32 = 0;
  /** Whom the view is of. */
  static neighborAt: usize = 0;
  static neighborLength: u32 = 0;
  /** Hostname of `router` learned from the wire, empty before. */
  static routerNameAt: usize = 0;
  static routerNameLength: u32 = 0;
  /** Hostname of `neighbor` learned from the wire, empty before. */
  static neighborNameAt: usize = 0;
  static neighborNameLength: u32 = 0;
  /** Interface address of `router`; empty where unknown. */
  static localAddressAt: usize = 0;
  static localAddressLength: u32 = 0;
  /** Interface address of `neighbor`; empty where unknown. */
  static neighborAddressAt: usize = 0;
  static neighborAddressLength: u32 = 0;
  /** SNPA (MAC address) of the neighbour; empty for OSPF. */
  static neighborSnpaAt: usize = 0;
  static neighborSnpaLength: u32 = 0;
  /** IS-IS: the neighbour's (extended) local circuit id; 0 where unknown. */
  static circuitId: u32 = 0;
  /** VLAN id of the outermost tag; 0 untagged. */
  static vlan: u16 = 0;
  /** State before; `unknown` at first sight. */
  static prevState: u8 = 0;
  /** State after. */
  static state: u8 = 0;
  /** Why, from a closed list. */
  static reason: u8 = 0;
  /** For config-mismatch the YANG `error`; else empty or a flag such as restart, suppressed. */
  static detailAt: usize = 0;
  static detailLength: u32 = 0;
  /** Hold time (OSPF: dead interval) in force for the view. Unit: s. */
  static holdTime: u32 = 0;
  /** Time of the neighbour's last hello that the router accepted; 1970 where there was none. */
  static lastHello: i64 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    AdjacencyEvents.protocol = 0;
    AdjacencyEvents.level = 0;
    AdjacencyEvents.areaLength = 0;
    AdjacencyEvents.routerLength = 0;
    AdjacencyEvents.neighborLength = 0;
    AdjacencyEvents.routerNameLength = 0;
    AdjacencyEvents.neighborNameLength = 0;
    AdjacencyEvents.localAddressLength = 0;
    AdjacencyEvents.neighborAddressLength = 0;
    AdjacencyEvents.neighborSnpaLength = 0;
    AdjacencyEvents.circuitId = 0;
    AdjacencyEvents.vlan = 0;
    AdjacencyEvents.prevState = 0;
    AdjacencyEvents.state = 0;
    AdjacencyEvents.reason = 0;
    AdjacencyEvents.detailLength = 0;
    AdjacencyEvents.holdTime = 0;
    AdjacencyEvents.lastHello = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(1, 132 + AdjacencyEvents.areaLength + AdjacencyEvents.routerLength + AdjacencyEvents.neighborLength + AdjacencyEvents.routerNameLength + AdjacencyEvents.neighborNameLength + AdjacencyEvents.localAddressLength + AdjacencyEvents.neighborAddressLength + AdjacencyEvents.neighborSnpaLength + AdjacencyEvents.detailLength)) return false;
    let at = Envelope.write(1, key, keyLength, ordinal);
    store<u8>(at, AdjacencyEvents.protocol);
    store<u8>(at, AdjacencyEvents.level, 1);
    at = RowWriter.counted(at + 2, AdjacencyEvents.areaLength, AdjacencyEvents.areaAt, AdjacencyEvents.areaLength);
    at = RowWriter.counted(at, AdjacencyEvents.routerLength, AdjacencyEvents.routerAt, AdjacencyEvents.routerLength);
    at = RowWriter.counted(at, AdjacencyEvents.neighborLength, AdjacencyEvents.neighborAt, AdjacencyEvents.neighborLength);
    at = RowWriter.counted(at, AdjacencyEvents.routerNameLength, AdjacencyEvents.routerNameAt, AdjacencyEvents.routerNameLength);
    at = RowWriter.counted(at, AdjacencyEvents.neighborNameLength, AdjacencyEvents.neighborNameAt, AdjacencyEvents.neighborNameLength);
    at = RowWriter.counted(at, AdjacencyEvents.localAddressLength, AdjacencyEvents.localAddressAt, AdjacencyEvents.localAddressLength);
    at = RowWriter.counted(at, AdjacencyEvents.neighborAddressLength, AdjacencyEvents.neighborAddressAt, AdjacencyEvents.neighborAddressLength);
    at = RowWriter.counted(at, AdjacencyEvents.neighborSnpaLength, AdjacencyEvents.neighborSnpaAt, AdjacencyEvents.neighborSnpaLength);
    store<u32>(at, AdjacencyEvents.circuitId);
    store<u16>(at, AdjacencyEvents.vlan, 4);
    store<u8>(at, AdjacencyEvents.prevState, 6);
    store<u8>(at, AdjacencyEvents.state, 7);
    store<u8>(at, AdjacencyEvents.reason, 8);
    at = RowWriter.counted(at + 9, AdjacencyEvents.detailLength, AdjacencyEvents.detailAt, AdjacencyEvents.detailLength);
    store<u32>(at, AdjacencyEvents.holdTime);
    store<i64>(at, AdjacencyEvents.lastHello, 4);
    RowWriter.end(at + 12);
    return true;
  }

  /** Takes the text written since Text.begin() as `area`. */
  static areaText(): void {
    AdjacencyEvents.areaAt = Text.start;
    AdjacencyEvents.areaLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `router`. */
  static routerText(): void {
    AdjacencyEvents.routerAt = Text.start;
    AdjacencyEvents.routerLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `neighbor`. */
  static neighborText(): void {
    AdjacencyEvents.neighborAt = Text.start;
    AdjacencyEvents.neighborLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `router_name`. */
  static routerNameText(): void {
    AdjacencyEvents.routerNameAt = Text.start;
    AdjacencyEvents.routerNameLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `neighbor_name`. */
  static neighborNameText(): void {
    AdjacencyEvents.neighborNameAt = Text.start;
    AdjacencyEvents.neighborNameLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `local_address`. */
  static localAddressText(): void {
    AdjacencyEvents.localAddressAt = Text.start;
    AdjacencyEvents.localAddressLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `neighbor_address`. */
  static neighborAddressText(): void {
    AdjacencyEvents.neighborAddressAt = Text.start;
    AdjacencyEvents.neighborAddressLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `neighbor_snpa`. */
  static neighborSnpaText(): void {
    AdjacencyEvents.neighborSnpaAt = Text.start;
    AdjacencyEvents.neighborSnpaLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `detail`. */
  static detailText(): void {
    AdjacencyEvents.detailAt = Text.start;
    AdjacencyEvents.detailLength = Text.length();
  }
}
