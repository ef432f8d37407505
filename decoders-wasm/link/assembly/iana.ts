/** Code points of the layers below the routing protocols, each block with its registry's address. */

// Link types: https://www.tcpdump.org/linktypes.html
export const LINKTYPE_NULL: u32 = 0;
export const LINKTYPE_ETHERNET: u32 = 1;
export const LINKTYPE_PPP: u32 = 9;
/** DLT_RAW as BSD systems (12) and OpenBSD (14) write it. */
export const LINKTYPE_RAW_12: u32 = 12;
export const LINKTYPE_RAW_14: u32 = 14;
export const LINKTYPE_PPP_HDLC: u32 = 50;
export const LINKTYPE_PPP_ETHER: u32 = 51;
export const LINKTYPE_RAW: u32 = 101;
export const LINKTYPE_C_HDLC: u32 = 104;
export const LINKTYPE_FRELAY: u32 = 107;
export const LINKTYPE_LOOP: u32 = 108;
export const LINKTYPE_LINUX_SLL: u32 = 113;
export const LINKTYPE_PPP_WITH_DIR: u32 = 204;
export const LINKTYPE_IPV4: u32 = 228;
export const LINKTYPE_IPV6: u32 = 229;
export const LINKTYPE_LINUX_SLL2: u32 = 276;

// EtherTypes: https://www.iana.org/assignments/ieee-802-numbers
/** Greatest value of the field that is an IEEE 802.3 length, least that is a type. */
export const MOST_802_3_LENGTH: u32 = 1500;
export const LEAST_ETHERTYPE: u32 = 0x0600;
export const ETHERTYPE_IPV4: u32 = 0x0800;
export const ETHERTYPE_ARP: u32 = 0x0806;
export const ETHERTYPE_TEB: u32 = 0x6558;
export const ETHERTYPE_RARP: u32 = 0x8035;
export const ETHERTYPE_802_1Q: u32 = 0x8100;
export const ETHERTYPE_IPV6: u32 = 0x86dd;
export const ETHERTYPE_PPP: u32 = 0x880b;
export const ETHERTYPE_MPLS: u32 = 0x8847;
export const ETHERTYPE_MPLS_UPSTREAM: u32 = 0x8848;
export const ETHERTYPE_PPPOE_SESSION: u32 = 0x8864;
/** IS-IS in frames beyond 1500 bytes: draft-ietf-isis-ext-eth-01. */
export const ETHERTYPE_JUMBO_LLC: u32 = 0x8870;
export const ETHERTYPE_802_1AD: u32 = 0x88a8;
export const ETHERTYPE_ERSPAN: u32 = 0x88be;
export const ETHERTYPE_LLDP: u32 = 0x88cc;
export const ETHERTYPE_MACSEC: u32 = 0x88e5;
export const ETHERTYPE_ERSPAN_III: u32 = 0x22eb;
export const ETHERTYPE_NSH: u32 = 0x894f;
/** Stacked tags from before IEEE 802.1ad. */
export const ETHERTYPE_QINQ_9100: u32 = 0x9100;
export const ETHERTYPE_QINQ_9200: u32 = 0x9200;
export const ETHERTYPE_QINQ_9300: u32 = 0x9300;

// LLC service access points: https://standards.ieee.org/products-programs/regauth/llc/
export const LSAP_ISO: u32 = 0xfe;
export const LSAP_SNAP: u32 = 0xaa;
export const LSAP_STP: u32 = 0x42;
export const LLC_UI: u32 = 0x03;
export const OUI_ETHERTYPE: u32 = 0x000000;
/** IEEE 802.1H bridge tunnel encapsulation. */
export const OUI_BRIDGE_TUNNEL: u32 = 0x0000f8;

// NLPIDs: https://www.iana.org/assignments/nlpids
export const NLPID_SNAP: u32 = 0x80;
export const NLPID_CLNP: u32 = 0x81;
export const NLPID_ISIS: u32 = 0x83;
export const NLPID_IPV6: u32 = 0x8e;
export const NLPID_IPV4: u32 = 0xcc;

// IP protocol numbers: https://www.iana.org/assignments/protocol-numbers
export const IP_HOP_BY_HOP: u32 = 0;
export const IP_ICMP: u32 = 1;
export const IP_IPV4: u32 = 4;
export const IP_TCP: u32 = 6;
export const IP_UDP: u32 = 17;
export const IP_IPV6: u32 = 41;
export const IP_ROUTING: u32 = 43;
export const IP_FRAGMENT: u32 = 44;
export const IP_GRE: u32 = 47;
export const IP_ESP: u32 = 50;
export const IP_AH: u32 = 51;
export const IP_ICMPV6: u32 = 58;
export const IP_DESTINATION_OPTIONS: u32 = 60;
export const IP_OSPF: u32 = 89;
export const IP_MPLS: u32 = 137;

// Ports: https://www.iana.org/assignments/service-names-port-numbers
export const PORT_BGP: u32 = 179;
export const PORT_GTP_U: u32 = 2152;
export const PORT_GRE_IN_UDP: u32 = 4754;
export const PORT_VXLAN: u32 = 4789;
export const PORT_VXLAN_GPE: u32 = 4790;
export const PORT_GENEVE: u32 = 6081;
export const PORT_MPLS_OVER_UDP: u32 = 6635;
/** What Linux takes for VXLAN unless told otherwise; OTV has it in the registry. */
export const PORT_VXLAN_LINUX: u32 = 8472;

// PPP protocol numbers: https://www.iana.org/assignments/ppp-numbers
export const PPP_IPV4: u32 = 0x0021;
export const PPP_OSI: u32 = 0x0023;
export const PPP_IPV6: u32 = 0x0057;
export const PPP_MPLS: u32 = 0x0281;
export const PPP_MPLS_UPSTREAM: u32 = 0x0283;

// GRE, ERSPAN, GPE, NSH, GTP-U
/** RFC 1701: "OSI network layer" as a GRE protocol type. */
export const GRE_OSI: u32 = 0x00fe;
/** VXLAN GPE: https://www.iana.org/assignments/vxlan-gpe; NSH: https://www.iana.org/assignments/nsh */
export const NEXT_IPV4: u32 = 1;
export const NEXT_IPV6: u32 = 2;
export const NEXT_ETHERNET: u32 = 3;
export const NEXT_NSH: u32 = 4;
export const NEXT_MPLS: u32 = 5;
/** 3GPP TS 29.281 section 6.1: a user packet. */
export const GTPU_G_PDU: u32 = 255;

// MPLS special labels: https://www.iana.org/assignments/mpls-label-values
export const LABEL_IPV4_EXPLICIT_NULL: u32 = 0;
export const LABEL_IPV6_EXPLICIT_NULL: u32 = 2;

// Address families of LINKTYPE_NULL and LINKTYPE_LOOP (the operating systems' own)
export const AF_INET: u32 = 2;
export const AF_OSI: u32 = 7;
export const AF_INET6_LINUX: u32 = 10;
export const AF_INET6_BSD: u32 = 24;
export const AF_INET6_FREEBSD: u32 = 28;
export const AF_INET6_DARWIN: u32 = 30;
