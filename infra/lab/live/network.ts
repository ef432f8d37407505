/** The network of the live lab: the demo's routers, with an MD5 key on their OSPF link, each with a collector on its interfaces. */
import { links as demoLinks, nodes as demoNodes, OSPF_TIMERS } from '../demo/network.ts';
import type { LinkSpec, NodeSpec } from '../labkit.ts';

/** The key of the link between fra1 and cust1, by its FRR commands. */
export const OSPF_KEY = 'ip ospf message-digest-key 1 md5 lab-key';

export const nodes: NodeSpec[] = demoNodes.map((node) => {
  const { ospfd } = node.frr ?? {};
  if (ospfd === undefined) return node;
  const lines = [OSPF_TIMERS, ' ip ospf authentication message-digest', ` ${OSPF_KEY}`].join('\n');
  return { ...node, frr: { ...node.frr, ospfd: ospfd.replace(OSPF_TIMERS, lines) } };
});

/** No captures: what is seen goes to the collectors. */
export const links: LinkSpec[] = demoLinks.map((link) => ({ ...link, tap: false }));

/** A router's interface to a link. */
export interface Port {
  readonly node: string;
  readonly interface: string;
  readonly link: string;
  /** Without prefix length. */
  readonly addresses: readonly string[];
}

/** Every router's interfaces. */
export const ports: Port[] = links.flatMap((link) => link.ports.map((port) => ({
  node: port.node, interface: port.interface, link: link.name, addresses: (port.addresses ?? []).map(withoutLength),
})));

/** The router that has an address, on an interface or its loopback. */
export function nodeOfAddress(address: string): string | undefined {
  return ports.find(({ addresses }) => addresses.includes(address))?.node
    ?? nodes.find(({ loopback = [] }) => loopback.map(withoutLength).includes(address))?.name;
}

/** IS-IS system id by router, as their configurations have it. */
export const systemIds: ReadonlyMap<string, string> = new Map(nodes.flatMap(({ name, frr }) => {
  const id = /net \S\S\.\S{4}\.(\S+)\.00/.exec(frr?.isisd ?? '')?.[1];
  return id === undefined ? [] : [[name, id] as const];
}));

function withoutLength(address: string): string {
  return address.split('/')[0]!;
}
