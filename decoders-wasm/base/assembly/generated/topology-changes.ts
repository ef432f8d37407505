// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_TOPOLOGY_CHANGES: u32 = 3;

/** One field of one object of the graph: a node, link, prefix or LAN appeared, vanished or changed. Row key: protocol, level or area, object type, object key, field. */
@unmanaged
export class TopologyChanges {
  /** `isis`, `ospfv2` or `ospfv3`. */
  static protocol: u8 = 0;
  /** IS-IS level; 0 elsewhere. */
  static level: u8 = 0;
  /** OSPF area id; empty for IS-IS and AS scope. */
  static areaAt: usize = 0;
  static areaLength: u32 = 0;
  /** `node`, `link`, `prefix` or `lan`. */
  static objectType: u8 = 0;
  /** node: its id; link: `A -> B` (pseudonodes resolved), with `#n` for parallel ones; prefix: `router prefix`; lan: id. */
  static objectKeyAt: usize = 0;
  static objectKeyLength: u32 = 0;
  /** The advertising router (for a lan: the reporter or empty). */
  static routerAt: usize = 0;
  static routerLength: u32 = 0;
  /** Its hostname learned from the wire. */
  static routerNameAt: usize = 0;
  static routerNameLength: u32 = 0;
  /** Far end of a link; else empty. */
  static neighborAt: usize = 0;
  static neighborLength: u32 = 0;
  /** For a prefix: address/length; else empty. */
  static prefixAt: usize = 0;
  static prefixLength: u32 = 0;
  /** `added`, `removed` or `changed`. */
  static change: u8 = 0;
  /** What changed: `exists` when the object appeared or vanished (its metric as the number; other fields that it has are rows of the same frame), `metric`, `overload`, `hostname`, `dis`, ... as in the YANG modules. */
  static fieldAt: usize = 0;
  static fieldLength: u32 = 0;
  /** Old value where it is a number. */
  static oldNumber: i64 = i64.MIN_VALUE;
  /** New value where it is a number. */
  static newNumber: i64 = i64.MIN_VALUE;
  /** Old value where it is text. */
  static oldTextAt: usize = 0;
  static oldTextLength: u32 = 0;
  /** New value where it is text. */
  static newTextAt: usize = 0;
  static newTextLength: u32 = 0;
  /** `decoder-upgrade`: another decoder read the same packets otherwise; else empty. */
  static reason: u8 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    TopologyChanges.protocol = 0;
    TopologyChanges.level = 0;
    TopologyChanges.areaLength = 0;
    TopologyChanges.objectType = 0;
    TopologyChanges.objectKeyLength = 0;
    TopologyChanges.routerLength = 0;
    TopologyChanges.routerNameLength = 0;
    TopologyChanges.neighborLength = 0;
    TopologyChanges.prefixLength = 0;
    TopologyChanges.change = 0;
    TopologyChanges.fieldLength = 0;
    TopologyChanges.oldNumber = i64.MIN_VALUE;
    TopologyChanges.newNumber = i64.MIN_VALUE;
    TopologyChanges.oldTextLength = 0;
    TopologyChanges.newTextLength = 0;
    TopologyChanges.reason = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(3, 130 + TopologyChanges.areaLength + TopologyChanges.objectKeyLength + TopologyChanges.routerLength + TopologyChanges.routerNameLength + TopologyChanges.neighborLength + TopologyChanges.prefixLength + TopologyChanges.fieldLength + TopologyChanges.oldTextLength + TopologyChanges.newTextLength)) return false;
    let at = Envelope.write(3, key, keyLength, ordinal);
    store<u8>(at, TopologyChanges.protocol);
    store<u8>(at, TopologyChanges.level, 1);
    at = RowWriter.counted(at + 2, TopologyChanges.areaLength, TopologyChanges.areaAt, TopologyChanges.areaLength);
    store<u8>(at, TopologyChanges.objectType);
    at = RowWriter.counted(at + 1, TopologyChanges.objectKeyLength, TopologyChanges.objectKeyAt, TopologyChanges.objectKeyLength);
    at = RowWriter.counted(at, TopologyChanges.routerLength, TopologyChanges.routerAt, TopologyChanges.routerLength);
    at = RowWriter.counted(at, TopologyChanges.routerNameLength, TopologyChanges.routerNameAt, TopologyChanges.routerNameLength);
    at = RowWriter.counted(at, TopologyChanges.neighborLength, TopologyChanges.neighborAt, TopologyChanges.neighborLength);
    at = RowWriter.counted(at, TopologyChanges.prefixLength, TopologyChanges.prefixAt, TopologyChanges.prefixLength);
    store<u8>(at, TopologyChanges.change);
    at = RowWriter.counted(at + 1, TopologyChanges.fieldLength, TopologyChanges.fieldAt, TopologyChanges.fieldLength);
    store<i64>(at, TopologyChanges.oldNumber);
    store<i64>(at, TopologyChanges.newNumber, 8);
    at = RowWriter.counted(at + 16, TopologyChanges.oldTextLength, TopologyChanges.oldTextAt, TopologyChanges.oldTextLength);
    at = RowWriter.counted(at, TopologyChanges.newTextLength, TopologyChanges.newTextAt, TopologyChanges.newTextLength);
    store<u8>(at, TopologyChanges.reason);
    RowWriter.end(at + 1);
    return true;
  }

  /** Takes the text written since Text.begin() as `area`. */
  static areaText(): void {
    TopologyChanges.areaAt = Text.start;
    TopologyChanges.areaLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `object_key`. */
  static objectKeyText(): void {
    TopologyChanges.objectKeyAt = Text.start;
    TopologyChanges.objectKeyLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `router`. */
  static routerText(): void {
    TopologyChanges.routerAt = Text.start;
    TopologyChanges.routerLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `router_name`. */
  static routerNameText(): void {
    TopologyChanges.routerNameAt = Text.start;
    TopologyChanges.routerNameLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `neighbor`. */
  static neighborText(): void {
    TopologyChanges.neighborAt = Text.start;
    TopologyChanges.neighborLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `prefix`. */
  static prefixText(): void {
    TopologyChanges.prefixAt = Text.start;
    TopologyChanges.prefixLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `field`. */
  static fieldText(): void {
    TopologyChanges.fieldAt = Text.start;
    TopologyChanges.fieldLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `old_text`. */
  static oldTextText(): void {
    TopologyChanges.oldTextAt = Text.start;
    TopologyChanges.oldTextLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `new_text`. */
  static newTextText(): void {
    TopologyChanges.newTextAt = Text.start;
    TopologyChanges.newTextLength = Text.length();
  }
}
