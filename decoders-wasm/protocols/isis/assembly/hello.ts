/** IS-IS hellos: LAN (ISO 10589 9.5, 9.6) and point-to-point (9.7), with what their TLVs say of an adjacency. */
import { Bytes } from './bytes.ts';
import * as error from './errors.ts';
import * as iana from './iana.ts';
import { Pdu, Tlv } from './pdu.ts';
import { noteTlvError, TLV_ERROR_LENGTH } from './tlv-errors.ts';

/** Most neighbours that the list of one hello is read for; a 9000-byte frame holds 1490. */
export const MOST_LISTED: u32 = 1500;
const MOST_AREA_BYTES: u32 = 512;
const MOST_TOPOLOGIES: u32 = 16;

/**
 * The hello under the decoder.
 *
 *  LAN: circuit type 1, source id 6, holding time 2, PDU length 2, priority 1, LAN id 7
 *  p2p: circuit type 1, source id 6, holding time 2, PDU length 2, local circuit id 1
 */
@unmanaged
export class Hello {
  static circuitType: u8 = 0;
  static system: u64 = 0;
  static hold: u32 = 0;
  static priority: u8 = 0;
  /** 7 bytes as a number, 0 for none; LAN only. */
  static lanId: u64 = 0;
  static localCircuit: u8 = 0;
  /** Neighbours' SNPAs of every TLV 6, 6 bytes each. */
  static readonly listed: usize = memory.data(9000);
  static listedCount: u32 = 0;
  /** Whether a TLV 6 was there at all. */
  static hasList: bool = false;
  /** Area addresses as TLV 1 has them: length, bytes, length, bytes. */
  static readonly areas: usize = memory.data(512);
  static areaBytes: u32 = 0;
  static authType: u8 = 0;
  /** First address of TLV 132 in network order; 0 none. */
  static ipv4: u32 = 0;
  /** Address of the first 16 bytes of TLV 232; 0 none. */
  static ipv6At: usize = 0;
  /** Whether a TLV 8 was there. */
  static padded: bool = false;
  static hasRestart: bool = false;
  static restartFlags: u8 = 0;
  /** MT ids of TLV 229 (RFC 5120), u16 each. */
  static readonly topologies: usize = memory.data(32);
  static topologyCount: u32 = 0;
  static threeWay: u8 = 0;
  static hasCircuit: bool = false;
  static extendedCircuit: u32 = 0;
  static namesNeighbor: bool = false;
  static neighborSystem: u64 = 0;
  static namesCircuit: bool = false;
  static neighborCircuit: u32 = 0;

  /** Reads the hello that `Pdu` has the header of; PDU_OK, or an error that ends the PDU. */
  static parse(): i32 {
    const at = Pdu.at;
    const framing = Tlv.check();
    if (framing != error.PDU_OK) return framing;
    Hello.circuitType = load<u8>(at, 8) & 3;
    Hello.system = Bytes.system(at + 9);
    Hello.hold = bswap<u16>(load<u16>(at, 15)) as u32;
    Hello.lanId = 0;
    Hello.priority = 0;
    Hello.localCircuit = 0;
    if (Pdu.type == iana.PDU_P2P_HELLO) Hello.localCircuit = load<u8>(at, 19);
    else {
      Hello.priority = load<u8>(at, 19) & 0x7f;
      Hello.lanId = Bytes.node(at + 20);
      // A LAN id without a system in front names nobody.
      if (Hello.lanId >>> 8 == 0) Hello.lanId = 0;
    }
    if (Hello.circuitType == 0) return Pdu.fail(error.PDU_CIRCUIT_TYPE, 8);
    if (Hello.system == 0) return Pdu.fail(error.PDU_ZERO, 9);
    if (Hello.hold == 0) return Pdu.fail(error.PDU_ZERO, 15);
    Hello.clearTlvs();
    Tlv.begin();
    while (Tlv.next()) Hello.take();
    return error.PDU_OK;
  }

  private static clearTlvs(): void {
    Hello.listedCount = 0;
    Hello.hasList = false;
    Hello.areaBytes = 0;
    Hello.authType = iana.AUTH_NONE;
    Hello.ipv4 = 0;
    Hello.ipv6At = 0;
    Hello.padded = false;
    Hello.hasRestart = false;
    Hello.restartFlags = 0;
    Hello.topologyCount = 0;
    Hello.threeWay = iana.THREE_WAY_ABSENT;
    Hello.hasCircuit = false;
    Hello.extendedCircuit = 0;
    Hello.namesNeighbor = false;
    Hello.neighborSystem = 0;
    Hello.namesCircuit = false;
    Hello.neighborCircuit = 0;
  }

  private static take(): void {
    const type = Tlv.type;
    if (type == iana.TLV_PADDING) Hello.padded = true;
    else if (type == iana.TLV_IS_NEIGHBORS) Hello.takeList();
    else if (type == iana.TLV_AREA_ADDRESSES) Hello.takeAreas();
    else if (type == iana.TLV_AUTHENTICATION) {
      if (Tlv.length == 0) noteTlvError(type, TLV_ERROR_LENGTH);
      else Hello.authType = load<u8>(Tlv.at);
    } else if (type == iana.TLV_IP_INTERFACE_ADDRESS) {
      if ((Tlv.length & 3) != 0) noteTlvError(type, TLV_ERROR_LENGTH);
      else if (Tlv.length != 0 && Hello.ipv4 == 0) Hello.ipv4 = load<u32>(Tlv.at);
    } else if (type == iana.TLV_IPV6_INTERFACE_ADDRESS) {
      if ((Tlv.length & 15) != 0) noteTlvError(type, TLV_ERROR_LENGTH);
      else if (Tlv.length != 0 && Hello.ipv6At == 0) Hello.ipv6At = Tlv.at;
    } else if (type == iana.TLV_RESTART) {
      // RFC 5306 3.1: flags, then remaining time 2 and system id 6 where RA is set; older ones are 3 bytes long.
      if (Tlv.length == 0) noteTlvError(type, TLV_ERROR_LENGTH);
      else {
        Hello.hasRestart = true;
        Hello.restartFlags = load<u8>(Tlv.at);
      }
    } else if (type == iana.TLV_MULTI_TOPOLOGY) Hello.takeTopologies();
    else if (type == iana.TLV_THREE_WAY) Hello.takeThreeWay();
  }

  /** TLV 6 (ISO 10589 9.5): SNPAs of 6 bytes; several TLVs make one list. */
  private static takeList(): void {
    Hello.hasList = true;
    if (Tlv.length % 6 != 0) {
      noteTlvError(iana.TLV_IS_NEIGHBORS, TLV_ERROR_LENGTH);
      return;
    }
    const count = min<u32>(Tlv.length / 6, MOST_LISTED - Hello.listedCount);
    memory.copy(Hello.listed + (Hello.listedCount * 6) as usize, Tlv.at, count * 6);
    Hello.listedCount += count;
  }

  /** TLV 1: each area address is its length and its bytes. */
  private static takeAreas(): void {
    let at: u32 = 0;
    while (at < Tlv.length) {
      const size = load<u8>(Tlv.at + at) as u32;
      if (size == 0 || size > 20 || at + 1 + size > Tlv.length) {
        noteTlvError(iana.TLV_AREA_ADDRESSES, TLV_ERROR_LENGTH);
        return;
      }
      at += 1 + size;
    }
    if (Hello.areaBytes + Tlv.length > MOST_AREA_BYTES) return;
    memory.copy(Hello.areas + Hello.areaBytes as usize, Tlv.at, Tlv.length);
    Hello.areaBytes += Tlv.length;
  }

  private static takeTopologies(): void {
    if ((Tlv.length & 1) != 0) {
      noteTlvError(iana.TLV_MULTI_TOPOLOGY, TLV_ERROR_LENGTH);
      return;
    }
    for (let i: u32 = 0; i < Tlv.length && Hello.topologyCount < MOST_TOPOLOGIES; i += 2) {
      const id = bswap<u16>(load<u16>(Tlv.at + i)) & 0xfff;
      store<u16>(Hello.topologies + (Hello.topologyCount << 1) as usize, id);
      Hello.topologyCount += 1;
    }
  }

  /** TLV 240 (RFC 5303 3.1): state, then extended local circuit id 4, neighbour system id 6, its circuit id 4. */
  private static takeThreeWay(): void {
    const length = Tlv.length;
    const bad = length != 1 && length != 5 && length != 11 && length != 15;
    const state: u8 = length == 0 ? 3 : load<u8>(Tlv.at);
    if (bad || state > iana.THREE_WAY_DOWN) {
      noteTlvError(iana.TLV_THREE_WAY, TLV_ERROR_LENGTH);
      return;
    }
    Hello.threeWay = state;
    if (length >= 5) {
      Hello.hasCircuit = true;
      Hello.extendedCircuit = bswap<u32>(load<u32>(Tlv.at, 1));
    }
    if (length >= 11) {
      Hello.namesNeighbor = true;
      Hello.neighborSystem = Bytes.system(Tlv.at + 5);
    }
    if (length >= 15) {
      Hello.namesCircuit = true;
      Hello.neighborCircuit = bswap<u32>(load<u32>(Tlv.at, 11));
    }
  }
}
