/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* IPv4, IPv6 with extension headers, fragments, and what an IP protocol number leads to. */
#ifndef ROUTEWATCH_LAYERS_IP_H
#define ROUTEWATCH_LAYERS_IP_H

#include "../match/bgp.h"
#include "../match/ospf.h"
#include "../walk.h"

#define MOST_EXTENSION_HEADERS 16

/* A fragment of what may be ours is handed on as it is; what it is a piece of is joined by the collector. */
static __always_inline int fragment(struct __sk_buff *skb, struct walk *walk, __u32 id, __u32 place, int more)
{
	__u32 bytes = walk->declared - walk->position;

	if (left(walk) < bytes)
		return END + RW_COUNTER_TRUNCATED;
	if (place + bytes > 0xffff || (more && (bytes == 0 || (bytes & 7))))
		return END + RW_COUNTER_FRAGMENT_REFUSED;
	walk->flags |= RW_FLAG_FRAGMENT;
	walk->fragment = place;
	if (walk->ip_protocol == IP_OSPF)
		return ospf_fragment(skb, walk);
	if (walk->ip_protocol == IP_TCP)
		return bgp_fragment(skb, walk, id);
	return END + RW_COUNTER_FRAGMENT_OTHER;
}

/*
 * version 4 bits, header length 4 bits, TOS 1, total length 2, id 2, flags 3 bits and fragment offset 13 bits,
 * TTL 1, protocol 1, checksum 2, source 4, destination 4, options: RFC 791 section 3.1
 */
static __always_inline int ipv4(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[20];
	__u32 start = walk->position, header_bytes, total, place;

	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	header_bytes = (header[0] & 15) << 2;
	if (header[0] >> 4 != 4 || header_bytes < 20)
		return MALFORMED;
	walk->network = start;
	walk->address_bytes = 4;
	walk->source = start + 12;
	walk->ip_protocol = header[9];
	if (skip(walk, header_bytes - 20))
		return MALFORMED;
	/* A total length of 0 is a segment larger than 65,535 bytes that the host has not cut yet (TSO, GRO). */
	total = header[2] << 8 | header[3];
	if (total) {
		if (total < header_bytes)
			return MALFORMED;
		narrow(walk, start + total);
	}
	place = header[6] << 8 | header[7];
	if (!(place & 0x3fff))
		return LAYER_IP_PAYLOAD;
	return fragment(skb, walk, header[4] << 8 | header[5], (place & 0x1fff) << 3, place & 0x2000);
}

/*
 * version 4 bits, class 8 bits, flow 20 bits, payload length 2, next header 1, hop limit 1,
 * source 16, destination 16: RFC 8200 section 3
 */
static __always_inline int ipv6(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[8];
	__u32 start = walk->position, length;

	if (take(skb, walk, header, sizeof(header)) || header[0] >> 4 != 6 || skip(walk, 32))
		return MALFORMED;
	walk->network = start;
	walk->address_bytes = 16;
	walk->source = start + 8;
	walk->ip_protocol = header[6];
	/* A payload length of 0 is a jumbogram (RFC 2675) or a segment that the host has not cut yet. */
	length = header[4] << 8 | header[5];
	if (length)
		narrow(walk, walk->position + length);
	return LAYER_IP_PAYLOAD;
}

/* IP of the version that its first nibble says. */
static __always_inline int ip(struct __sk_buff *skb, struct walk *walk)
{
	__u8 first;

	if (peek(skb, walk, &first, 1))
		return MALFORMED;
	return first >> 4 == 4 ? LAYER_IPV4 : first >> 4 == 6 ? LAYER_IPV6 : MALFORMED;
}

static __always_inline int ip_in_ip(struct __sk_buff *skb, struct walk *walk, int next)
{
	return follows(RW_ENCAPSULATION_IPIP) ? enter_between(skb, walk, RW_TUNNEL_IPIP, next) : NOT_ALLOWED;
}

static __always_inline int upper(struct __sk_buff *skb, struct walk *walk, __u32 protocol)
{
	switch (protocol) {
	case IP_TCP:
		return bgp_in_tcp(skb, walk);
	case IP_OSPF:
		return ospf(skb, walk);
	case IP_UDP:
		return LAYER_UDP;
	case IP_GRE:
		return LAYER_GRE;
	case IP_IPV4:
		return ip_in_ip(skb, walk, LAYER_IPV4);
	case IP_IPV6:
		return ip_in_ip(skb, walk, LAYER_IPV6);
	case IP_MPLS:
		return ip_in_ip(skb, walk, LAYER_MPLS);
	case IP_ICMP:
	case IP_ICMPV6:
		return END + RW_COUNTER_ICMP;
	case IP_ESP:
		return END + RW_COUNTER_ENCRYPTED;
	}
	return END + RW_COUNTER_OTHER_IP_PROTOCOL;
}

/* next header 1, reserved 1, fragment offset 13 bits, reserved 2 bits, more 1 bit, id 4: RFC 8200 section 4.5 */
static __always_inline int fragment_header(struct __sk_buff *skb, struct walk *walk)
{
	__u8 header[8];
	__u32 place, id;

	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	walk->ip_protocol = header[0];
	place = header[2] << 8 | header[3];
	/* An atomic fragment (RFC 6946) is whole as it is. */
	if (!(place & 0xfff9))
		return LAYER_IP_PAYLOAD;
	id = header[4] << 24 | header[5] << 16 | header[6] << 8 | header[7];
	return fragment(skb, walk, id, place & 0xfff8, place & 1);
}

/* One header behind IP; LAYER_IP_PAYLOAD where another follows. Global, so that the verifier looks at it once. */
__noinline int ip_header(struct __sk_buff *skb, struct walk *walk)
{
	__u32 protocol;
	int is_ipv6;
	__u8 header[2];

	if (!walk)
		return MALFORMED;
	protocol = walk->ip_protocol;
	is_ipv6 = walk->address_bytes == 16;
	if (is_ipv6 && protocol == IP_FRAGMENT)
		return fragment_header(skb, walk);
	if (protocol != IP_AH && !(is_ipv6 && (protocol == IP_HOP_BY_HOP || protocol == IP_ROUTING ||
					       protocol == IP_DESTINATION_OPTIONS)))
		return upper(skb, walk, protocol);
	if (take(skb, walk, header, sizeof(header)))
		return MALFORMED;
	walk->ip_protocol = header[0];
	/* AH counts 4-byte words minus 2 (RFC 4302 section 2), the others 8-byte words beyond the first (RFC 8200 section 4). */
	if (skip(walk, protocol == IP_AH ? ((header[1] + 2) << 2) - 2 : ((header[1] + 1) << 3) - 2))
		return MALFORMED;
	return LAYER_IP_PAYLOAD;
}

/* Passes the extension headers and goes where the protocol number leads. */
static __always_inline int ip_payload(struct __sk_buff *skb, struct walk *walk)
{
	int next = LAYER_IP_PAYLOAD;

	for (int i = 0; i < MOST_EXTENSION_HEADERS && next == LAYER_IP_PAYLOAD; i++)
		next = ip_header(skb, walk);
	return next == LAYER_IP_PAYLOAD ? TOO_DEEP : next;
}

#endif
