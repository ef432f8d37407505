// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The filter at a tap: finds routing frames, hands copies to the collector, and lets every frame go on as it is. */
#include "config.h"
#include "maps.h"
#include "walk.h"
#include "layers/ethernet.h"
#include "layers/ip.h"
#include "layers/mpls.h"
#include "layers/tunnels.h"
#include "reject.h"
#include "ship.h"

/* One header. Global, so that the verifier looks at it once and not once a step. */
__noinline int step(struct __sk_buff *skb, struct walk *walk)
{
	if (!walk)
		return MALFORMED;
	switch (walk->next) {
	case LAYER_ETHERNET:
		return ethernet(skb, walk);
	case LAYER_VLAN:
		return vlan(skb, walk);
	case LAYER_LLC:
		return llc(skb, walk);
	case LAYER_JUMBO_LLC:
		return jumbo_llc(skb, walk);
	case LAYER_PPPOE:
		return pppoe(skb, walk);
	case LAYER_PPP:
		return ppp(skb, walk);
	case LAYER_PPP_HDLC:
		return ppp_hdlc(skb, walk);
	case LAYER_C_HDLC:
		return cisco_hdlc(skb, walk);
	case LAYER_OSI:
		return osi(skb, walk);
	case LAYER_OSI_PADDED:
		return osi_padded(skb, walk);
	case LAYER_IP:
		return ip(skb, walk);
	case LAYER_IPV4:
		return ipv4(skb, walk);
	case LAYER_IPV6:
		return ipv6(skb, walk);
	case LAYER_IP_PAYLOAD:
		return ip_payload(skb, walk);
	case LAYER_MPLS:
		return mpls(skb, walk);
	case LAYER_GRE:
		return gre(skb, walk);
	case LAYER_UDP:
		return udp(skb, walk);
	case LAYER_NSH:
		return nsh(skb, walk);
	case LAYER_ERSPAN:
		return erspan(skb, walk);
	case LAYER_ERSPAN_III:
		return erspan_iii(skb, walk);
	}
	return MALFORMED;
}

static __always_inline __u32 first_layer(void)
{
	switch (rw_config.link_type) {
	case LINKTYPE_ETHERNET:
		return LAYER_ETHERNET;
	case LINKTYPE_RAW:
		return LAYER_IP;
	case LINKTYPE_PPP:
		return LAYER_PPP;
	case LINKTYPE_PPP_HDLC:
		return LAYER_PPP_HDLC;
	case LINKTYPE_C_HDLC:
		return LAYER_C_HDLC;
	}
	return END + RW_COUNTER_UNKNOWN_LINK_TYPE;
}

/* From the first header to the last; gives the counter of the outcome. */
static __always_inline __u32 classify(struct __sk_buff *skb, struct walk *walk)
{
	__u32 next = first_layer();

	/* The tag that the network card or the kernel took off. */
	if (skb->vlan_present) {
		int refused = tag(walk, skb->vlan_tci);

		if (refused)
			return refused - END;
	}
	for (int i = 0; i < MOST_STEPS && next < END; i++) {
		walk->next = next;
		next = step(skb, walk);
	}
	return next < END ? RW_COUNTER_TOO_DEEP : next - END;
}

/* The protocol of a recognised frame; RW_PROTOCOL_NONE for all others. */
static __always_inline __u8 protocol_of(__u32 outcome)
{
	switch (outcome) {
	case RW_COUNTER_ISIS:
		return RW_PROTOCOL_ISIS;
	case RW_COUNTER_OSPFV2:
		return RW_PROTOCOL_OSPFV2;
	case RW_COUNTER_OSPFV3:
		return RW_PROTOCOL_OSPFV3;
	case RW_COUNTER_BGP:
		return RW_PROTOCOL_BGP;
	}
	return RW_PROTOCOL_NONE;
}

/* What becomes of the frame: the counter that says so. */
static __always_inline __u32 handle(struct __sk_buff *skb)
{
	struct walk walk = {
		.end = skb->len,
		.declared = skb->len,
		.length = skb->len,
		.link = NO_OFFSET,
		.network = NO_OFFSET,
		.vlan_outer = RW_OFFSET_NONE,
		.vlan_inner = RW_OFFSET_NONE,
	};
	__u32 outcome = classify(skb, &walk);
	__u8 protocol = protocol_of(outcome);

	if (protocol == RW_PROTOCOL_NONE)
		return outcome;
	if (!(rw_config.protocols & 1 << protocol))
		return RW_COUNTER_NOT_ALLOWED;
	if (walk.position >= RW_OFFSET_NONE)
		return RW_COUNTER_TOO_DEEP;
	if (!is_allowed(RW_FILTER_VLAN, walk.vlan_count ? walk.vlan_outer & 0xfff : 0))
		return RW_COUNTER_FILTERED;
	count(outcome);
	return ship(skb, &walk, protocol);
}

#define TIMED_ONE_IN 16

/* TCX_NEXT on every path: this program decides nothing for the frame. */
SEC("tc")
int routewatch(struct __sk_buff *skb)
{
	int rejected = reject(skb);
	__u64 began;

	if (rejected >= 0) {
		count(rejected);
		return TCX_NEXT;
	}
	/* The clock costs as much as many a frame: one in so many is timed, and counts for all. */
	began = bpf_get_prandom_u32() % TIMED_ONE_IN ? 0 : bpf_ktime_get_ns();
	count(handle(skb));
	if (began)
		add(RW_COUNTER_BUSY_NS, (bpf_ktime_get_ns() - began) * TIMED_ONE_IN);
	return TCX_NEXT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
