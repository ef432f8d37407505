/** What goes wrong in the live lab, one thing every few seconds, and goes right again. */
import { ISP } from '../demo/network.ts';
import type { LabSpec, Step } from '../labkit.ts';
import { links, nodes, OSPF_KEY } from './network.ts';

/** By then all adjacencies and sessions are up: the first fault. */
export const STEADY = 22;
const SECONDS = 86;

/** Announced and withdrawn by transit1 so many times. */
export const FLAPPED = '198.18.99.0/24';
export const FLAPS = 3;

const PAR1 = ['zebra', 'isisd', 'bgpd'];
const MESSAGE = 'fibre work in Docklands, ticket 4711';
const TRANSIT = ['172.16.0.2', '2001:db8:f::2'];

const flaps: Step[] = Array.from({ length: FLAPS }, (_, round): Step[] => [
  {
    at: 23 + 2 * round, event: 'flap_withdraw', target: 'transit1', say: `transit1 withdraws ${FLAPPED}`, detail: { prefix: FLAPPED },
    actions: [{ do: 'birdc', node: 'transit1', command: 'disable flapper' }],
  },
  {
    at: 24 + 2 * round, event: 'flap_announce', target: 'transit1', say: `transit1 announces ${FLAPPED} again`, detail: { prefix: FLAPPED },
    actions: [{ do: 'birdc', node: 'transit1', command: 'enable flapper' }],
  },
]).flat();

const script: Step[] = [
  {
    at: STEADY, event: 'mirror_removed', target: 'fra1', say: 'the collector of fra1 is killed: par1, ams1 and cust1 still see what fra1 says',
    actions: [{ do: 'blind', node: 'fra1' }],
  },
  ...flaps,
  {
    at: 29, event: 'kill9', target: 'par1', say: 'all daemons of par1 are killed: BGP falls at once, IS-IS at the hold time of 9 s', detail: { daemons: PAR1 },
    actions: [{ do: 'kill', node: 'par1', daemons: PAR1 }],
  },
  { at: 41, event: 'mirror_back', target: 'fra1', say: 'the collector of fra1 starts again', actions: [{ do: 'unblind', node: 'fra1' }] },
  { at: 42, event: 'restart', target: 'par1', say: 'par1 starts again', detail: { daemons: PAR1 }, actions: [{ do: 'start', node: 'par1', daemons: PAR1 }] },
  { at: 50, event: 'link_cut', target: 'ams1-lon1', say: 'the link ams1-lon1 is cut: both ends lose their carrier', actions: [{ do: 'cut', link: 'ams1-lon1' }] },
  { at: 54, event: 'link_restored', target: 'ams1-lon1', say: 'the link ams1-lon1 is whole again', actions: [{ do: 'restore', link: 'ams1-lon1' }] },
  {
    at: 57, event: 'key_changed', target: 'cust1', say: 'cust1 gets another OSPF key than fra1: neither accepts the other, until the dead interval of 8 s ends both adjacencies',
    actions: [ospfKey('ip ospf message-digest-key 1 md5 other-key')],
  },
  { at: 67, event: 'key_fixed', target: 'cust1', say: 'cust1 has the right key again', actions: [ospfKey(OSPF_KEY)] },
  {
    at: 69, event: 'admin_shutdown', target: 'lon1', say: 'lon1 shuts its sessions with transit1 down, and says why',
    actions: [{ do: 'configure', node: 'lon1', lines: [`router bgp ${ISP}`, ...TRANSIT.map((peer) => `neighbor ${peer} shutdown message ${MESSAGE}`)] }],
  },
  {
    at: 72, event: 'enable', target: 'lon1', say: 'lon1 takes transit1 back',
    actions: [{ do: 'configure', node: 'lon1', lines: [`router bgp ${ISP}`, ...TRANSIT.map((peer) => `no neighbor ${peer} shutdown`)] }],
  },
  { at: 75, event: 'kill9', target: 'peer1', say: 'peer1 is killed', detail: { daemons: ['bird'] }, actions: [{ do: 'kill', node: 'peer1', daemons: ['bird'] }] },
  { at: 78, event: 'restart', target: 'peer1', say: 'peer1 starts again', detail: { daemons: ['bird'] }, actions: [{ do: 'start', node: 'peer1', daemons: ['bird'] }] },
];

/** The lab. */
export const lab: LabSpec = {
  name: 'live',
  about: 'The small ISP of the demo, live, with a collector on each router.',
  seconds: SECONDS,
  precision: 'nano',
  nodes,
  links,
  truth: [],
  script,
};

/** Things that go wrong, not those that go right again. */
const FAULTS = new Set(['mirror_removed', 'flap_withdraw', 'kill9', 'link_cut', 'key_changed', 'admin_shutdown']);

/** True for the event of a fault. */
export function isFault(event: string): boolean {
  return FAULTS.has(event);
}

function ospfKey(line: string): Step['actions'][number] {
  return { do: 'configure', node: 'cust1', lines: ['interface to-fra1', 'no ip ospf message-digest-key 1', line] };
}
