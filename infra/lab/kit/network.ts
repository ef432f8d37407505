/** Network namespaces, bridges and veth pairs of one run, and the faults that can be put on a link. */
import { readdirSync } from 'node:fs';
import { endProcesses, isAlive, run } from './command.ts';
import type { LinkSpec, LossPoint, PortSpec } from './spec.ts';

const PREFIX = 'rwlab';
/** The namespace that holds every bridge; the taps listen here. */
export const SWITCH = 'switch';

/** The network of one run. Names carry the process id, so two runs never meet. */
export class Network {
  readonly #prefix = `${PREFIX}-${process.pid}-`;
  readonly #namespaces: string[] = [];
  readonly #links: LinkSpec[] = [];
  readonly #portCount = new Map<string, number>();

  /** The kernel's name of a node's namespace. */
  namespace(node: string): string {
    return this.#prefix + node;
  }

  /** Removes namespaces left by runs whose process no longer exists. */
  static removeStale(): void {
    let names: string[] = [];
    try {
      names = readdirSync('/run/netns');
    } catch {
      return;
    }
    for (const name of names) {
      const owner = /^rwlab-(\d+)-/.exec(name)?.[1];
      if (owner !== undefined && !isAlive(Number(owner))) removeNamespace(name);
    }
  }

  /** Makes a namespace; bridges' own namespace stays silent, the others forward. */
  addNode(node: string, isSwitch = false): void {
    run(['ip', 'netns', 'add', this.namespace(node)]);
    this.#namespaces.push(node);
    this.shell(node, 'ip link set lo up');
    this.shell(
      node,
      isSwitch
        ? 'for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done'
        : [
            'echo 1 > /proc/sys/net/ipv4/ip_forward',
            'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
            'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done',
            'for f in all default; do echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad; done',
          ].join('; '),
    );
  }

  /** Runs a shell command in a node's namespace and returns what it prints. */
  shell(node: string, command: string, check = true): string {
    return run(['ip', 'netns', 'exec', this.namespace(node), 'sh', '-c', command], { check });
  }

  /** Makes the link's bridge and its ports, offloads off, addresses set. */
  addLink(link: LinkSpec): void {
    if (link.name.length > 15)
      throw new Error(`link ${link.name}: interface names have at most 15 characters`);
    this.#links.push(link);
    const options = 'type bridge stp_state 0 mcast_snooping 0 ageing_time 30000';
    this.shell(
      SWITCH,
      `ip link add name ${link.name} ${options} && ip link set dev ${link.name} promisc on up`,
    );
    for (const port of link.ports) this.#addPort(link, port);
  }

  #addPort(link: LinkSpec, port: PortSpec): void {
    const count = (this.#portCount.get(port.node) ?? 0) + 1;
    this.#portCount.set(port.node, count);
    const mac = port.mac ?? `02:00:00:00:${hex(this.#namespaces.indexOf(port.node))}:${hex(count)}`;
    const peer = this.#switchPort(link.name, port.node);
    const offloads = 'tx off rx off tso off gso off gro off >/dev/null 2>&1';
    run([
      'ip',
      'link',
      'add',
      'name',
      port.interface,
      'netns',
      this.namespace(port.node),
      'address',
      mac,
      'type',
      'veth',
      'peer',
      'name',
      peer,
      'netns',
      this.namespace(SWITCH),
    ]);
    this.shell(port.node, `ethtool -K ${port.interface} ${offloads}`, false);
    this.shell(SWITCH, `ethtool -K ${peer} ${offloads}`, false);
    this.shell(SWITCH, `ip link set dev ${peer} master ${link.name} up`);
    this.shell(port.node, `echo 0 > /proc/sys/net/ipv4/conf/${port.interface}/rp_filter`);
    for (const address of port.addresses ?? []) {
      const nodad = address.includes(':') ? ' nodad' : '';
      this.shell(port.node, `ip addr add ${address} dev ${port.interface}${nodad}`);
    }
    this.shell(port.node, `ip link set dev ${port.interface} up`);
  }

  /** Drops what `from` sends into the link, before or after the tap sees it. */
  addLoss(linkName: string, from: string, where: LossPoint, match = ''): void {
    const hook = where === 'before-tap' ? 'prerouting' : 'forward';
    const table = `bridge ${this.#table(linkName)}`;
    const rule = `iifname "${this.#switchPort(linkName, from)}" ${match} drop`;
    this.#nft(
      `add table ${table}; add chain ${table} c { type filter hook ${hook} priority 0; }; add rule ${table} c ${rule}`,
    );
  }

  /** Takes the loss of a link away. */
  removeLoss(linkName: string): void {
    this.#nft(`delete table bridge ${this.#table(linkName)}`);
  }

  /** Takes the carrier of all ports of a link away, or gives it back. */
  setCarrier(linkName: string, state: 'up' | 'down'): void {
    const commands = this.#link(linkName).ports.map(
      ({ node }) => `ip link set dev ${this.#switchPort(linkName, node)} ${state}`,
    );
    this.shell(SWITCH, commands.join('; '));
  }

  /** Ends all processes in the run's namespaces and removes them; safe to call twice. */
  remove(): void {
    const names = this.#namespaces.splice(0).map((node) => this.namespace(node));
    // All first: a daemon must not see a neighbour's interface vanish and log that as a fault.
    endProcesses(names.flatMap(processesIn), 'SIGKILL', 2);
    for (const name of names) removeNamespace(name);
  }

  #nft(script: string): void {
    run(['ip', 'netns', 'exec', this.namespace(SWITCH), 'nft', script]);
  }

  #table(linkName: string): string {
    return `loss${this.#links.indexOf(this.#link(linkName))}`;
  }

  #switchPort(linkName: string, node: string): string {
    const name = `p${this.#links.indexOf(this.#link(linkName))}.${node}`;
    if (name.length > 15)
      throw new Error(`node ${node}: its name is too long for a port name (${name})`);
    return name;
  }

  #link(name: string): LinkSpec {
    const link = this.#links.find((candidate) => candidate.name === name);
    if (link === undefined) throw new Error(`no link is called ${name}`);
    return link;
  }
}

/** Kills what runs in a namespace, by process id (no farewell gets into the logs), then deletes it. */
function removeNamespace(name: string): void {
  endProcesses(processesIn(name), 'SIGKILL', 2);
  run(['ip', 'netns', 'del', name], { check: false });
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function processesIn(name: string): number[] {
  return run(['ip', 'netns', 'pids', name], { check: false })
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);
}
