/** Code points of OSPFv2. Nothing else in this folder names a number of a registry. */

// https://www.iana.org/assignments/ospfv2-parameters — packet types (RFC 2328 A.3)
export const PACKET_HELLO: u8 = 1;
export const PACKET_DATABASE_DESCRIPTION: u8 = 2;
export const PACKET_LINK_STATE_REQUEST: u8 = 3;
export const PACKET_LINK_STATE_UPDATE: u8 = 4;
export const PACKET_LINK_STATE_ACKNOWLEDGMENT: u8 = 5;

export const OSPF_VERSION_2: u8 = 2;

// https://www.iana.org/assignments/ospf-authentication-codes
export const AUTHENTICATION_NULL: u16 = 0;
export const AUTHENTICATION_SIMPLE: u16 = 1;
export const AUTHENTICATION_CRYPTOGRAPHIC: u16 = 2;

// https://www.iana.org/assignments/ospf-parameters — options (RFC 2328 A.2, RFC 1793, RFC 3101, RFC 5613, RFC 5250)
export const OPTION_MT: u8 = 0x01;
export const OPTION_E: u8 = 0x02;
export const OPTION_MC: u8 = 0x04;
export const OPTION_N: u8 = 0x08;
export const OPTION_L: u8 = 0x10;
export const OPTION_DC: u8 = 0x20;
export const OPTION_O: u8 = 0x40;
export const OPTION_DN: u8 = 0x80;

// Database Description flags (RFC 2328 A.3.3)
export const DD_MASTER: u8 = 0x01;
export const DD_MORE: u8 = 0x02;
export const DD_INITIALIZE: u8 = 0x04;

// https://www.iana.org/assignments/ospfv2-parameters — LS types
export const LSA_ROUTER: u8 = 1;
export const LSA_NETWORK: u8 = 2;
export const LSA_SUMMARY_NETWORK: u8 = 3;
export const LSA_SUMMARY_ROUTER: u8 = 4;
export const LSA_EXTERNAL: u8 = 5;
export const LSA_NSSA_EXTERNAL: u8 = 7;
export const LSA_OPAQUE_LINK: u8 = 9;
export const LSA_OPAQUE_AREA: u8 = 10;
export const LSA_OPAQUE_AS: u8 = 11;

// https://www.iana.org/assignments/ospf-opaque-types — opaque types (RFC 3623)
export const OPAQUE_GRACE: u8 = 3;

// Grace-LSA TLVs (RFC 3623 appendix A)
export const GRACE_TLV_PERIOD: u16 = 1;
export const GRACE_TLV_REASON: u16 = 2;
export const GRACE_TLV_ADDRESS: u16 = 3;

// Router-LSA link types (RFC 2328 A.4.2)
export const ROUTER_LINK_POINT_TO_POINT: u8 = 1;
export const ROUTER_LINK_TRANSIT: u8 = 2;
export const ROUTER_LINK_STUB: u8 = 3;
export const ROUTER_LINK_VIRTUAL: u8 = 4;

// Router-LSA bits (RFC 2328 A.4.2, RFC 3101)
export const ROUTER_BIT_B: u8 = 0x01;
export const ROUTER_BIT_E: u8 = 0x02;
export const ROUTER_BIT_V: u8 = 0x04;
export const ROUTER_BIT_NT: u8 = 0x10;

// Architectural constants (RFC 2328 appendix B)
export const MAX_AGE: u16 = 3600;
export const MAX_AGE_DIFF: u16 = 900;
export const DO_NOT_AGE: u16 = 0x8000;
export const INITIAL_SEQUENCE: u32 = 0x80000001;

// Multicast groups (RFC 2328 A.1), in host order
export const ALL_SPF_ROUTERS: u32 = 0xe0000005;
export const ALL_D_ROUTERS: u32 = 0xe0000006;
