/** Code points of IS-IS: ISO 10589 and the IANA registries, nothing else. */

/** Intradomain routeing protocol discriminator (ISO 9577), ISO 10589 9.5. */
export const NLPID_ISIS: u8 = 0x83;
export const PROTOCOL_VERSION: u8 = 1;
/** Length of a system id that the field means by 0 (ISO 10589 9.5). */
export const SYSTEM_ID_BYTES: u8 = 6;

// PDU types: https://www.iana.org/assignments/isis-pdu (ISO 10589 9.5 to 9.13)
export const PDU_LAN_HELLO_L1: u8 = 15;
export const PDU_LAN_HELLO_L2: u8 = 16;
export const PDU_P2P_HELLO: u8 = 17;
export const PDU_LSP_L1: u8 = 18;
export const PDU_LSP_L2: u8 = 20;
export const PDU_CSNP_L1: u8 = 24;
export const PDU_CSNP_L2: u8 = 25;
export const PDU_PSNP_L1: u8 = 26;
export const PDU_PSNP_L2: u8 = 27;

/** Bytes of the fixed header by PDU type (the length indicator of ISO 10589 9.5). */
export const HEADER_LAN_HELLO: u8 = 27;
export const HEADER_P2P_HELLO: u8 = 20;
export const HEADER_LSP: u8 = 27;
export const HEADER_CSNP: u8 = 33;
export const HEADER_PSNP: u8 = 17;

// TLV code points: https://www.iana.org/assignments/isis-tlv-codepoints
export const TLV_AREA_ADDRESSES: u8 = 1;
export const TLV_IS_REACH: u8 = 2;
export const TLV_IS_NEIGHBORS: u8 = 6;
export const TLV_PADDING: u8 = 8;
export const TLV_LSP_ENTRIES: u8 = 9;
export const TLV_AUTHENTICATION: u8 = 10;
export const TLV_PURGE_ORIGINATOR: u8 = 13;
export const TLV_EXTENDED_IS_REACH: u8 = 22;
export const TLV_IP_INTERNAL_REACH: u8 = 128;
export const TLV_PROTOCOLS_SUPPORTED: u8 = 129;
export const TLV_IP_EXTERNAL_REACH: u8 = 130;
export const TLV_IP_INTERFACE_ADDRESS: u8 = 132;
export const TLV_TE_ROUTER_ID: u8 = 134;
export const TLV_EXTENDED_IP_REACH: u8 = 135;
export const TLV_HOSTNAME: u8 = 137;
export const TLV_RESTART: u8 = 211;
export const TLV_MULTI_TOPOLOGY: u8 = 229;
export const TLV_IPV6_INTERFACE_ADDRESS: u8 = 232;
export const TLV_IPV6_REACH: u8 = 236;
export const TLV_THREE_WAY: u8 = 240;

// Sub-TLVs of TLV 22: https://www.iana.org/assignments/isis-tlv-codepoints (RFC 5305, RFC 5307)
export const SUB_LINK_IDENTIFIERS: u8 = 4;
export const SUB_IPV4_INTERFACE_ADDRESS: u8 = 6;
export const SUB_IPV6_INTERFACE_ADDRESS: u8 = 12;

// Authentication types of TLV 10: ISO 10589 9.8, RFC 5304, RFC 5310
export const AUTH_NONE: u8 = 0;
export const AUTH_CLEARTEXT: u8 = 1;
export const AUTH_GENERIC: u8 = 3;
export const AUTH_HMAC_MD5: u8 = 54;

// Circuit types (ISO 10589 9.5): bits are levels
export const CIRCUIT_L1: u8 = 1;
export const CIRCUIT_L2: u8 = 2;

// Adjacency three-way states of TLV 240 (RFC 5303 3.1)
export const THREE_WAY_UP: u8 = 0;
export const THREE_WAY_INITIALIZING: u8 = 1;
export const THREE_WAY_DOWN: u8 = 2;
/** No TLV 240 in the hello. */
export const THREE_WAY_ABSENT: u8 = 255;

// Flags of TLV 211 (RFC 5306 3.1)
export const RESTART_RR: u8 = 1;
export const RESTART_RA: u8 = 2;
export const RESTART_SA: u8 = 4;

// Type block of an LSP (ISO 10589 9.8)
export const LSP_OVERLOAD: u8 = 4;
export const LSP_ATTACHED_DEFAULT: u8 = 8;

/** Metric that takes a link out of the SPF (RFC 5305 3): 2^24 - 1. */
export const MAX_LINK_METRIC: u32 = 0xffffff;
/** Prefixes above this metric are not for routing (RFC 5305 4). */
export const MAX_PATH_METRIC: u32 = 0xfe000000;
/** Seconds that a purged LSP is kept (ISO 10589 7.3.16.4, ZeroAgeLifetime). */
export const ZERO_AGE_LIFETIME: u32 = 60;
