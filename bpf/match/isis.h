/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* IS-IS (ISO/IEC 10589): recognised by its NLPID in layers/ethernet.h; here its passwords and hellos. */
#ifndef ROUTEWATCH_MATCH_ISIS_H
#define ROUTEWATCH_MATCH_ISIS_H

#include "../hello.h"
#include "../walk.h"

#define MOST_TLVS 1024

/* Where the search through the TLVs stands. */
struct tlvs {
	__u64 content; /* hash of those that a hello repeats */
	__u32 position;
	__u32 end;
	__u32 redacted;
	__u32 hashed;  /* whether `content` is wanted */
};

/*
 * One TLV: type 1, length 1, value. Authentication is type 1 and value: cleartext is blanked, the type stays. Padding and
 * authentication are no part of `content`. Gives 1 at the end.
 */
__noinline int isis_tlv(struct tlvs *tlvs)
{
	struct scratch *own = own_scratch();
	__u32 at, type, length;

	if (!tlvs || !own)
		return 1;
	at = tlvs->position;
	if (at + 2 > tlvs->end || at > RW_MOST_CAPTURED - 260)
		return 1;
	type = own->bytes[at];
	length = own->bytes[at + 1];
	if (length > tlvs->end - at - 2)
		length = tlvs->end - at - 2;
	tlvs->position = at + 2 + length;
	if (type == ISIS_TLV_AUTHENTICATION || type == ISIS_TLV_IP_AUTHENTICATION) {
		if (length == 0 || own->bytes[at + 2] != ISIS_AUTHENTICATION_CLEARTEXT)
			return 0;
		for (__u32 i = 1; i < 255; i++) {
			if (i >= length)
				break;
			own->bytes[at + 2 + i] = 0;
		}
		tlvs->redacted = 1;
		return 0;
	}
	if (tlvs->hashed && type != ISIS_TLV_PADDING)
		tlvs->content = hash_piece(tlvs->content, at, length + 2);
	return 0;
}

/* All TLVs; nonzero where there are more than MOST_TLVS. Global, so that the verifier counts the loop once. */
__noinline int isis_tlvs(struct tlvs *tlvs)
{
	if (!tlvs)
		return 0;
	for (int i = 0; i < MOST_TLVS; i++) {
		if (isis_tlv(tlvs))
			return 0;
	}
	return 1;
}

/*
 * Bytes before the TLVs: as the PDU type says, so that a false header length hides no password. Ids of other than 6
 * bytes (id length 0 stands for 6) move them, so there the header length counts.
 */
static __always_inline __u32 tlvs_start(__u32 pdu_type, __u32 id_length, __u32 header_bytes)
{
	if (id_length != 0 && id_length != 6)
		return header_bytes;
	switch (pdu_type) {
	case ISIS_L1_LAN_HELLO:
	case ISIS_L2_LAN_HELLO:
	case ISIS_L1_LSP:
	case ISIS_L2_LSP:
		return 27;
	case ISIS_P2P_HELLO:
		return 20;
	case ISIS_L1_CSNP:
	case ISIS_L2_CSNP:
		return 33;
	case ISIS_L1_PSNP:
	case ISIS_L2_PSNP:
		return 17;
	}
	return header_bytes;
}

/*
 * NLPID 1, header length 1, version 1, id length 1, PDU type 1 (its low 5 bits), version 1, reserved 1, areas 1; hello:
 * circuit type 1, system id 6, holding time 2, PDU length 2; other PDUs: PDU length 2. Then TLVs, after `header length`.
 * Blanks passwords; fills in `hello` for hellos (result 0).
 */
__noinline int isis_search(struct walk *walk, struct hello *hello)
{
	struct scratch *own = own_scratch();
	struct tlvs tlvs = {};
	__u32 at, header_bytes, pdu_type, pdu_bytes;
	int is_hello, too_many;

	if (!walk || !hello || !own)
		return -1;
	at = walk->position;
	if (at > RW_MOST_CAPTURED - 64 || at + 10 > walk->length)
		return -1;
	pdu_type = own->bytes[at + 4] & 0x1f;
	is_hello = pdu_type >= ISIS_L1_LAN_HELLO && pdu_type <= ISIS_P2P_HELLO && at + 20 <= walk->length;
	pdu_bytes = is_hello ? own->bytes[at + 17] << 8 | own->bytes[at + 18] : own->bytes[at + 8] << 8 | own->bytes[at + 9];
	header_bytes = tlvs_start(pdu_type, own->bytes[at + 3], own->bytes[at + 1]);
	tlvs.position = at + header_bytes;
	tlvs.end = walk->end;
	/* What the PDU says of its length counts where it can be true. */
	if (pdu_bytes >= header_bytes && at + pdu_bytes < tlvs.end)
		tlvs.end = at + pdu_bytes;
	tlvs.hashed = is_hello && at <= MOST_HELLO_OFFSET && tlvs.end - at <= MOST_HELLO_BYTES;
	if (tlvs.hashed) {
		hello->id = mix(hash_piece(hello->id, at + 9, 6), pdu_type);
		tlvs.content = hash_piece(hello->content, at, header_bytes & 0x3f);
		hello->holding_seconds = own->bytes[at + 15] << 8 | own->bytes[at + 16];
	}
	too_many = isis_tlvs(&tlvs);
	if (tlvs.redacted)
		own->frame.flags |= RW_FLAG_REDACTED;
	/* What was not searched is not shipped. */
	if (too_many || tlvs.position + 2 <= tlvs.end)
		walk->length = tlvs.position;
	hello->content = tlvs.content;
	return tlvs.hashed ? 0 : -1;
}

#endif
