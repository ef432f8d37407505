/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* MPLS: the label stack, and the guess at what lies below it, for which the wire has no field. */
#ifndef ROUTEWATCH_LAYERS_MPLS_H
#define ROUTEWATCH_LAYERS_MPLS_H

#include "../walk.h"

#define MOST_LABELS 16
#define CONTROL_WORD_BYTES 4

static __always_inline int is_known_type(__u32 type)
{
	switch (type) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_ARP:
	case ETHERTYPE_RARP:
	case ETHERTYPE_IPV6:
	case ETHERTYPE_802_1Q:
	case ETHERTYPE_802_1AD:
	case ETHERTYPE_QINQ_9100:
	case ETHERTYPE_MPLS:
	case ETHERTYPE_PPPOE_SESSION:
	case ETHERTYPE_JUMBO_LLC:
	case ETHERTYPE_LLDP:
	case ETHERTYPE_MACSEC:
		return 1;
	}
	return 0;
}

/* What must stand behind the type: the version of IP, the hardware type of ARP. */
static __always_inline int fits_type(struct __sk_buff *skb, const struct walk *walk, __u32 at, __u32 type)
{
	__u8 first;

	if (at + 2 > walk->end)
		return 1;
	if (bpf_skb_load_bytes(skb, at, &first, 1))
		return 0;
	if (type == ETHERTYPE_IPV4)
		return first >> 4 == 4;
	if (type == ETHERTYPE_IPV6)
		return first >> 4 == 6;
	if (type == ETHERTYPE_ARP || type == ETHERTYPE_RARP)
		return first == 0;
	return 1;
}

/* Whether an Ethernet header at `at` leads somewhere that we know. */
static __always_inline int is_ethernet(struct __sk_buff *skb, const struct walk *walk, __u32 at)
{
	__u8 bytes[2];
	__u32 type;

	if (at + 14 > walk->end || bpf_skb_load_bytes(skb, at + 12, bytes, 2))
		return 0;
	type = bytes[0] << 8 | bytes[1];
	if (type > MOST_802_3_LENGTH)
		return is_known_type(type) && fits_type(skb, walk, at + 14, type);
	if (type < 3 || at + 14 + type > walk->declared || at + 16 > walk->end || bpf_skb_load_bytes(skb, at + 14, bytes, 2))
		return 0;
	return bytes[0] == bytes[1] && (bytes[0] == LSAP_ISO || bytes[0] == LSAP_SNAP || bytes[0] == LSAP_STP);
}

/* Whether the header checksum holds. */
static __always_inline int is_ipv4(struct __sk_buff *skb, const struct walk *walk, __u32 first)
{
	__u32 header[15] = {};
	__u32 header_bytes = (first & 15) << 2, sum;

	if (header_bytes < 20 || left(walk) < header_bytes)
		return 0;
	KEEP_BOUND(header_bytes);
	header_bytes &= 0x3c;
	if (header_bytes == 0 || bpf_skb_load_bytes(skb, walk->position, header, header_bytes))
		return 0;
	sum = bpf_csum_diff(0, 0, header, sizeof(header), 0);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* IPv6 has no checksum: its length must fit what MPLS carries, give or take the padding of a short frame. */
static __always_inline int is_ipv6(struct __sk_buff *skb, const struct walk *walk)
{
	__u32 declared = walk->declared - walk->position, length;
	__u8 bytes[2];

	if (left(walk) < 40 || bpf_skb_load_bytes(skb, walk->position + 4, bytes, 2))
		return 0;
	length = (bytes[0] << 8 | bytes[1]) + 40;
	return length == 40 || length == declared || (length < declared && declared <= 64);
}

static __always_inline int pseudowire(struct walk *walk, __u32 label)
{
	return follows(RW_ENCAPSULATION_PSEUDOWIRE) ? enter(walk, RW_TUNNEL_PSEUDOWIRE, label, LAYER_ETHERNET) : NOT_ALLOWED;
}

/*
 * 0000, flags 4 bits, fragmentation 2 bits, length 6 bits (below 64 bytes: of control word and frame, else 0),
 * sequence 2: RFC 4385 section 3
 */
static __always_inline int control_word(struct __sk_buff *skb, struct walk *walk)
{
	__u32 start = walk->position, length;
	__u8 word[CONTROL_WORD_BYTES];

	if (take(skb, walk, word, sizeof(word)))
		return -1;
	length = word[1] & 0x3f;
	if (length >= CONTROL_WORD_BYTES + 14)
		narrow(walk, start + length);
	return 0;
}

/*
 * The first nibble says 4 or 6 for IP, 0 for a control word, 1 for an associated channel (RFC 4928 section 3,
 * RFC 4385 section 3), unless an Ethernet frame without control word begins with an address of that nibble. So each
 * reading has to prove itself, in the order in which decoders-wasm/link tries them.
 */
static __always_inline int below_labels(struct __sk_buff *skb, struct walk *walk, __u32 label)
{
	__u8 first;
	int plain;

	if (peek(skb, walk, &first, 1))
		return MALFORMED;
	plain = is_ethernet(skb, walk, walk->position);
	if (first >> 4 == 4 && (is_ipv4(skb, walk, first) || !plain))
		return LAYER_IPV4;
	if (first >> 4 == 6 && (is_ipv6(skb, walk) || !plain))
		return LAYER_IPV6;
	if (plain)
		return pseudowire(walk, label);
	if (first >> 4 != 0 || !is_ethernet(skb, walk, walk->position + CONTROL_WORD_BYTES))
		return END + RW_COUNTER_OTHER_MPLS;
	return control_word(skb, walk) ? MALFORMED : pseudowire(walk, label);
}

/* label 20 bits, traffic class 3 bits, bottom of stack 1 bit, TTL 1: RFC 3032 section 2.1 */
static __always_inline int mpls(struct __sk_buff *skb, struct walk *walk)
{
	__u32 entry = 0;

	if (!follows(RW_ENCAPSULATION_MPLS))
		return NOT_ALLOWED;
	for (int i = 0; i < MOST_LABELS && !(entry & 0x100); i++) {
		if (take(skb, walk, &entry, sizeof(entry)))
			return MALFORMED;
		entry = bpf_ntohl(entry);
	}
	if (!(entry & 0x100))
		return TOO_DEEP;
	if (entry >> 12 == LABEL_IPV4_EXPLICIT_NULL)
		return LAYER_IPV4;
	if (entry >> 12 == LABEL_IPV6_EXPLICIT_NULL)
		return LAYER_IPV6;
	return below_labels(skb, walk, entry >> 12);
}

#endif
