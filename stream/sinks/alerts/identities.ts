/** By which addresses and ids IGP routers go, as the rows have told so far: of whose end a BGP session hangs. */
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { type Input, isOurOwn, type Memory, text } from './rule.ts';

/** A router of one IGP; its scope is `<domain>/<network instance>/<protocol>`. */
export interface RouterRef {
  readonly scope: string;
  readonly router: string;
}

/** Who goes by a name: `<protocol> <router>`, and whether it still does. */
type Bearers = Readonly<Record<string, boolean>>;

/** Bearers of one name that are kept; an address of more routers (anycast) names none of them anyway. */
const MOST_BEARERS = 8;

/** Tables that tell who goes by which address. */
export const identityTables: readonly string[] = ['adjacency_events', 'router_names', 'topology_changes'];

/** Keeps what a row says of the addresses and ids of routers. */
export function learnIdentities({ table, row }: Input, memory: Memory): void {
  if (isOurOwn(row)) return;
  if (table === 'adjacency_events') {
    for (const [router, address] of [['router', 'local_address'], ['neighbor', 'neighbor_address']] as const) {
      bear(memory, row, text(row, router), [text(row, router), text(row, address)], true);
    }
  } else if (table === 'router_names') {
    const names = row['attribute'] === 'interface-address' || row['attribute'] === 'te-router-id' ? [text(row, 'value')] : [];
    if (row['protocol'] !== 'bgp') bear(memory, row, text(row, 'router'), names, true);
  } else if (row['object_type'] === 'prefix' && row['field'] === 'exists') {
    // A loopback is a host route of the router that has it; nothing else in IS-IS rows tells a router's addresses.
    const [address, length] = text(row, 'prefix').split('/');
    if (length === (address!.includes(':') ? '128' : '32')) bear(memory, row, text(row, 'router'), [address!], row['change'] !== 'removed');
  }
}

/** Routers that go by one of these names in `<domain>/<network instance>`, one of a protocol at most for each name. */
export function routersNamed(memory: Memory, universe: string, names: readonly string[]): RouterRef[] {
  const found = new Map<string, RouterRef>();
  for (const name of names) {
    const bearers = Object.entries(memory.get(`${universe}\n${name}`) as Bearers | undefined ?? {}).map(([key, isLive]) => ({ protocol: key.slice(0, key.indexOf(' ')), router: key.slice(key.indexOf(' ') + 1), isLive }));
    for (const protocol of new Set(bearers.map((one) => one.protocol))) {
      const all = bearers.filter((one) => one.protocol === protocol);
      const live = all.filter(({ isLive }) => isLive);
      const [only, ...more] = live.length > 0 ? live : all;
      if (only !== undefined && more.length === 0) found.set(`${protocol} ${only.router}`, { scope: `${universe}/${protocol}`, router: only.router });
    }
  }
  return [...found.values()];
}

function bear(memory: Memory, row: Row, router: string, names: readonly string[], isLive: boolean): void {
  const bearer = `${text(row, 'protocol')} ${router}`;
  for (const name of names) {
    if (name === '') continue;
    const key = `${text(row, 'domain')}/${text(row, 'network_instance')}\n${name}`;
    const bearers = memory.get(key) as Bearers | undefined ?? {};
    if (bearers[bearer] === isLive || (bearers[bearer] === undefined && Object.keys(bearers).length >= MOST_BEARERS)) continue;
    memory.set(key, { ...bearers, [bearer]: isLive });
  }
}
