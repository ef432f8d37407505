// Generated from bpf/state.h by `npm run generate`; do not edit.

export const STATE_VERSION = 3;
export const MOST_CAPTURED = 130944;
export const ENCAPSULATION_VLAN = 1;
export const ENCAPSULATION_QINQ = 2;
export const ENCAPSULATION_MPLS = 4;
export const ENCAPSULATION_PSEUDOWIRE = 8;
export const ENCAPSULATION_PPPOE = 16;
export const ENCAPSULATION_GRE = 32;
export const ENCAPSULATION_IPIP = 64;
export const ENCAPSULATION_VXLAN = 128;
export const ENCAPSULATION_GENEVE = 256;
export const ENCAPSULATION_ERSPAN = 512;
export const ENCAPSULATION_GTPU = 1024;
export const ENCAPSULATION_NSH = 2048;
export const FILTER_VLAN = 1;
export const FILTER_GRE_KEY = 2;
export const FILTER_VNI = 4;
export const COUNTERS = 35;
export const MOST_ARRIVALS = 8;

/** Counters of a program instance, in the order of the map's value. */
export const COUNTER_NAMES = [
  'isis',
  'ospfv2',
  'ospfv3',
  'bgp',
  'other-ethertype',
  'arp',
  'other-llc',
  'other-osi',
  'other-ppp',
  'other-ip-protocol',
  'icmp',
  'other-tcp',
  'other-udp',
  'other-tunnel',
  'other-mpls',
  'encrypted',
  'fragment-held',
  'fragment-refused',
  'fragment-other',
  'unknown-link-type',
  'truncated',
  'malformed',
  'too-deep',
  'key-refused',
  'not-allowed',
  'filtered',
  'load-failed',
  'shipped',
  'suppressed',
  'ring-full',
  'too-long',
  'redacted',
  'unsearched',
  'hello-refused',
  'busy-ns',
] as const;

/** struct rw_config */
export const CONFIG_SEED = 0;
export const CONFIG_HELLO_SHIP_NS = 8;
export const CONFIG_WAKE_INTERVAL_NS = 16;
export const CONFIG_LINK_TYPE = 24;
export const CONFIG_ENCAPSULATIONS = 28;
export const CONFIG_FILTERS = 32;
export const CONFIG_PROTOCOLS = 36;
export const CONFIG_LIST = 40;
export const CONFIG_SLOT = 44;
export const CONFIG_TAP_ID = 48;
export const CONFIG_DIRECTION = 50;
export const CONFIG_BYTES = 56;

/** struct rw_allowed */
export const ALLOWED_LIST = 0;
export const ALLOWED_FILTER = 4;
export const ALLOWED_VALUE = 8;
export const ALLOWED_BYTES = 12;

/** struct rw_hello_key */
export const HELLO_KEY_ID = 0;
export const HELLO_KEY_TAP_ID = 8;
export const HELLO_KEY_DIRECTION = 10;
export const HELLO_KEY_PROTOCOL = 11;
export const HELLO_KEY_UNUSED = 12;
export const HELLO_KEY_BYTES = 16;

/** struct rw_hello */
export const HELLO_CONTENT = 0;
export const HELLO_LAST_NS = 8;
export const HELLO_SHIPPED_NS = 16;
export const HELLO_ARRIVALS = 24;
export const HELLO_COUNT = 88;
export const HELLO_SUPPRESSED = 92;
export const HELLO_HOLDING_SECONDS = 96;
export const HELLO_UNUSED = 100;
export const HELLO_BYTES = 104;
