/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Code points that the matcher looks at, each block with its registry's address. */
#ifndef ROUTEWATCH_IANA_H
#define ROUTEWATCH_IANA_H

/* Link types: https://www.tcpdump.org/linktypes.html */
#define LINKTYPE_ETHERNET 1
#define LINKTYPE_PPP 9
#define LINKTYPE_PPP_HDLC 50
#define LINKTYPE_RAW 101
#define LINKTYPE_C_HDLC 104

/* EtherTypes: https://www.iana.org/assignments/ieee-802-numbers */
#define MOST_802_3_LENGTH 1500
#define LEAST_ETHERTYPE 0x0600
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_ERSPAN_III 0x22eb
#define ETHERTYPE_TEB 0x6558
#define ETHERTYPE_RARP 0x8035
#define ETHERTYPE_802_1Q 0x8100
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_PPP 0x880b
#define ETHERTYPE_MPLS 0x8847
#define ETHERTYPE_MPLS_UPSTREAM 0x8848
#define ETHERTYPE_PPPOE_SESSION 0x8864
#define ETHERTYPE_JUMBO_LLC 0x8870 /* draft-ietf-isis-ext-eth-01 */
#define ETHERTYPE_802_1AD 0x88a8
#define ETHERTYPE_ERSPAN 0x88be
#define ETHERTYPE_LLDP 0x88cc
#define ETHERTYPE_MACSEC 0x88e5
#define ETHERTYPE_NSH 0x894f
#define ETHERTYPE_QINQ_9100 0x9100 /* stacked tags from before IEEE 802.1ad */
#define ETHERTYPE_QINQ_9200 0x9200
#define ETHERTYPE_QINQ_9300 0x9300

/* LLC: https://standards.ieee.org/products-programs/regauth/llc/ */
#define LSAP_ISO 0xfe
#define LSAP_SNAP 0xaa
#define LSAP_STP 0x42
#define LLC_UI 0x03
#define OUI_ETHERTYPE 0x000000
#define OUI_BRIDGE_TUNNEL 0x0000f8 /* IEEE 802.1H */

/* NLPIDs: https://www.iana.org/assignments/nlpids */
#define NLPID_CLNP 0x81
#define NLPID_ISIS 0x83

/* IP protocol numbers: https://www.iana.org/assignments/protocol-numbers */
#define IP_HOP_BY_HOP 0
#define IP_ICMP 1
#define IP_IPV4 4
#define IP_TCP 6
#define IP_UDP 17
#define IP_IPV6 41
#define IP_ROUTING 43
#define IP_FRAGMENT 44
#define IP_GRE 47
#define IP_ESP 50
#define IP_AH 51
#define IP_ICMPV6 58
#define IP_DESTINATION_OPTIONS 60
#define IP_OSPF 89
#define IP_MPLS 137

/* Ports: https://www.iana.org/assignments/service-names-port-numbers */
#define PORT_BGP 179
#define PORT_GTP_U 2152
#define PORT_GRE_IN_UDP 4754
#define PORT_VXLAN 4789
#define PORT_VXLAN_GPE 4790
#define PORT_GENEVE 6081
#define PORT_MPLS_OVER_UDP 6635
#define PORT_VXLAN_LINUX 8472

/* PPP protocol numbers: https://www.iana.org/assignments/ppp-numbers */
#define PPP_IPV4 0x0021
#define PPP_OSI 0x0023
#define PPP_IPV6 0x0057
#define PPP_MPLS 0x0281
#define PPP_MPLS_UPSTREAM 0x0283

/* GRE, GPE, NSH, GTP-U */
#define GRE_OSI 0x00fe /* RFC 1701 */
#define NEXT_IPV4 1    /* https://www.iana.org/assignments/vxlan-gpe, .../nsh */
#define NEXT_IPV6 2
#define NEXT_ETHERNET 3
#define NEXT_NSH 4
#define NEXT_MPLS 5
#define GTPU_G_PDU 255 /* 3GPP TS 29.281 section 6.1 */

/* MPLS special labels: https://www.iana.org/assignments/mpls-label-values */
#define LABEL_IPV4_EXPLICIT_NULL 0
#define LABEL_IPV6_EXPLICIT_NULL 2

/* IS-IS PDU types: ISO/IEC 10589 section 9.5; TLVs: https://www.iana.org/assignments/isis-tlv-codepoints */
#define ISIS_L1_LAN_HELLO 15
#define ISIS_L2_LAN_HELLO 16
#define ISIS_P2P_HELLO 17
#define ISIS_L1_LSP 18
#define ISIS_L2_LSP 20
#define ISIS_L1_CSNP 24
#define ISIS_L2_CSNP 25
#define ISIS_L1_PSNP 26
#define ISIS_L2_PSNP 27
#define ISIS_TLV_PADDING 8
#define ISIS_TLV_AUTHENTICATION 10
#define ISIS_TLV_IP_AUTHENTICATION 133 /* RFC 1195 section 5.3 */
#define ISIS_AUTHENTICATION_CLEARTEXT 1

/* OSPF: https://www.iana.org/assignments/ospf-parameters, .../ospf-authentication-codes */
#define OSPF_HELLO 1
#define OSPF_AUTHENTICATION_SIMPLE 1
#define OSPF_AUTHENTICATION_CRYPTOGRAPHIC 2

#endif
