/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* From a recognised frame to a record in the ring: copy, blank passwords, leave out repeated hellos, wake the reader. */
#ifndef ROUTEWATCH_SHIP_H
#define ROUTEWATCH_SHIP_H

#include "hello.h"
#include "match/isis.h"
#include "match/ospf.h"
#include "walk.h"

static __always_inline __u16 short_offset(__u32 offset)
{
	return offset == NO_OFFSET ? RW_OFFSET_NONE : offset;
}

/* Fills in all but what the collector fills in; until then `frame_number` carries a hello's id, `key_index` the ms since it came before. */
static __always_inline void describe(struct rw_frame *frame, const struct walk *walk, __u8 protocol)
{
	frame->tap_id = rw_config.tap_id;
	frame->direction = rw_config.direction;
	frame->protocol = protocol;
	frame->boot_ns = bpf_ktime_get_boot_ns();
	frame->frame_number = 0;
	frame->key_index = 0;
	frame->original_length = walk->length;
	frame->payload_length = walk->declared - walk->position;
	frame->link_offset = short_offset(walk->link);
	frame->network_offset = short_offset(walk->network);
	frame->payload_offset = walk->position;
	frame->flags = walk->flags;
	frame->vlan_outer = walk->vlan_outer;
	frame->vlan_inner = walk->vlan_inner;
	frame->vlan_count = walk->vlan_count;
	frame->tunnel_depth = walk->tunnel_depth;
	frame->tunnel_kind = walk->tunnel_kind;
	frame->outer_tunnel_kind = walk->tunnel_depth > 1 ? walk->outer_tunnel_kind : RW_TUNNEL_NONE;
	frame->tunnel_id = walk->tunnel_id;
	frame->outer_tunnel_id = walk->tunnel_depth > 1 ? walk->outer_tunnel_id : 0;
}

/* Copies the first `walk->length` bytes of the frame, at most RW_MOST_CAPTURED, zeros up to a multiple of 8 behind them. */
static __always_inline int copy_frame(struct __sk_buff *skb, struct scratch *own, struct walk *walk)
{
	__u32 bytes = walk->length;

	if (bytes > RW_MOST_CAPTURED) {
		bytes = RW_MOST_CAPTURED;
		count(RW_COUNTER_TOO_LONG);
	}
	walk->length = bytes;
	if (walk->end > bytes)
		walk->end = bytes;
	KEEP_BOUND(bytes);
	if (bytes == 0 || bytes > RW_MOST_CAPTURED)
		return -1;
	return bpf_skb_load_bytes(skb, 0, own->bytes, bytes);
}

/* Whether the frame is a hello that need not be shipped. Blanks passwords on the way. */
static __always_inline int search(struct scratch *own, struct walk *walk, struct rw_hello **entry)
{
	struct hello hello = {
		.id = mix(mix(walk->path, rw_config.seed), rw_config.tap_id << 8 | rw_config.direction),
		.content = rw_config.seed,
	};
	int other = -1;

	if (rw_config.hello_ship_ns)
		hash_sender(&hello, walk);
	switch (own->frame.protocol) {
	case RW_PROTOCOL_ISIS:
		other = isis_search(walk, &hello);
		break;
	case RW_PROTOCOL_OSPFV2:
		ospfv2_redact(own, walk);
		if (rw_config.hello_ship_ns && !(walk->flags & RW_FLAG_FRAGMENT))
			other = ospfv2_hello(walk, &hello);
		break;
	case RW_PROTOCOL_OSPFV3:
		if (rw_config.hello_ship_ns && !(walk->flags & RW_FLAG_FRAGMENT))
			other = ospfv3_hello(walk, &hello);
		break;
	}
	if (other || !rw_config.hello_ship_ns)
		return 0;
	own->frame.frame_number = hello.id;
	return is_repeated(&hello, own, entry);
}

/* The reader is woken, but not for each frame: that would cost more than the frame. */
static __always_inline __u64 wake_flags(__u64 now)
{
	__u32 zero = 0;
	__u64 *last = bpf_map_lookup_elem(&wake, &zero);

	if (!last || now - *last < rw_config.wake_interval_ns)
		return BPF_RB_NO_WAKEUP;
	*last = now;
	return BPF_RB_FORCE_WAKEUP;
}

/* Gives the counter of what became of the frame. */
static __always_inline int ship(struct __sk_buff *skb, struct walk *walk, __u8 protocol)
{
	struct scratch *own = own_scratch();
	struct rw_hello *entry = 0;
	__u32 searched, bytes;

	if (!own)
		return RW_COUNTER_LOAD_FAILED;
	describe(&own->frame, walk, protocol);
	if (copy_frame(skb, own, walk))
		return RW_COUNTER_LOAD_FAILED;
	searched = walk->length;
	if (search(own, walk, &entry))
		return RW_COUNTER_SUPPRESSED;
	if (walk->length < searched)
		count(RW_COUNTER_UNSEARCHED);
	if (own->frame.flags & RW_FLAG_REDACTED)
		count(RW_COUNTER_REDACTED);
	bytes = walk->length;
	if (walk->declared > walk->end || walk->declared > bytes)
		own->frame.flags |= RW_FLAG_TRUNCATED;
	own->frame.captured_length = bytes;
	KEEP_BOUND(bytes);
	if (bytes > RW_MOST_CAPTURED)
		return RW_COUNTER_LOAD_FAILED;
	/* Zeros behind the last byte. */
	for (int i = 0; i < 7; i++) {
		__u32 at = bytes + i;

		if (!(at & 7) || at >= RW_MOST_CAPTURED)
			break;
		own->bytes[at] = 0;
	}
	bytes = (bytes + 7) & ~7U;
	own->frame.length = sizeof(struct rw_frame) + bytes;
	if (bytes > RW_MOST_CAPTURED)
		return RW_COUNTER_LOAD_FAILED;
	if (bpf_ringbuf_output(&ring, own, sizeof(struct rw_frame) + bytes, wake_flags(own->frame.boot_ns))) {
		/* The next one must not be taken for a repeat of what was lost. */
		if (entry)
			entry->shipped_ns = 0;
		return RW_COUNTER_RING_FULL;
	}
	return RW_COUNTER_SHIPPED;
}

#endif
