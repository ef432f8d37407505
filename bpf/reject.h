/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* The short way out for what most frames are: native IP that is no routing protocol, and ARP. */
#ifndef ROUTEWATCH_REJECT_H
#define ROUTEWATCH_REJECT_H

#include "walk.h"

#define UDP_TUNNELS (RW_ENCAPSULATION_GRE | RW_ENCAPSULATION_IPIP | RW_ENCAPSULATION_VXLAN | \
		     RW_ENCAPSULATION_GENEVE | RW_ENCAPSULATION_ERSPAN | RW_ENCAPSULATION_GTPU)

/* By protocol number and ports (both in network order): the counter, or -1 for a closer look. */
static __always_inline int reject_upper(__u8 protocol, __u16 source, __u16 destination)
{
	if (protocol == IP_TCP) {
		if (source == bpf_htons(PORT_BGP) || destination == bpf_htons(PORT_BGP))
			return -1;
		return RW_COUNTER_OTHER_TCP;
	}
	if (protocol == IP_UDP)
		return follows(UDP_TUNNELS) ? -1 : RW_COUNTER_OTHER_UDP;
	return protocol == IP_ICMP || protocol == IP_ICMPV6 ? RW_COUNTER_ICMP : -1;
}

/* The counter of a frame that cannot be ours, -1 for a closer look. Reads only what lies in the linear part. */
static __always_inline int reject(struct __sk_buff *skb)
{
	const __u8 *data = (const __u8 *)(long)skb->data;
	const __u8 *end = (const __u8 *)(long)skb->data_end;
	__u16 type;

	if (rw_config.link_type != LINKTYPE_ETHERNET || data + 14 + 24 > end)
		return -1;
	type = *(const __u16 *)(data + 12);
	if (type == bpf_htons(ETHERTYPE_IPV4)) {
		/* Options and fragments take the long way. */
		if (data[14] != 0x45 || *(const __u16 *)(data + 20) & bpf_htons(0x3fff))
			return -1;
		return reject_upper(data[23], *(const __u16 *)(data + 34), *(const __u16 *)(data + 36));
	}
	if (type == bpf_htons(ETHERTYPE_IPV6)) {
		if (data + 14 + 44 > end)
			return -1;
		return reject_upper(data[20], *(const __u16 *)(data + 54), *(const __u16 *)(data + 56));
	}
	return type == bpf_htons(ETHERTYPE_ARP) ? RW_COUNTER_ARP : -1;
}

#endif
