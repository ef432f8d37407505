/** What a layer's function gives back: the layer that follows, or END + the outcome. */

export const LAYER_ETHERNET: i32 = 1;
export const LAYER_VLAN: i32 = 2;
export const LAYER_LLC: i32 = 3;
export const LAYER_JUMBO_LLC: i32 = 4;
export const LAYER_PPPOE: i32 = 5;
export const LAYER_PPP: i32 = 6;
export const LAYER_OSI: i32 = 7;
export const LAYER_OSI_PADDED: i32 = 8;
export const LAYER_IP: i32 = 9;
export const LAYER_IPV4: i32 = 10;
export const LAYER_IPV6: i32 = 11;
export const LAYER_IP_PAYLOAD: i32 = 12;
export const LAYER_MPLS: i32 = 13;
export const LAYER_GRE: i32 = 14;
export const LAYER_UDP: i32 = 15;
export const LAYER_NSH: i32 = 16;
export const LAYER_ERSPAN: i32 = 17;
export const LAYER_ERSPAN_III: i32 = 18;

/** Results from here on are END + outcome. */
export const END: i32 = 64;

// Outcomes, in the order of LINK_OUTCOMES of the contract; the first four yield a record.
export const ISIS: i32 = END;
export const OSPFV2: i32 = END + 1;
export const OSPFV3: i32 = END + 2;
export const BGP: i32 = END + 3;
export const OTHER_ETHERTYPE: i32 = END + 4;
export const OTHER_ARP: i32 = END + 5;
export const OTHER_LLC: i32 = END + 6;
export const OTHER_OSI: i32 = END + 7;
export const OTHER_PPP: i32 = END + 8;
export const OTHER_IP_PROTOCOL: i32 = END + 9;
export const OTHER_ICMP: i32 = END + 10;
export const OTHER_TCP: i32 = END + 11;
export const OTHER_UDP: i32 = END + 12;
export const OTHER_TUNNEL: i32 = END + 13;
export const OTHER_MPLS: i32 = END + 14;
export const ENCRYPTED: i32 = END + 15;
export const FRAGMENT_HELD: i32 = END + 16;
export const FRAGMENT_REFUSED: i32 = END + 17;
export const FRAGMENT_OTHER: i32 = END + 18;
export const UNKNOWN_LINK_TYPE: i32 = END + 19;
export const TRUNCATED: i32 = END + 20;
export const MALFORMED: i32 = END + 21;
export const TOO_DEEP: i32 = END + 22;
export const KEY_REFUSED: i32 = END + 23;
export const OUTCOMES: u32 = 24;
