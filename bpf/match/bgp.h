/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* BGP: TCP with port 179 at either end (RFC 4271 section 8.2.1), whole or in fragments. */
#ifndef ROUTEWATCH_MATCH_BGP_H
#define ROUTEWATCH_MATCH_BGP_H

#include "../walk.h"

#define TCP_HEADER_BYTES 20

static __always_inline int is_bgp(const __u16 ports[2])
{
	return ports[0] == bpf_htons(PORT_BGP) || ports[1] == bpf_htons(PORT_BGP);
}

/* The whole TCP header must be there. */
static __always_inline int bgp_in_tcp(struct __sk_buff *skb, struct walk *walk)
{
	__u16 ports[2];

	if (peek(skb, walk, ports, sizeof(ports)))
		return MALFORMED;
	if (!is_bgp(ports))
		return END + RW_COUNTER_OTHER_TCP;
	return left(walk) < TCP_HEADER_BYTES ? MALFORMED : END + RW_COUNTER_BGP;
}

/* Only the first fragment has the ports: those after it are known by the datagram's id, what comes before it is lost. */
static __always_inline int bgp_fragment(struct __sk_buff *skb, struct walk *walk, __u32 id)
{
	struct datagram datagram = { .id = id };
	__u64 now = bpf_ktime_get_boot_ns();
	__u16 ports[2];

	if (bpf_skb_load_bytes(skb, walk->source, datagram.addresses, walk->address_bytes == 4 ? 8 : 32))
		return MALFORMED;
	if (walk->fragment == 0) {
		if (peek(skb, walk, ports, sizeof(ports)) || !is_bgp(ports))
			return END + RW_COUNTER_FRAGMENT_OTHER;
		bpf_map_update_elem(&datagrams, &datagram, &now, BPF_ANY);
		return END + RW_COUNTER_BGP;
	}
	return END + (bpf_map_lookup_elem(&datagrams, &datagram) ? RW_COUNTER_BGP : RW_COUNTER_FRAGMENT_OTHER);
}

#endif
