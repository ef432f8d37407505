/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* The walk over one frame: where it stands, and what the layers so far have said. */
#ifndef ROUTEWATCH_WALK_H
#define ROUTEWATCH_WALK_H

#include "config.h"
#include "iana.h"
#include "maps.h"

#define NO_OFFSET 0xffffffff
#define MOST_VLANS 8
#define MOST_TUNNELS 8
#define MOST_STEPS 32

/* What a layer gives back: the layer that follows, or END + the counter of its outcome. */
enum layer {
	LAYER_ETHERNET = 1,
	LAYER_VLAN,
	LAYER_LLC,
	LAYER_JUMBO_LLC,
	LAYER_PPPOE,
	LAYER_PPP,
	LAYER_PPP_HDLC,
	LAYER_C_HDLC,
	LAYER_OSI,
	LAYER_OSI_PADDED,
	LAYER_IP,
	LAYER_IPV4,
	LAYER_IPV6,
	LAYER_IP_PAYLOAD,
	LAYER_MPLS,
	LAYER_GRE,
	LAYER_UDP,
	LAYER_NSH,
	LAYER_ERSPAN,
	LAYER_ERSPAN_III,
	END = 64,
};

#define MALFORMED (END + RW_COUNTER_MALFORMED)
#define TOO_DEEP (END + RW_COUNTER_TOO_DEEP)
#define NOT_ALLOWED (END + RW_COUNTER_NOT_ALLOWED)

struct walk {
	__u64 path;          /* seeded hash of tags, PPPoE session and tunnels: tells links apart */
	__u32 next;          /* the layer at `position` */
	__u32 position;      /* offsets are from the first byte */
	__u32 end;           /* reads stop here: never beyond what an enclosing layer declares, nor beyond the frame */
	__u32 declared;      /* where the innermost declared length ends; may lie beyond the frame */
	__u32 length;        /* of the frame */
	__u32 link;          /* innermost Ethernet and IP headers within the present tunnel, NO_OFFSET without */
	__u32 network;
	__u32 address_bytes; /* of the innermost IP header: 4, 16, 0 without one */
	__u32 source;        /* its addresses; the destination follows */
	__u32 ip_protocol;   /* of what follows the innermost IP header */
	__u32 flags;         /* RW_FLAG_* */
	__u32 fragment;      /* with RW_FLAG_FRAGMENT: place in the datagram, bytes */
	__u32 tunnel_id;
	__u32 outer_tunnel_id;
	__u16 vlan_outer;
	__u16 vlan_inner;
	__u8 vlan_count;
	__u8 tunnel_depth;
	__u8 tunnel_kind;
	__u8 outer_tunnel_kind;
};

static __always_inline __u64 mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

static __always_inline __u32 left(const struct walk *walk)
{
	return walk->end - walk->position;
}

/* Copies the next bytes without passing them; nonzero where they are not all there. */
static __always_inline int peek(struct __sk_buff *skb, const struct walk *walk, void *to, __u32 bytes)
{
	if (left(walk) < bytes)
		return -1;
	return bpf_skb_load_bytes(skb, walk->position, to, bytes);
}

static __always_inline int take(struct __sk_buff *skb, struct walk *walk, void *to, __u32 bytes)
{
	if (peek(skb, walk, to, bytes))
		return -1;
	walk->position += bytes;
	return 0;
}

static __always_inline int skip(struct walk *walk, __u32 bytes)
{
	if (left(walk) < bytes)
		return -1;
	walk->position += bytes;
	return 0;
}

/* A layer declares that its content ends at `end`. */
static __always_inline void narrow(struct walk *walk, __u32 end)
{
	walk->declared = end;
	if (end < walk->end)
		walk->end = end;
}

static __always_inline int is_allowed(__u32 filter, __u32 value)
{
	struct rw_allowed key = { rw_config.list, filter, value };

	return !(rw_config.filters & filter) || bpf_map_lookup_elem(&allowed, &key) != 0;
}

/* Keeps a tag; nonzero is how the walk ends. */
static __always_inline int tag(struct walk *walk, __u16 tci)
{
	if (walk->vlan_count >= MOST_VLANS)
		return TOO_DEEP;
	if (!follows(walk->vlan_count ? RW_ENCAPSULATION_QINQ : RW_ENCAPSULATION_VLAN))
		return NOT_ALLOWED;
	if (walk->vlan_count == 0)
		walk->vlan_outer = tci;
	else if (walk->vlan_count == 1)
		walk->vlan_inner = tci;
	walk->vlan_count++;
	if (tci & 0xfff)
		walk->path = mix(walk->path, 0x10000 | (tci & 0xfff));
	return 0;
}

/* Steps into a tunnel with an id, after which `next` stands; headers outside are no longer the frame's own. */
static __always_inline int enter(struct walk *walk, __u8 kind, __u32 id, int next)
{
	if (walk->tunnel_depth >= MOST_TUNNELS)
		return TOO_DEEP;
	if (walk->tunnel_depth == 0) {
		walk->outer_tunnel_kind = kind;
		walk->outer_tunnel_id = id;
	}
	walk->tunnel_depth++;
	walk->tunnel_kind = kind;
	walk->tunnel_id = id;
	walk->path = mix(walk->path, (__u64)kind << 32 | id);
	walk->link = NO_OFFSET;
	walk->network = NO_OFFSET;
	walk->flags &= ~RW_FLAG_MULTICAST_LINK;
	walk->address_bytes = 0;
	return next;
}

/* Steps into a tunnel that only its end points tell from others. */
static __always_inline int enter_between(struct __sk_buff *skb, struct walk *walk, __u8 kind, int next)
{
	__u64 addresses[4] = {};

	if (walk->address_bytes == 4)
		bpf_skb_load_bytes(skb, walk->source, addresses, 8);
	else if (walk->address_bytes == 16)
		bpf_skb_load_bytes(skb, walk->source, addresses, 32);
	walk->path = mix(mix(mix(mix(walk->path, addresses[0]), addresses[1]), addresses[2]), addresses[3]);
	return enter(walk, kind, 0, next);
}

#endif
