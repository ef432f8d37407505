// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_LSDB_CHANGES: u32 = 12;

/** A newer instance of an LSP or LSA was adopted: new, changed, refreshed, purged or expired. Row key: protocol, level or area, type, id, advertising router, sequence. */
@unmanaged
export class LsdbChanges {
  /** `isis`, `ospfv2` or `ospfv3`. */
  static protocol: u8 = 0;
  /** IS-IS level; 0 elsewhere. */
  static level: u8 = 0;
  /** OSPF area id; empty for IS-IS and AS scope. */
  static areaAt: usize = 0;
  static areaLength: u32 = 0;
  /** OSPF LS type; 0 for IS-IS. */
  static lsaType: u8 = 0;
  /** LSP id `0000.0000.0001.00-00` or link state id. */
  static lsaIdAt: usize = 0;
  static lsaIdLength: u32 = 0;
  /** System id or router id of the originator. */
  static advertisingRouterAt: usize = 0;
  static advertisingRouterLength: u32 = 0;
  /** What the instance is against the one before. */
  static change: u8 = 0;
  /** Sequence number, as on the wire. */
  static sequence: u32 = 0;
  /** Checksum, as on the wire. */
  static checksum: u16 = 0;
  /** IS-IS: remaining lifetime; OSPF: LS age. Unit: s. */
  static lifetime: u16 = 0;
  /** The LSP or LSA itself; empty when refreshed with equal content. */
  static pduAt: usize = 0;
  static pduLength: u32 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    LsdbChanges.protocol = 0;
    LsdbChanges.level = 0;
    LsdbChanges.areaLength = 0;
    LsdbChanges.lsaType = 0;
    LsdbChanges.lsaIdLength = 0;
    LsdbChanges.advertisingRouterLength = 0;
    LsdbChanges.change = 0;
    LsdbChanges.sequence = 0;
    LsdbChanges.checksum = 0;
    LsdbChanges.lifetime = 0;
    LsdbChanges.pduLength = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(12, 96 + LsdbChanges.areaLength + LsdbChanges.lsaIdLength + LsdbChanges.advertisingRouterLength + LsdbChanges.pduLength)) return false;
    let at = Envelope.write(12, key, keyLength, ordinal);
    store<u8>(at, LsdbChanges.protocol);
    store<u8>(at, LsdbChanges.level, 1);
    at = RowWriter.counted(at + 2, LsdbChanges.areaLength, LsdbChanges.areaAt, LsdbChanges.areaLength);
    store<u8>(at, LsdbChanges.lsaType);
    at = RowWriter.counted(at + 1, LsdbChanges.lsaIdLength, LsdbChanges.lsaIdAt, LsdbChanges.lsaIdLength);
    at = RowWriter.counted(at, LsdbChanges.advertisingRouterLength, LsdbChanges.advertisingRouterAt, LsdbChanges.advertisingRouterLength);
    store<u8>(at, LsdbChanges.change);
    store<u32>(at, LsdbChanges.sequence, 1);
    store<u16>(at, LsdbChanges.checksum, 5);
    store<u16>(at, LsdbChanges.lifetime, 7);
    at = RowWriter.counted(at + 9, LsdbChanges.pduLength, LsdbChanges.pduAt, LsdbChanges.pduLength);
    RowWriter.end(at);
    return true;
  }

  /** Takes the text written since Text.begin() as `area`. */
  static areaText(): void {
    LsdbChanges.areaAt = Text.start;
    LsdbChanges.areaLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `lsa_id`. */
  static lsaIdText(): void {
    LsdbChanges.lsaIdAt = Text.start;
    LsdbChanges.lsaIdLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `advertising_router`. */
  static advertisingRouterText(): void {
    LsdbChanges.advertisingRouterAt = Text.start;
    LsdbChanges.advertisingRouterLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `pdu`. */
  static pduText(): void {
    LsdbChanges.pduAt = Text.start;
    LsdbChanges.pduLength = Text.length();
  }
}
