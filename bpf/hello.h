/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Suppression of hellos that say what the one before said: they are counted and their times kept, not shipped. */
#ifndef ROUTEWATCH_HELLO_H
#define ROUTEWATCH_HELLO_H

#include "walk.h"

/* Hellos that lie further in or are longer are shipped, always. */
#define MOST_HELLO_OFFSET 1024
#define MOST_HELLO_BYTES 10240
#define MOST_HASHED_BYTES 2048

#define NANOSECONDS 1000000000ULL
#define MILLISECOND 1000000ULL
/* ms in 32 bits are 49 days: more than any holding time. */
#define MOST_SINCE (4000000000ULL * MILLISECOND)

/* What a matcher finds in a hello. */
struct hello {
	__u64 id;      /* of its sender on this link */
	__u64 content; /* of what it says */
	__u32 holding_seconds;
	__u32 unused;
};

/* Hash of `bytes` bytes at `at`, at most MOST_HASHED_BYTES of them. Little endian, as records are. */
__noinline __u64 hash_piece(__u64 hash, __u32 at, __u32 bytes)
{
	struct scratch *own = own_scratch();
	__u32 words;

	if (!own || at > MOST_HELLO_OFFSET + MOST_HELLO_BYTES)
		return hash;
	if (bytes > MOST_HASHED_BYTES)
		bytes = MOST_HASHED_BYTES;
	words = bytes >> 3;
	for (__u32 i = 0; i < MOST_HASHED_BYTES / 8; i++) {
		if (i >= words)
			break;
		hash = mix(hash, *(__u64 *)(own->bytes + at + i * 8));
	}
	at += words << 3;
	KEEP_BOUND(at);
	if ((bytes & 7) && at < RW_MOST_CAPTURED - 8)
		hash = mix(hash, *(__u64 *)(own->bytes + at) << (64 - (bytes & 7) * 8));
	return mix(hash, bytes);
}

/* Puts link-layer and network source and destination into the id. */
static __always_inline void hash_sender(struct hello *hello, const struct walk *walk)
{
	if (walk->address_bytes)
		hello->id = hash_piece(hello->id, walk->source, walk->address_bytes << 1);
	else if (walk->link != NO_OFFSET)
		hello->id = hash_piece(hello->id, walk->link + 6, 6);
}

/*
 * Whether the hello need not be shipped; `entry` is its place in the table where it has one. Two CPUs at once may lose
 * one arrival time of one sender: its frames come on one queue.
 */
static __always_inline int is_repeated(const struct hello *hello, struct scratch *own, struct rw_hello **entry)
{
	__u64 now = own->frame.boot_ns;
	__u64 since;
	struct rw_hello_key key = {
		.id = hello->id,
		.tap_id = own->frame.tap_id,
		.direction = own->frame.direction,
		.protocol = own->frame.protocol,
	};
	struct rw_hello *known = bpf_map_lookup_elem(&hellos, &key);

	if (!known) {
		struct rw_hello fresh = {
			.content = hello->content,
			.last_ns = now,
			.shipped_ns = now,
			.arrivals = { now },
			.count = 1,
			.holding_seconds = hello->holding_seconds,
		};

		if (bpf_map_update_elem(&hellos, &key, &fresh, BPF_ANY))
			count(RW_COUNTER_HELLO_REFUSED);
		else
			*entry = bpf_map_lookup_elem(&hellos, &key);
		return 0;
	}
	*entry = known;
	since = now - known->last_ns;
	known->arrivals[known->count % RW_MOST_ARRIVALS] = now;
	known->count++;
	known->last_ns = now;
	/* One that comes when its holding time has run out is news: its sender was given up meanwhile. */
	if (known->content == hello->content && now - known->shipped_ns < rw_config.hello_ship_ns &&
	    since < known->holding_seconds * NANOSECONDS) {
		known->suppressed++;
		return 1;
	}
	/* Whether it was steady until now: those before it may stand in nobody's list any more. */
	own->frame.key_index = since < MILLISECOND ? 1 : since < MOST_SINCE ? since / MILLISECOND : MOST_SINCE / MILLISECOND;
	known->content = hello->content;
	known->shipped_ns = now;
	known->holding_seconds = hello->holding_seconds;
	return 0;
}

#endif
