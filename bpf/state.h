/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* What the kernel program and its loader share beside the frame record: configuration, counters, hello table.
 * `npm run generate` reads this file and writes offsets and names for TypeScript; a test checks them against BTF. */
#ifndef ROUTEWATCH_STATE_H
#define ROUTEWATCH_STATE_H

/* Of these layouts: another one, and a loader makes its maps anew. */
#define RW_STATE_VERSION 3

/* Most bytes of a frame that are kept: a segment of 64 KB and more (BIG TCP goes further); with its header a record stays below
 * 128 KB. Multiple of 8. */
#define RW_MOST_CAPTURED 130944

/* encapsulations: those that are followed; frames in others are counted as not-allowed. */
#define RW_ENCAPSULATION_VLAN 1
#define RW_ENCAPSULATION_QINQ 2   /* two tags and more */
#define RW_ENCAPSULATION_MPLS 4
#define RW_ENCAPSULATION_PSEUDOWIRE 8
#define RW_ENCAPSULATION_PPPOE 16
#define RW_ENCAPSULATION_GRE 32   /* in UDP too */
#define RW_ENCAPSULATION_IPIP 64  /* MPLS in IP and in UDP too */
#define RW_ENCAPSULATION_VXLAN 128
#define RW_ENCAPSULATION_GENEVE 256
#define RW_ENCAPSULATION_ERSPAN 512
#define RW_ENCAPSULATION_GTPU 1024
#define RW_ENCAPSULATION_NSH 2048

/* filters: where set, only what the map `allowed` names passes. Also the kind of an entry there. */
#define RW_FILTER_VLAN 1    /* id of the outermost tag, 0 for frames without one */
#define RW_FILTER_GRE_KEY 2 /* 0 for tunnels without a key */
#define RW_FILTER_VNI 4     /* of VXLAN and Geneve */

/* Knobs of one program instance: one tap, one direction. */
struct rw_config {
	unsigned long long seed;             /* of the hashes; random, the same for all instances */
	unsigned long long hello_ship_ns;    /* an unchanged hello is shipped this often; 0: always */
	unsigned long long wake_interval_ns; /* the reader is woken at most this often */
	unsigned int link_type;              /* LINKTYPE_ value: 1 Ethernet, 101 IP, 9 and 50 PPP, 104 Cisco HDLC */
	unsigned int encapsulations;         /* RW_ENCAPSULATION_* */
	unsigned int filters;                /* RW_FILTER_* */
	unsigned int protocols;              /* bit 1 << RW_PROTOCOL_* */
	unsigned int list;                   /* the list of the map `allowed` that counts here */
	unsigned int slot;                   /* key of this instance's counters */
	unsigned short tap_id;
	unsigned char direction;             /* RW_DIRECTION_* */
};

/* An entry of the map `allowed`. */
struct rw_allowed {
	unsigned int list;   /* as in rw_config */
	unsigned int filter; /* RW_FILTER_* */
	unsigned int value;  /* VLAN id, GRE key or VNI */
};

/* Counters of one program instance, at its slot. The first are the outcomes of link.wasm, in its order; the first four are frames
 * that were recognised, whatever became of them. */
#define RW_COUNTER_ISIS 0
#define RW_COUNTER_OSPFV2 1
#define RW_COUNTER_OSPFV3 2
#define RW_COUNTER_BGP 3
#define RW_COUNTER_OTHER_ETHERTYPE 4
#define RW_COUNTER_ARP 5
#define RW_COUNTER_OTHER_LLC 6
#define RW_COUNTER_OTHER_OSI 7
#define RW_COUNTER_OTHER_PPP 8
#define RW_COUNTER_OTHER_IP_PROTOCOL 9
#define RW_COUNTER_ICMP 10
#define RW_COUNTER_OTHER_TCP 11
#define RW_COUNTER_OTHER_UDP 12
#define RW_COUNTER_OTHER_TUNNEL 13
#define RW_COUNTER_OTHER_MPLS 14
#define RW_COUNTER_ENCRYPTED 15
#define RW_COUNTER_FRAGMENT_HELD 16
#define RW_COUNTER_FRAGMENT_REFUSED 17 /* cut inside the OSPF header: its password could not be found */
#define RW_COUNTER_FRAGMENT_OTHER 18
#define RW_COUNTER_UNKNOWN_LINK_TYPE 19
#define RW_COUNTER_TRUNCATED 20
#define RW_COUNTER_MALFORMED 21
#define RW_COUNTER_TOO_DEEP 22
#define RW_COUNTER_KEY_REFUSED 23
/* What the kernel program adds. */
#define RW_COUNTER_NOT_ALLOWED 24      /* an encapsulation or protocol that the configuration leaves out */
#define RW_COUNTER_FILTERED 25         /* a VLAN, GRE key or VNI that is not on its list */
#define RW_COUNTER_LOAD_FAILED 26      /* its bytes could not be copied */
#define RW_COUNTER_SHIPPED 27
#define RW_COUNTER_SUPPRESSED 28       /* unchanged hellos */
#define RW_COUNTER_RING_FULL 29        /* recognised, and lost */
#define RW_COUNTER_TOO_LONG 30         /* shipped without what lies beyond RW_MOST_CAPTURED */
#define RW_COUNTER_REDACTED 31
#define RW_COUNTER_UNSEARCHED 32       /* shipped up to where the search for a password came */
#define RW_COUNTER_HELLO_REFUSED 33    /* the hello table took no entry: shipped */
#define RW_COUNTER_BUSY_NS 34          /* time spent on frames that needed a closer look, from samples; no frames */
#define RW_COUNTERS 35

struct rw_counters {
	unsigned long long count[RW_COUNTERS];
};

/* Key of the hello table: one sender on one link, as one tap sees it in one direction. */
struct rw_hello_key {
	unsigned long long id; /* seeded hash of encapsulation, PDU type, sender; `frame_number` of its frames in the ring */
	unsigned short tap_id;
	unsigned char direction;
	unsigned char protocol;
	unsigned int unused;
};

#define RW_MOST_ARRIVALS 8

/* Value of the hello table. */
struct rw_hello {
	unsigned long long content;    /* hash of the hello without what changes in each */
	unsigned long long last_ns;    /* boot clock: the newest arrival */
	unsigned long long shipped_ns; /* boot clock: the newest one that was shipped */
	unsigned long long arrivals[RW_MOST_ARRIVALS]; /* boot clock; number n stands at n % 8 */
	unsigned int count;            /* arrivals in all */
	unsigned int suppressed;       /* of these, not shipped */
	unsigned int holding_seconds;  /* as the hello declares it */
	unsigned int unused;
};

#endif
