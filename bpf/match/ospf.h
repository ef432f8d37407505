/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* OSPFv2 and OSPFv3: IP protocol 89 (RFC 2328 appendix A.1, RFC 5340 appendix A.1); password and hello. */
#ifndef ROUTEWATCH_MATCH_OSPF_H
#define ROUTEWATCH_MATCH_OSPF_H

#include "../hello.h"
#include "../walk.h"

#define OSPF_HEADER_BYTES 24
#define OSPF_PASSWORD_AT 16
#define OSPF_PASSWORD_BYTES 8

/* OSPFv3 may also travel in IPv4 (RFC 7949): there the version byte decides. */
static __always_inline int ospf(struct __sk_buff *skb, struct walk *walk)
{
	__u8 version;

	if (peek(skb, walk, &version, 1))
		return MALFORMED;
	return END + (walk->address_bytes == 16 || version == 3 ? RW_COUNTER_OSPFV3 : RW_COUNTER_OSPFV2);
}

/* A password that is cut in two could not be found. */
static __always_inline int ospf_fragment(struct __sk_buff *skb, struct walk *walk)
{
	if (walk->fragment == 0)
		return left(walk) < OSPF_HEADER_BYTES ? END + RW_COUNTER_FRAGMENT_REFUSED : ospf(skb, walk);
	if (walk->fragment < OSPF_HEADER_BYTES)
		return END + RW_COUNTER_FRAGMENT_REFUSED;
	return END + (walk->address_bytes == 16 ? RW_COUNTER_OSPFV3 : RW_COUNTER_OSPFV2);
}

/*
 * version 1, type 1, packet length 2, router id 4, area id 4, checksum 2, AuType 2, authentication 8: RFC 2328
 * appendix A.3.1. With AuType 1 the last is a password: blanks it, whatever the version byte says.
 */
static __always_inline void ospfv2_redact(struct scratch *own, const struct walk *walk)
{
	__u32 at = walk->position;

	/* Where it is shorter than its header, what stands there is a password too. */
	if (walk->fragment || at + OSPF_PASSWORD_AT > walk->length)
		return;
	KEEP_BOUND(at);
	if (at > RW_MOST_CAPTURED - OSPF_HEADER_BYTES)
		return;
	if (own->bytes[at + 14] != 0 || own->bytes[at + 15] != OSPF_AUTHENTICATION_SIMPLE)
		return;
	for (int i = 0; i < OSPF_PASSWORD_BYTES; i++)
		own->bytes[at + OSPF_PASSWORD_AT + i] = 0;
	own->frame.flags |= RW_FLAG_REDACTED;
}

/*
 * After the packet, its digest apart, may stand a block of link-local signalling: checksum 2, length 2, then TLVs
 * (RFC 5613 section 2). Of it the first, the extended options (4 bytes), counts: it announces restarts.
 */
static __always_inline __u64 hash_signalling(const struct scratch *own, __u64 hash, __u32 at, __u32 end)
{
	if (at + 12 > end || at > RW_MOST_CAPTURED - 12)
		return hash;
	KEEP_BOUND(at);
	if (at > RW_MOST_CAPTURED - 12)
		return hash;
	if (own->bytes[at + 4] != 0 || own->bytes[at + 5] != 1)
		return hash;
	return hash_piece(hash, at + 4, 8);
}

/*
 * Hello, after the header of 24 bytes: mask 4, hello interval 2, options 1, priority 1, dead interval 4, DR 4, BDR 4,
 * neighbours. What changes in each: checksum, sequence number, digest.
 */
__noinline int ospfv2_hello(struct walk *walk, struct hello *hello)
{
	struct scratch *own = own_scratch();
	__u32 at, length, digest = 0;

	if (!walk || !hello || !own)
		return -1;
	at = walk->position;
	if (at > MOST_HELLO_OFFSET || at + 44 > walk->end || own->bytes[at + 1] != OSPF_HELLO)
		return -1;
	length = own->bytes[at + 2] << 8 | own->bytes[at + 3];
	if (length < 44 || length > MOST_HASHED_BYTES || at + length > walk->end)
		return -1;
	hello->id = hash_piece(hello->id, at + 4, 8);
	hello->content = hash_piece(hello->content, at, 12);
	hello->content = mix(hello->content, own->bytes[at + 15]);
	if (own->bytes[at + 15] == OSPF_AUTHENTICATION_CRYPTOGRAPHIC) {
		hello->content = mix(hello->content, own->bytes[at + 18]);
		digest = own->bytes[at + 19];
	}
	hello->content = hash_piece(hello->content, at + OSPF_HEADER_BYTES, length - OSPF_HEADER_BYTES);
	hello->content = hash_signalling(own, hello->content, at + length + digest, walk->end);
	hello->holding_seconds = own->bytes[at + 32] << 24 | own->bytes[at + 33] << 16 | own->bytes[at + 34] << 8 | own->bytes[at + 35];
	return 0;
}

/*
 * version 1, type 1, packet length 2, router id 4, area id 4, checksum 2, instance 1, 0 1; hello: interface 4,
 * priority 1, options 3, hello interval 2, dead interval 2, DR 4, BDR 4, neighbours: RFC 5340 appendix A.3.2
 */
__noinline int ospfv3_hello(struct walk *walk, struct hello *hello)
{
	struct scratch *own = own_scratch();
	__u32 at, length;

	if (!walk || !hello || !own)
		return -1;
	at = walk->position;
	if (at > MOST_HELLO_OFFSET || at + 36 > walk->end || own->bytes[at + 1] != OSPF_HELLO)
		return -1;
	length = own->bytes[at + 2] << 8 | own->bytes[at + 3];
	if (length < 36 || length > MOST_HASHED_BYTES || at + length > walk->end)
		return -1;
	hello->id = mix(hash_piece(hello->id, at + 4, 8), own->bytes[at + 14]);
	hello->content = hash_piece(hello->content, at, 12);
	hello->content = hash_piece(hello->content, at + 14, length - 14);
	hello->content = hash_signalling(own, hello->content, at + length, walk->end);
	hello->holding_seconds = own->bytes[at + 26] << 8 | own->bytes[at + 27];
	return 0;
}

#endif
