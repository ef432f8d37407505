/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* The one frame layout: what the kernel program writes to its ring is what the Kafka value holds and what the
 * decoders read. `npm run generate` reads this file and writes its offsets for TypeScript and AssemblyScript.
 * All fields little endian; a record is `length` bytes, padded with zeros to a multiple of 8. */
#ifndef ROUTEWATCH_FRAME_H
#define ROUTEWATCH_FRAME_H

/* protocol: what the classifier found innermost. */
#define RW_PROTOCOL_NONE 0
#define RW_PROTOCOL_ISIS 1
#define RW_PROTOCOL_OSPFV2 2
#define RW_PROTOCOL_OSPFV3 3
#define RW_PROTOCOL_BGP 4
/* A tick record: no bytes; boot_ns is the clock of `tap_id` (RW_TAP_ALL: of every tap). */
#define RW_PROTOCOL_TICK 255
#define RW_TAP_ALL 0xffff

#define RW_DIRECTION_UNKNOWN 0
#define RW_DIRECTION_INGRESS 1
#define RW_DIRECTION_EGRESS 2

/* flags */
#define RW_FLAG_REDACTED 1      /* cleartext authentication was blanked: do not judge the PDU's checksum */
#define RW_FLAG_REASSEMBLED 2   /* bytes were joined from IP fragments; headers are those of the first */
#define RW_FLAG_TRUNCATED 4     /* fewer bytes than the headers declare (snap length) */
#define RW_FLAG_LATE 8          /* older than 2 s when it was shipped */
#define RW_FLAG_TIME_REFUSED 32 /* its own time stamp cannot be; the time here is that of the packet before */
#define RW_FLAG_MULTICAST_LINK 16 /* the link-layer destination is a group address */
#define RW_FLAG_FRAGMENT 64     /* a piece of an IP datagram: the collector joins them, no decoder sees it */

/* tunnel_kind: what makes a network instance of its own. */
#define RW_TUNNEL_NONE 0
#define RW_TUNNEL_GRE 1
#define RW_TUNNEL_IPIP 2
#define RW_TUNNEL_VXLAN 3
#define RW_TUNNEL_GENEVE 4
#define RW_TUNNEL_ERSPAN 5
#define RW_TUNNEL_GTPU 6
#define RW_TUNNEL_PSEUDOWIRE 7
#define RW_TUNNEL_MORE 255      /* more than two levels deep: the outermost and the innermost are kept */

#define RW_OFFSET_NONE 0xffff

struct rw_frame {
	unsigned int length;             /* of the whole record, this header included, multiple of 8 */
	unsigned short tap_id;           /* index into the batch's tap table */
	unsigned char direction;         /* RW_DIRECTION_* */
	unsigned char protocol;          /* RW_PROTOCOL_* */
	unsigned long long boot_ns;      /* when the tap saw it, on the tap's boot clock */
	unsigned long long frame_number; /* from 1 within (tap, tap epoch); the collector fills it in */
	unsigned int key_index;          /* index into the batch's key table; the collector fills it in */
	unsigned int original_length;    /* on the wire, before any snap length */
	unsigned int captured_length;    /* bytes that follow this header */
	unsigned int payload_length;     /* of the PDU, as the layers below declare it (may exceed what was captured) */
	unsigned short link_offset;      /* innermost Ethernet header in the bytes, RW_OFFSET_NONE without one */
	unsigned short network_offset;   /* innermost IP header, RW_OFFSET_NONE without one (IS-IS) */
	unsigned short payload_offset;   /* IS-IS: the NLPID 0x83; OSPF: the OSPF header; BGP: the TCP header */
	unsigned short flags;            /* RW_FLAG_* */
	unsigned short vlan_outer;       /* TCI of the outermost tag, also when it was in metadata; 0xffff none */
	unsigned short vlan_inner;       /* TCI of the second tag; 0xffff none */
	unsigned char vlan_count;
	unsigned char tunnel_depth;
	unsigned char tunnel_kind;       /* RW_TUNNEL_* innermost */
	unsigned char outer_tunnel_kind; /* RW_TUNNEL_* outermost, where tunnel_depth > 1 */
	unsigned int tunnel_id;          /* GRE key, VNI, ERSPAN session, TEID, pseudowire label; 0 without one */
	unsigned int outer_tunnel_id;
};                                       /* 64 bytes, then the raw bytes */

#endif
