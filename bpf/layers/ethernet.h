/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Ethernet II, IEEE 802.3, VLAN tags, LLC, SNAP, PPPoE, PPP, Cisco HDLC, and what an EtherType leads to. */
#ifndef ROUTEWATCH_LAYERS_ETHERNET_H
#define ROUTEWATCH_LAYERS_ETHERNET_H

#include "../walk.h"

/* The layer that an EtherType names. */
static __always_inline int ether_type(__u32 type)
{
	switch (type) {
	case ETHERTYPE_IPV4:
		return LAYER_IPV4;
	case ETHERTYPE_IPV6:
		return LAYER_IPV6;
	case ETHERTYPE_802_1Q:
	case ETHERTYPE_802_1AD:
	case ETHERTYPE_QINQ_9100:
	case ETHERTYPE_QINQ_9200:
	case ETHERTYPE_QINQ_9300:
		return LAYER_VLAN;
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_UPSTREAM:
		return LAYER_MPLS;
	case ETHERTYPE_JUMBO_LLC:
		return LAYER_JUMBO_LLC;
	case ETHERTYPE_PPPOE_SESSION:
		return LAYER_PPPOE;
	case ETHERTYPE_PPP:
		return LAYER_PPP;
	case ETHERTYPE_TEB:
		return LAYER_ETHERNET;
	case ETHERTYPE_NSH:
		return LAYER_NSH;
	case ETHERTYPE_ARP:
	case ETHERTYPE_RARP:
		return END + RW_COUNTER_ARP;
	case ETHERTYPE_MACSEC:
		return END + RW_COUNTER_ENCRYPTED;
	}
	return END + RW_COUNTER_OTHER_ETHERTYPE;
}

/* The two bytes after the addresses or a tag: the length cuts off the padding of short frames. */
static __always_inline int type_or_length(struct walk *walk, __u32 value)
{
	if (value >= LEAST_ETHERTYPE)
		return ether_type(value);
	if (value > MOST_802_3_LENGTH)
		return MALFORMED;
	narrow(walk, walk->position + value);
	return LAYER_LLC;
}

/* destination 6, source 6, EtherType 2 (Ethernet II) or length 2 (IEEE 802.3 section 3.2.6) */
static __always_inline int ethernet(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[14];

	walk->link = walk->position;
	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	if (header[0] & 1)
		walk->flags |= RW_FLAG_MULTICAST_LINK;
	else
		walk->flags &= ~RW_FLAG_MULTICAST_LINK;
	return type_or_length(walk, header[12] << 8 | header[13]);
}

/* Tag control information 2 (priority 3 bits, DEI 1, VLAN id 12), then type or length: IEEE 802.1Q section 9.6. */
static __always_inline int vlan(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[4];
	int refused;

	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	refused = tag(walk, header[0] << 8 | header[1]);
	return refused ? refused : type_or_length(walk, header[2] << 8 | header[3]);
}

/* DSAP 1, SSAP 1, control 1; SNAP: OUI 3, protocol 2 (IEEE 802). */
static __always_inline int llc(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[3], snap[5];
	__u32 oui, protocol;

	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	if (header[2] != LLC_UI)
		return END + RW_COUNTER_OTHER_LLC;
	if (header[0] == LSAP_ISO && header[1] == LSAP_ISO)
		return LAYER_OSI;
	if (header[0] != LSAP_SNAP || header[1] != LSAP_SNAP)
		return END + RW_COUNTER_OTHER_LLC;
	if (take(skb, walk, snap, sizeof(snap)))
		return MALFORMED;
	oui = snap[0] << 16 | snap[1] << 8 | snap[2];
	protocol = snap[3] << 8 | snap[4];
	if ((oui != OUI_ETHERTYPE && oui != OUI_BRIDGE_TUNNEL) || protocol < LEAST_ETHERTYPE)
		return END + RW_COUNTER_OTHER_LLC;
	return ether_type(protocol);
}

/* After EtherType 0x8870 comes LLC; some senders leave it out and begin with the NLPID. */
static __always_inline int jumbo_llc(struct __sk_buff *skb, struct walk *walk)
{
	__u8 first;

	if (peek(skb, walk, &first, 1))
		return MALFORMED;
	return first == NLPID_ISIS ? LAYER_OSI : LAYER_LLC;
}

/* ISO 9577: the first byte names the network layer; IS-IS keeps it as the first byte of its own header. */
static __always_inline int osi(struct __sk_buff *skb, struct walk *walk)
{
	__u8 first;

	if (peek(skb, walk, &first, 1))
		return MALFORMED;
	return END + (first == NLPID_ISIS ? RW_COUNTER_ISIS : RW_COUNTER_OTHER_OSI);
}

/* On PPP, HDLC and GRE a byte of padding, of any value, may stand before the NLPID (RFC 1377 section 3; Cisco's HDLC). */
static __always_inline int osi_padded(struct __sk_buff *skb, struct walk *walk)
{
	__u8 first[2];

	if (!peek(skb, walk, first, 2) && (first[0] < NLPID_CLNP || first[0] > NLPID_ISIS) && first[1] == NLPID_ISIS)
		skip(walk, 1);
	return osi(skb, walk);
}

/* Version and type 1, code 1, session 2, length 2, PPP without address and control: RFC 2516 section 4. */
static __always_inline int pppoe(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[6];

	if (!follows(RW_ENCAPSULATION_PPPOE))
		return NOT_ALLOWED;
	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	if (header[0] != 0x11 || header[1] != 0)
		return END + RW_COUNTER_OTHER_PPP;
	narrow(walk, walk->position + (header[4] << 8 | header[5]));
	walk->path = mix(walk->path, 0x20000 | header[2] << 8 | header[3]);
	return LAYER_PPP;
}

/* Address and control 0xff03 unless compressed, protocol 2 or, compressed, 1 (its last bit set): RFC 1661 sections 2, 6.5, 6.6. */
static __always_inline int ppp(struct __sk_buff *skb, struct walk *walk)
{
	__u8 bytes[2];
	__u32 protocol;

	if (!peek(skb, walk, bytes, 2) && bytes[0] == 0xff && bytes[1] == LLC_UI)
		skip(walk, 2);
	if (take(skb, walk, bytes, 1))
		return MALFORMED;
	protocol = bytes[0];
	if (!(protocol & 1)) {
		if (take(skb, walk, bytes, 1))
			return MALFORMED;
		protocol = protocol << 8 | bytes[0];
	}
	switch (protocol) {
	case PPP_IPV4:
		return LAYER_IPV4;
	case PPP_IPV6:
		return LAYER_IPV6;
	case PPP_OSI:
		return LAYER_OSI_PADDED;
	case PPP_MPLS:
	case PPP_MPLS_UPSTREAM:
		return LAYER_MPLS;
	}
	return END + RW_COUNTER_OTHER_PPP;
}

/* Address 1 (0x0f unicast, 0x8f multicast), control 1, EtherType 2; OSI has 0xfefe there: RFC 1547 section 4.3.1. */
static __always_inline int cisco_hdlc(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[4];
	__u32 protocol;

	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	if (header[0] == 0x8f)
		walk->flags |= RW_FLAG_MULTICAST_LINK;
	protocol = header[2] << 8 | header[3];
	return protocol == 0xfefe ? LAYER_OSI_PADDED : ether_type(protocol);
}

/* PPP in HDLC-like framing (RFC 1662), or Cisco HDLC by its first byte. */
static __always_inline int ppp_hdlc(struct __sk_buff *skb, struct walk *walk)
{
	__u8 first;

	if (peek(skb, walk, &first, 1))
		return MALFORMED;
	return first == 0x0f || first == 0x8f ? LAYER_C_HDLC : LAYER_PPP;
}

#endif
