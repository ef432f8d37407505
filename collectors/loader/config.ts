/** What the loader is told: which interfaces, what is followed there, sizes. Checked by whoever writes it. */
import * as state from '../generated/bpf-state.ts';

/** Encapsulations by the names that the configuration uses. */
export const ENCAPSULATIONS = {
  vlan: state.ENCAPSULATION_VLAN, qinq: state.ENCAPSULATION_QINQ, mpls: state.ENCAPSULATION_MPLS, pseudowire: state.ENCAPSULATION_PSEUDOWIRE,
  pppoe: state.ENCAPSULATION_PPPOE, gre: state.ENCAPSULATION_GRE, ipip: state.ENCAPSULATION_IPIP, vxlan: state.ENCAPSULATION_VXLAN,
  geneve: state.ENCAPSULATION_GENEVE, erspan: state.ENCAPSULATION_ERSPAN, gtpu: state.ENCAPSULATION_GTPU, nsh: state.ENCAPSULATION_NSH,
} as const;
export type EncapsulationName = keyof typeof ENCAPSULATIONS;

/** Interfaces that are tapped alike; the first rule that matches an interface counts. */
export interface TapRule {
  /** A name, a pattern with * and ?, or `all` (all but loopback). */
  readonly match: string;
  /** Name as of `ip netns`, or path, of another network namespace. */
  readonly namespace?: string;
  readonly encapsulations?: readonly EncapsulationName[];
  /** Where given, only these pass; VLAN 0 stands for frames without a tag, GRE key 0 for tunnels without a key. */
  readonly vlans?: readonly number[];
  readonly greKeys?: readonly number[];
  readonly vnis?: readonly number[];
  readonly promiscuous?: boolean;
  readonly directions?: readonly ('ingress' | 'egress')[];
}

export interface LoaderConfig {
  readonly taps: readonly TapRule[];
  /** Of the ring buffer, a power of two. */
  readonly ringBytes?: number;
  /** Senders of hellos that are kept. */
  readonly hellos?: number;
  /** An unchanged hello is shipped this often, s; 0: always. */
  readonly helloShipSeconds?: number;
  /** Interfaces tapped at a time at most. */
  readonly mostTaps?: number;
  readonly attach?: 'auto' | 'tcx' | 'clsact';
  /** Percent of one CPU that the filters together may take; beyond it, the one that costs most is detached. Default 50. */
  readonly cpuPercent?: number;
  /** Directory on a BPF file system where filter and ring outlive the loader; without it they end with it. */
  readonly pin?: string;
  /** Another object than the one that was built here. */
  readonly object?: string;
}

const DEFAULT_ENCAPSULATIONS: readonly EncapsulationName[] = ['vlan', 'qinq', 'mpls'];

/** The knobs of the filter that a rule sets, but tap, direction, link type and slot. */
export function ruleKnobs(rule: TapRule, list: number): { encapsulations: number; filters: number; list: number } {
  return {
    encapsulations: (rule.encapsulations ?? DEFAULT_ENCAPSULATIONS).reduce((bits, name) => bits | ENCAPSULATIONS[name], 0),
    filters: ruleLists(rule).reduce((bits, [filter]) => bits | filter, 0),
    list,
  };
}

/** The filters that a rule sets, each with the values that pass. */
export function ruleLists(rule: TapRule): [filter: number, values: readonly number[]][] {
  const lists: [number, readonly number[] | undefined][] = [
    [state.FILTER_VLAN, rule.vlans], [state.FILTER_GRE_KEY, rule.greKeys], [state.FILTER_VNI, rule.vnis],
  ];
  return lists.filter((entry): entry is [number, readonly number[]] => entry[1] !== undefined);
}

/** Whether a rule takes an interface of its namespace. */
export function ruleMatches(rule: TapRule, link: { name: string; isLoopback: boolean }): boolean {
  if (rule.match === 'all') return !link.isLoopback;
  const pattern = rule.match.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(link.name);
}
