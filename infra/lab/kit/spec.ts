/** What a lab is made of: topology, daemon configurations and the fault script, all as plain data. */

/** The FRR daemons the labs use; zebra is always started first. */
export type FrrDaemon = 'zebra' | 'isisd' | 'ospfd' | 'bgpd' | 'staticd';

/** One network namespace with what runs in it. */
export interface NodeSpec {
  name: string;
  /** The FRR hostname (IS-IS TLV 137, BGP FQDN); the node's name unless given. */
  hostname?: string;
  /** Addresses with prefix length for `lo`. */
  loopback?: string[];
  /** Shell commands run in the namespace once the links are up. */
  setup?: string[];
  /** Configuration text per FRR daemon; the kit adds hostname and logging. */
  frr?: Partial<Record<FrrDaemon, string>>;
  /** BIRD configuration text. */
  bird?: string;
  /** Seconds after time zero at which this node's daemons start (0 unless given). */
  startAt?: number;
  /** Turns the node into a switch that tags each access interface's frames onto a trunk. */
  vlanMux?: { trunk: string; access: Record<string, number> };
}

/** One end of a link. `mac` is derived from node and port unless given. */
export interface PortSpec {
  node: string;
  interface: string;
  addresses?: string[];
  mac?: string;
}

/** A bridge with any number of ports: two make a point-to-point link, more a LAN. */
export interface LinkSpec {
  name: string;
  ports: PortSpec[];
  /** Capture this link into `<name>.pcap` (true unless given). */
  tap?: boolean;
}

/** Where a one-way loss sits relative to the tap on the bridge. */
export type LossPoint = 'before-tap' | 'after-tap';

/** One thing the fault script does. */
export type Action =
  | { do: 'vtysh'; node: string; lines: string[] }
  | { do: 'configure'; node: string; lines: string[] }
  | { do: 'birdc'; node: string; command: string }
  | { do: 'shell'; node: string; command: string }
  | { do: 'kill'; node: string; daemons: string[] }
  | { do: 'start'; node: string; daemons: string[] }
  /** Drops what `from` sends into the link; `match` narrows it (nft bridge expression). */
  | { do: 'loss'; link: string; from: string; where: LossPoint; match?: string }
  | { do: 'heal'; link: string }
  /** Takes the carrier from every port of the link, or gives it back. */
  | { do: 'cut'; link: string }
  | { do: 'restore'; link: string }
  | { do: 'truth'; label: string; only?: string[] }
  | CollectorAction;

/** In a live lab: ends a router's collector as kill -9 does, filter and all, or starts it again. */
export type CollectorAction = { do: 'blind' | 'unblind'; node: string };

/** A step at `at` seconds after time zero, written to events.jsonl as `event` on `target`. */
export interface Step {
  at: number;
  event?: string;
  /** What happens, in a sentence for people. */
  say?: string;
  target?: string;
  detail?: Record<string, unknown>;
  actions: Action[];
}

/** A daemon's table asked for at every truth step. */
export interface TruthQuery {
  node: string;
  via: 'vt' | 'birdc' | 'x';
  commands: string[];
}

/** A whole lab. `seconds` is the length of the run after time zero. */
export interface LabSpec {
  name: string;
  about: string;
  seconds: number;
  /** Stamp precision of the captures. */
  precision: 'nano' | 'micro';
  nodes: NodeSpec[];
  links: LinkSpec[];
  truth: TruthQuery[];
  script: Step[];
}
