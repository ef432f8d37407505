/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* GRE, ERSPAN, and the tunnels over UDP: VXLAN, VXLAN GPE, Geneve, GTP-U, MPLS (RFC 7510) and GRE (RFC 8086) in UDP; and NSH. */
#ifndef ROUTEWATCH_LAYERS_TUNNELS_H
#define ROUTEWATCH_LAYERS_TUNNELS_H

#include "../walk.h"
#include "ethernet.h"

#define OTHER_UDP (END + RW_COUNTER_OTHER_UDP)
#define OTHER_TUNNEL (END + RW_COUNTER_OTHER_TUNNEL)
#define FILTERED (END + RW_COUNTER_FILTERED)

#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING 0x4000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_ACKNOWLEDGMENT 0x0080
#define MOST_ROUTES 16
#define MOST_EXTENSIONS 16

/* address family 2, offset 1, length 1, routing information; a family and length of 0 end the list: RFC 1701 */
static __always_inline int skip_routes(struct __sk_buff *skb, struct walk *walk)
{
	__u8 route[4];

	for (int i = 0; i < MOST_ROUTES; i++) {
		if (take(skb, walk, route, sizeof(route)))
			return -1;
		if (!(route[0] | route[1] | route[3]))
			return 0;
		if (skip(walk, route[3]))
			return -1;
	}
	return -1;
}

/* Version 1, PPTP: the key is length 2, call id 2, then sequence 4 (S), acknowledgment 4 (A): RFC 2637 section 4.1 */
static __always_inline int pptp(struct walk *walk, __u32 flags, __u32 type, __u32 call)
{
	if ((flags & GRE_ACKNOWLEDGMENT) && skip(walk, 4))
		return MALFORMED;
	if (type != ETHERTYPE_PPP)
		return OTHER_TUNNEL;
	if (!is_allowed(RW_FILTER_GRE_KEY, call))
		return FILTERED;
	return enter(walk, RW_TUNNEL_GRE, call, LAYER_PPP);
}

/*
 * flags C R K S s, recursion 3 bits, version 3 bits; protocol type 2; checksum 2 and offset 2 (C or R), key 4 (K),
 * sequence 4 (S), routing (R): RFC 1701, RFC 2784, RFC 2890
 */
static __always_inline int gre(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[4];
	__u32 flags, type, key = 0;
	int next;

	if (!follows(RW_ENCAPSULATION_GRE | RW_ENCAPSULATION_ERSPAN))
		return NOT_ALLOWED;
	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	flags = header[0] << 8 | header[1];
	type = header[2] << 8 | header[3];
	if ((flags & 7) > 1)
		return OTHER_TUNNEL;
	if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) && skip(walk, 4))
		return MALFORMED;
	if ((flags & GRE_KEY) && take(skb, walk, &key, sizeof(key)))
		return MALFORMED;
	if ((flags & GRE_SEQUENCE) && skip(walk, 4))
		return MALFORMED;
	key = bpf_ntohl(key);
	if (flags & 1)
		return follows(RW_ENCAPSULATION_GRE) ? pptp(walk, flags, type, flags & GRE_KEY ? key & 0xffff : 0xffff) : NOT_ALLOWED;
	if ((flags & GRE_ROUTING) && skip_routes(skb, walk))
		return MALFORMED;
	if (type == ETHERTYPE_ERSPAN || type == ETHERTYPE_ERSPAN_III) {
		if (!follows(RW_ENCAPSULATION_ERSPAN))
			return NOT_ALLOWED;
		if (type == ETHERTYPE_ERSPAN_III)
			return LAYER_ERSPAN_III;
		/* ERSPAN type I has no header of its own and no sequence number, type II has both. */
		return flags & GRE_SEQUENCE ? LAYER_ERSPAN : enter_between(skb, walk, RW_TUNNEL_ERSPAN, LAYER_ETHERNET);
	}
	next = type == GRE_OSI ? LAYER_OSI_PADDED : ether_type(type);
	if (next == END + RW_COUNTER_OTHER_ETHERTYPE)
		return OTHER_TUNNEL;
	if (!follows(RW_ENCAPSULATION_GRE))
		return NOT_ALLOWED;
	if (!is_allowed(RW_FILTER_GRE_KEY, key))
		return FILTERED;
	return flags & GRE_KEY ? enter(walk, RW_TUNNEL_GRE, key, next) : enter_between(skb, walk, RW_TUNNEL_GRE, next);
}

/*
 * version 4 bits, VLAN 12 bits, COS 3 bits, encapsulation 2 bits, truncated 1 bit, session 10 bits, then index 4:
 * draft-foschiano-erspan-03 section 4.2
 */
static __always_inline int erspan(struct __sk_buff *skb, struct walk *walk)
{
	__u32 header[2], word;
	int next, refused;

	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	word = bpf_ntohl(header[0]);
	if (word >> 28 != 1)
		return OTHER_TUNNEL;
	next = enter(walk, RW_TUNNEL_ERSPAN, word & 0x3ff, LAYER_ETHERNET);
	/* Encapsulation 2: the frame had an 802.1Q tag, which was taken off and put here. */
	if (next != LAYER_ETHERNET || (word >> 11 & 3) != 2)
		return next;
	refused = tag(walk, (word >> 16 & 0xfff) | (word & 0xe000));
	return refused ? refused : next;
}

/*
 * version 4 bits, VLAN 12 bits, COS 3 bits, bad 2 bits, truncated 1 bit, session 10 bits; time stamp 4; group 2,
 * flags 2 (P, frame type 5 bits, ..., O: 8 bytes of platform header follow): section 4.3
 */
static __always_inline int erspan_iii(struct __sk_buff *skb, struct walk *walk)
{
	__u32 header[3], word, flags, frame_type;

	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	word = bpf_ntohl(header[0]);
	flags = bpf_ntohl(header[2]);
	if (word >> 28 != 2)
		return OTHER_TUNNEL;
	if ((flags & 1) && skip(walk, 8))
		return MALFORMED;
	frame_type = flags >> 10 & 0x1f;
	if (frame_type != 0 && frame_type != 2)
		return OTHER_TUNNEL;
	return enter(walk, RW_TUNNEL_ERSPAN, word & 0x3ff, frame_type == 0 ? LAYER_ETHERNET : LAYER_IP);
}

/* flags 1 (I: the id is valid), reserved 3, VXLAN network identifier 3, reserved 1: RFC 7348 section 5 */
static __always_inline int vxlan(struct __sk_buff *skb, struct walk *walk, int strict)
{
	__u32 header[2], word;

	if (!follows(RW_ENCAPSULATION_VXLAN))
		return NOT_ALLOWED;
	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	word = bpf_ntohl(header[0]);
	if (!(word & 0x08000000) || (strict && word != 0x08000000))
		return OTHER_UDP;
	if (!is_allowed(RW_FILTER_VNI, bpf_ntohl(header[1]) >> 8))
		return FILTERED;
	return enter(walk, RW_TUNNEL_VXLAN, bpf_ntohl(header[1]) >> 8, LAYER_ETHERNET);
}

static __always_inline int next_protocol(__u32 value)
{
	switch (value) {
	case NEXT_IPV4:
		return LAYER_IPV4;
	case NEXT_IPV6:
		return LAYER_IPV6;
	case NEXT_ETHERNET:
		return LAYER_ETHERNET;
	case NEXT_NSH:
		return LAYER_NSH;
	case NEXT_MPLS:
		return LAYER_MPLS;
	}
	return OTHER_TUNNEL;
}

/* flags 1 (I, P: next protocol is valid), reserved 2, next protocol 1, id 3, reserved 1: draft-ietf-nvo3-vxlan-gpe-13 section 3 */
static __always_inline int vxlan_gpe(struct __sk_buff *skb, struct walk *walk)
{
	__u32 header[2], word;
	int next;

	if (!follows(RW_ENCAPSULATION_VXLAN))
		return NOT_ALLOWED;
	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	word = bpf_ntohl(header[0]);
	if (!(word & 0x08000000))
		return OTHER_UDP;
	next = word & 0x04000000 ? next_protocol(word & 0xff) : LAYER_ETHERNET;
	if (next >= END)
		return OTHER_TUNNEL;
	if (!is_allowed(RW_FILTER_VNI, bpf_ntohl(header[1]) >> 8))
		return FILTERED;
	return enter(walk, RW_TUNNEL_VXLAN, bpf_ntohl(header[1]) >> 8, next);
}

/* version 2 bits, O, unused, TTL 6 bits, length 6 bits in words; unused 4 bits, MD type 4 bits, next protocol 1: RFC 8300 section 2.2 */
static __always_inline int nsh(struct __sk_buff *skb, struct walk *walk)
{
	__u32 word, length;

	if (!follows(RW_ENCAPSULATION_NSH))
		return NOT_ALLOWED;
	if (take(skb, walk, &word, sizeof(word)))
		return MALFORMED;
	word = bpf_ntohl(word);
	length = (word >> 16 & 0x3f) << 2;
	if (length < 8 || skip(walk, length - 4))
		return MALFORMED;
	return next_protocol(word & 0xff);
}

/* version 2 bits, options length 6 bits in words, flags 1, protocol type 2, id 3, reserved 1, options: RFC 8926 section 3.4 */
static __always_inline int geneve(struct __sk_buff *skb, struct walk *walk)
{
	__u32 header[2], id;
	__u8 *bytes = (__u8 *)header;
	int next;

	if (!follows(RW_ENCAPSULATION_GENEVE))
		return NOT_ALLOWED;
	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	if (bytes[0] >> 6)
		return OTHER_UDP;
	if (skip(walk, (bytes[0] & 0x3f) << 2))
		return MALFORMED;
	next = ether_type(bytes[2] << 8 | bytes[3]);
	id = bpf_ntohl(header[1]) >> 8;
	if (next == END + RW_COUNTER_OTHER_ETHERTYPE)
		return OTHER_TUNNEL;
	if (!is_allowed(RW_FILTER_VNI, id))
		return FILTERED;
	return enter(walk, RW_TUNNEL_GENEVE, id, next);
}

/* Extensions: length 1 in words, content, next type 1. */
static __always_inline int skip_extensions(struct __sk_buff *skb, struct walk *walk, __u8 next)
{
	__u8 words;

	for (int i = 0; next && i < MOST_EXTENSIONS; i++) {
		if (take(skb, walk, &words, 1) || words == 0 || skip(walk, (words << 2) - 2) || take(skb, walk, &next, 1))
			return -1;
	}
	return next ? -1 : 0;
}

/*
 * version 3 bits, protocol type 1 bit, reserved 1 bit, E S PN; message type 1, length 2, tunnel endpoint id 4;
 * with any of E S PN: sequence 2, N-PDU 1, next extension type 1; extensions: 3GPP TS 29.281 section 5
 */
static __always_inline int gtp_u(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[8], optional[4];
	__u32 id;

	if (!follows(RW_ENCAPSULATION_GTPU))
		return NOT_ALLOWED;
	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	if (header[0] >> 4 != 3 || header[1] != GTPU_G_PDU)
		return OTHER_UDP;
	narrow(walk, walk->position + (header[2] << 8 | header[3]));
	if (header[0] & 7) {
		if (take(skb, walk, optional, sizeof(optional)) ||
		    skip_extensions(skb, walk, header[0] & 4 ? optional[3] : 0))
			return MALFORMED;
	}
	id = header[4] << 24 | header[5] << 16 | header[6] << 8 | header[7];
	return enter(walk, RW_TUNNEL_GTPU, id, LAYER_IP);
}

/* source 2, destination 2, length 2, checksum 2: RFC 768. Tunnels go by the destination port. */
static __always_inline int udp(struct __sk_buff *skb, struct walk *walk)
{
	__u32 start = walk->position, length;
	__u16 header[4];

	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	length = bpf_ntohs(header[2]);
	if (length >= 8)
		narrow(walk, start + length);
	switch (bpf_ntohs(header[1])) {
	case PORT_VXLAN:
		return vxlan(skb, walk, 0);
	case PORT_VXLAN_LINUX:
		return vxlan(skb, walk, 1);
	case PORT_VXLAN_GPE:
		return vxlan_gpe(skb, walk);
	case PORT_GENEVE:
		return geneve(skb, walk);
	case PORT_GTP_U:
		return gtp_u(skb, walk);
	case PORT_GRE_IN_UDP:
		return LAYER_GRE;
	case PORT_MPLS_OVER_UDP:
		return follows(RW_ENCAPSULATION_IPIP) ? enter_between(skb, walk, RW_TUNNEL_IPIP, LAYER_MPLS) : NOT_ALLOWED;
	}
	return bpf_ntohs(header[0]) == PORT_GTP_U ? gtp_u(skb, walk) : OTHER_UDP;
}

#endif
