/** The contract of link.wasm: it turns captured packets into frame records (bpf/frame.h) for what carries routing. */

/** Version of this contract; the module gives its own by `abi_version()`. */
export const linkAbiVersion = 1;

/** Header of one packet in the input area, little endian; its bytes follow, padded to a multiple of 8. */
export const PACKET_BOOT_NS = 0;
export const PACKET_NUMBER = 8;
export const PACKET_ORIGINAL_LENGTH = 16;
export const PACKET_CAPTURED_LENGTH = 20;
export const PACKET_LINK_TYPE = 24;
export const PACKET_DIRECTION = 28;
export const PACKET_HEADER_BYTES = 32;
/** Most bytes of one packet; longer ones are handed over cut. */
export const MOST_PACKET_BYTES = 262_144;
/** Least bytes of the output area: one packet, or one joined datagram, must fit. */
export const LEAST_OUTPUT_BYTES = 270_336;

/** What `classify` gives back. */
export const CLASSIFY_DONE = 0;
/** The output area is full: copy it, then call again from `consumed()`. */
export const CLASSIFY_FULL = 1;
/** A packet header is cut off, or longer than what is there or MOST_PACKET_BYTES. */
export const CLASSIFY_FRAMING = -1;

/** What became of each packet, in the order of the module's counters; the first four yield a record. */
export const LINK_OUTCOMES = [
  'isis', 'ospfv2', 'ospfv3', 'bgp',
  'other-ethertype', 'arp', 'other-llc', 'other-osi', 'other-ppp', 'other-ip-protocol', 'icmp', 'other-tcp', 'other-udp',
  'other-tunnel', 'other-mpls', 'encrypted',
  'fragment-held', 'fragment-refused', 'fragment-other',
  'unknown-link-type', 'truncated', 'malformed', 'too-deep', 'key-refused',
] as const;

/** The four protocols by their number in the record. */
export const LINK_PROTOCOLS = ['none', 'isis', 'ospfv2', 'ospfv3', 'bgp'] as const;

/** Tunnel kinds by their number in the record, named as network instances are. */
export const LINK_TUNNELS = ['none', 'gre', 'ipip', 'vxlan', 'geneve', 'erspan', 'gtpu', 'pw'] as const;

/** Exports of link.wasm. Addresses and lengths are bytes in the module's memory. The only import is `env.abort`. */
export interface LinkExports {
  readonly memory: WebAssembly.Memory;
  abi_version(): number;
  /** Once, first: hash seed, most bytes of memory, most keys, bytes of the input and output areas; 0 when refused. */
  setUp(seed: bigint, memoryLimitBytes: number, keyLimit: number, inputBytes: number, outputBytes: number): number;
  /** Address of the input area, aligned to 16. */
  input(): number;
  /** Classifies the packets of one tap that lie between two offsets of the input area: CLASSIFY_*. */
  classify(tap: number, from: number, to: number): number;
  /** Offset in the input area up to which the last `classify` came. */
  consumed(): number;
  /** Address and bytes of the records that the last `classify` wrote. */
  output(): number;
  outputBytes(): number;
  /** Keys so far; they are numbered from 0 in records, from 1 in `explainKey`. */
  keyCount(): number;
  /** Writes a key as JSON (see LinkKey; `protocol` and `kind` as numbers): the text is at `textAddress`. 0: no such key. */
  explainKey(number: number): number;
  textAddress(): number;
  textLength(): number;
  /** Packets by outcome; then datagrams joined, evicted, expired; then bytes of memory. */
  counter(index: number): bigint;
}

/** A tunnel, outermost first in a list. `id` is GRE key, VNI, ERSPAN session, TEID or pseudowire label, 0 without one. */
export interface LinkTunnel {
  kind: (typeof LINK_TUNNELS)[number];
  id: number;
  /** Where the encapsulation has no id (GRE without key, IP in IP, ERSPAN I): the tunnel's end points, the lower first. */
  endpoints?: [string, string];
}

/** What one key number stands for. */
export interface LinkKey {
  /** `key_index` in the records. */
  index: number;
  tap: number;
  protocol: 'isis' | 'ospfv2' | 'ospfv3' | 'bgp';
  /** VLAN ids, outermost first; priority tags (id 0) are left out. */
  vlans: number[];
  tunnels: LinkTunnel[];
  /** PPPoE session id within the innermost tunnel: a link of its own. */
  pppoeSession?: number;
  /** BGP: the session's addresses, the numerically lower first. */
  addresses?: [string, string];
  /** BGP: one of the addresses is link-local (fe80::/10, 169.254/16), so it means something on its link only. */
  linkLocal: boolean;
}
