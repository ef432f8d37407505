/** Code points of BGP and of the TCP fields that the decoder reads; each block names its registry. */

// https://www.iana.org/assignments/bgp-parameters: BGP Message Types
export const MESSAGE_OPEN: u8 = 1;
export const MESSAGE_UPDATE: u8 = 2;
export const MESSAGE_NOTIFICATION: u8 = 3;
export const MESSAGE_KEEPALIVE: u8 = 4;
export const MESSAGE_ROUTE_REFRESH: u8 = 5;

// RFC 4271 section 4.1, RFC 8654 section 3
export const HEADER_BYTES: u32 = 19;
export const MOST_MESSAGE_BYTES: u32 = 4096;
export const MOST_EXTENDED_BYTES: u32 = 65535;

// https://www.iana.org/assignments/bgp-parameters: BGP Path Attributes
export const ATTRIBUTE_ORIGIN: u32 = 1;
export const ATTRIBUTE_AS_PATH: u32 = 2;
export const ATTRIBUTE_NEXT_HOP: u32 = 3;
export const ATTRIBUTE_MULTI_EXIT_DISC: u32 = 4;
export const ATTRIBUTE_LOCAL_PREF: u32 = 5;
export const ATTRIBUTE_ATOMIC_AGGREGATE: u32 = 6;
export const ATTRIBUTE_AGGREGATOR: u32 = 7;
export const ATTRIBUTE_COMMUNITIES: u32 = 8;
export const ATTRIBUTE_ORIGINATOR_ID: u32 = 9;
export const ATTRIBUTE_CLUSTER_LIST: u32 = 10;
export const ATTRIBUTE_MP_REACH_NLRI: u32 = 14;
export const ATTRIBUTE_MP_UNREACH_NLRI: u32 = 15;
export const ATTRIBUTE_EXTENDED_COMMUNITIES: u32 = 16;
export const ATTRIBUTE_AS4_PATH: u32 = 17;
export const ATTRIBUTE_AS4_AGGREGATOR: u32 = 18;
export const ATTRIBUTE_LARGE_COMMUNITIES: u32 = 32;
export const ATTRIBUTE_ONLY_TO_CUSTOMER: u32 = 35;

// RFC 4271 section 4.3: attribute flags
export const FLAG_OPTIONAL: u8 = 0x80;
export const FLAG_TRANSITIVE: u8 = 0x40;
export const FLAG_PARTIAL: u8 = 0x20;
export const FLAG_EXTENDED_LENGTH: u8 = 0x10;

// https://www.iana.org/assignments/bgp-parameters: BGP AS_PATH Segment Types
export const SEGMENT_AS_SET: u8 = 1;
export const SEGMENT_AS_SEQUENCE: u8 = 2;
export const SEGMENT_AS_CONFED_SEQUENCE: u8 = 3;
export const SEGMENT_AS_CONFED_SET: u8 = 4;
export const AS_TRANS: u32 = 23456;

// https://www.iana.org/assignments/capability-codes
export const CAPABILITY_MULTIPROTOCOL: u8 = 1;
export const CAPABILITY_ROUTE_REFRESH: u8 = 2;
export const CAPABILITY_EXTENDED_NEXT_HOP: u8 = 5;
export const CAPABILITY_EXTENDED_MESSAGE: u8 = 6;
export const CAPABILITY_ROLE: u8 = 9;
export const CAPABILITY_GRACEFUL_RESTART: u8 = 64;
export const CAPABILITY_AS4: u8 = 65;
export const CAPABILITY_ADD_PATH: u8 = 69;
export const CAPABILITY_ENHANCED_REFRESH: u8 = 70;
export const CAPABILITY_LONG_LIVED_GRACEFUL_RESTART: u8 = 71;
export const CAPABILITY_FQDN: u8 = 73;

// RFC 5492 section 4, RFC 9072 section 2: optional parameters of OPEN
export const PARAMETER_CAPABILITIES: u8 = 2;
export const PARAMETER_EXTENDED_LENGTH: u8 = 255;

// https://www.iana.org/assignments/address-family-numbers and safi-namespace
export const AFI_IPV4: u16 = 1;
export const AFI_IPV6: u16 = 2;
export const SAFI_UNICAST: u8 = 1;

// https://www.iana.org/assignments/bgp-parameters: BGP Error (Notification) Codes
export const ERROR_HOLD_TIMER: u8 = 4;
export const ERROR_CEASE: u8 = 6;
export const CEASE_SHUTDOWN: u8 = 2;
export const CEASE_RESET: u8 = 4;
export const CEASE_COLLISION: u8 = 7;
export const CEASE_HARD_RESET: u8 = 9;

// RFC 9293 section 3.1: TCP flags and the options that are read
export const TCP_FIN: u8 = 1;
export const TCP_SYN: u8 = 2;
export const TCP_RST: u8 = 4;
export const TCP_ACK: u8 = 16;
export const TCP_HEADER_BYTES: u32 = 20;
export const TCP_OPTION_END: u8 = 0;
export const TCP_OPTION_NOP: u8 = 1;
export const TCP_OPTION_WINDOW_SCALE: u8 = 3;
