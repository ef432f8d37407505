/** Code points that the bench's files are made of. */

// https://www.iana.org/assignments/bgp-parameters: BGP Path Attributes
export const ORIGIN = 1;
export const AS_PATH = 2;
export const NEXT_HOP = 3;
export const MULTI_EXIT_DISC = 4;
export const ATOMIC_AGGREGATE = 6;
export const AGGREGATOR = 7;
export const COMMUNITIES = 8;
export const MP_REACH_NLRI = 14;
export const MP_UNREACH_NLRI = 15;
export const LARGE_COMMUNITY = 32;

// RFC 4271 section 4.3: attribute flags
export const FLAG_OPTIONAL = 0x80;
export const FLAG_TRANSITIVE = 0x40;

// https://www.iana.org/assignments/bgp-parameters: BGP AS_PATH Segment Types; BGP Origin values: RFC 4271 section 5.1.1
export const AS_SEQUENCE = 2;
export const ORIGIN_IGP = 0;
export const ORIGIN_INCOMPLETE = 2;

// https://www.iana.org/assignments/address-family-numbers and safi-namespace
export const AFI_IPV4 = 1;
export const AFI_IPV6 = 2;
export const SAFI_UNICAST = 1;

// https://www.iana.org/assignments/mrt
export const MRT_BGP4MP = 16;
export const MRT_BGP4MP_MESSAGE_AS4 = 4;

// https://www.iana.org/assignments/service-names-port-numbers, protocol-numbers, ieee-802-numbers
export const PORT_BGP = 179;
export const IP_PROTOCOL_TCP = 6;
export const ETHERTYPE_IPV4 = 0x0800;

// RFC 9293 section 3.1: TCP flags
export const TCP_SYN = 2;
export const TCP_PSH = 8;
export const TCP_ACK = 16;
