/** Ethernet II, IEEE 802.3, VLAN tags, LLC, SNAP, PPPoE, PPP, and what an EtherType leads to. */
import * as iana from './iana.ts';
import * as layer from './layers.ts';
import { Packet, c } from './packet.ts';

/** The layer that an EtherType names. */
export function etherType(type: u32): i32 {
  switch (type) {
    case iana.ETHERTYPE_IPV4: return layer.LAYER_IPV4;
    case iana.ETHERTYPE_IPV6: return layer.LAYER_IPV6;
    case iana.ETHERTYPE_802_1Q:
    case iana.ETHERTYPE_802_1AD:
    case iana.ETHERTYPE_QINQ_9100:
    case iana.ETHERTYPE_QINQ_9200:
    case iana.ETHERTYPE_QINQ_9300: return layer.LAYER_VLAN;
    case iana.ETHERTYPE_MPLS:
    case iana.ETHERTYPE_MPLS_UPSTREAM: return layer.LAYER_MPLS;
    case iana.ETHERTYPE_JUMBO_LLC: return layer.LAYER_JUMBO_LLC;
    case iana.ETHERTYPE_PPPOE_SESSION: return layer.LAYER_PPPOE;
    case iana.ETHERTYPE_PPP: return layer.LAYER_PPP;
    case iana.ETHERTYPE_TEB: return layer.LAYER_ETHERNET;
    case iana.ETHERTYPE_NSH: return layer.LAYER_NSH;
    case iana.ETHERTYPE_ARP:
    case iana.ETHERTYPE_RARP: return layer.OTHER_ARP;
    case iana.ETHERTYPE_MACSEC: return layer.ENCRYPTED;
  }
  return layer.OTHER_ETHERTYPE;
}

/*
 * destination 6, source 6, EtherType 2 (Ethernet II) or length 2 (IEEE 802.3 section 3.2.6)
 */
export function ethernet(): i32 {
  const at = c.bytes(12);
  if (at == 0) return layer.MALFORMED;
  Packet.link = (at - Packet.start) as u32;
  Packet.multicast = (load<u8>(at) & 1) != 0;
  return typeOrLength();
}

/** The two bytes after the addresses or a tag: the length cuts off the padding of short frames. */
function typeOrLength(): i32 {
  const value = c.u16() as u32;
  if (value >= iana.LEAST_ETHERTYPE) return etherType(value);
  if (value > iana.MOST_802_3_LENGTH) return layer.MALFORMED;
  Packet.narrow(c.position + value);
  return layer.LAYER_LLC;
}

/* Tag control information 2 (priority 3 bits, DEI 1, VLAN id 12), then type or length: IEEE 802.1Q section 9.6. */
export function vlan(): i32 {
  if (!Packet.tag(c.u16() as u32)) return layer.TOO_DEEP;
  return typeOrLength();
}

/* DSAP 1, SSAP 1, control 1; SNAP: OUI 3, protocol 2 (IEEE 802). */
export function llc(): i32 {
  const dsap = c.u8() as u32;
  const ssap = c.u8() as u32;
  const control = c.u8() as u32;
  if (control != iana.LLC_UI) return layer.OTHER_LLC;
  if (dsap == iana.LSAP_ISO && ssap == iana.LSAP_ISO) return layer.LAYER_OSI;
  if (dsap != iana.LSAP_SNAP || ssap != iana.LSAP_SNAP) return layer.OTHER_LLC;
  return snap();
}

function snap(): i32 {
  const oui = c.u24();
  const protocol = c.u16() as u32;
  if (oui != iana.OUI_ETHERTYPE && oui != iana.OUI_BRIDGE_TUNNEL) return layer.OTHER_LLC;
  return protocol >= iana.LEAST_ETHERTYPE ? etherType(protocol) : layer.OTHER_LLC;
}

/** After EtherType 0x8870 comes LLC; some senders leave it out and begin with the NLPID. */
export function jumboLlc(): i32 {
  if (!c.has(1)) return layer.MALFORMED;
  return load<u8>(c.position) as u32 == iana.NLPID_ISIS ? layer.LAYER_OSI : layer.LAYER_LLC;
}

/** ISO 9577: the first byte names the network layer; IS-IS keeps it as the first byte of its own header. */
export function osi(): i32 {
  if (!c.has(1)) return layer.MALFORMED;
  return load<u8>(c.position) as u32 == iana.NLPID_ISIS ? layer.ISIS : layer.OTHER_OSI;
}

/** On PPP, HDLC and GRE a byte of padding, of any value, may stand before the NLPID (RFC 1377 section 3; Cisco's HDLC). */
export function osiPadded(): i32 {
  if (!c.has(1)) return layer.MALFORMED;
  const first = load<u8>(c.position) as u32;
  if (first < iana.NLPID_CLNP || first > iana.NLPID_ISIS) {
    if (c.left() >= 2 && load<u8>(c.position, 1) as u32 == iana.NLPID_ISIS) c.skip(1);
  }
  return osi();
}

/* Version and type 1, code 1, session 2, length 2, PPP without address and control: RFC 2516 section 4. */
export function pppoe(): i32 {
  const version = c.u8() as u32;
  const code = c.u8() as u32;
  const session = c.u16() as u32;
  const length = c.u16() as u32;
  if (version != 0x11 || code != 0) return layer.OTHER_PPP;
  Packet.narrow(c.position + length);
  Packet.pppoe = session;
  Packet.hasPppoe = true;
  return layer.LAYER_PPP;
}

/* Address and control 0xff03 unless compressed, protocol 2 or, compressed, 1 (its last bit set): RFC 1661 sections 2, 6.5, 6.6. */
export function ppp(): i32 {
  if (c.left() >= 2 && load<u8>(c.position) == 0xff && load<u8>(c.position, 1) as u32 == iana.LLC_UI) c.skip(2);
  let protocol = c.u8() as u32;
  if ((protocol & 1) == 0) protocol = (protocol << 8) | (c.u8() as u32);
  switch (protocol) {
    case iana.PPP_IPV4: return layer.LAYER_IPV4;
    case iana.PPP_IPV6: return layer.LAYER_IPV6;
    case iana.PPP_OSI: return layer.LAYER_OSI_PADDED;
    case iana.PPP_MPLS:
    case iana.PPP_MPLS_UPSTREAM: return layer.LAYER_MPLS;
  }
  return layer.OTHER_PPP;
}
