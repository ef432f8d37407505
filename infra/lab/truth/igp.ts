/** FRR's tables of IS-IS and OSPF neighbours and of the IS-IS database, out of truth items. */
import { z } from 'zod';
import type { IsisState, OspfState } from './frr-log.ts';
import type { TruthItem } from './tables.ts';

/** One adjacency of `show isis neighbor detail`. */
export interface IsisNeighbor {
  /** Hostname once known, system id before. */
  neighbor: string;
  interface: string;
  levels: (1 | 2)[];
  state: IsisState;
  /** What is left of the hold time, in whole seconds. */
  expiresIn: number | null;
}

/** One neighbour of `show ip ospf neighbor json`. */
export interface OspfNeighbor {
  neighborId: string;
  address: string;
  interface: string;
  state: OspfState;
  role: 'dr' | 'backup' | 'dr-other' | 'none';
}

/** A metric with what it leads to: a system id with pseudonode number, or a prefix. */
export interface Reach {
  to: string;
  metric: number;
}

/** One LSP of `show isis database detail`; parallel links are listed as often as they are there. */
export interface IsisLsp {
  level: 1 | 2;
  /** `r1.00-00`, or the system id where no hostname is known. */
  lspId: string;
  isOwn: boolean;
  sequence: number;
  checksum: number;
  lifetime: number;
  attached: boolean;
  overload: boolean;
  neighbors: Reach[];
  prefixes: Reach[];
}

const ISIS_STATES: Record<string, IsisState> = {
  Up: 'up',
  Down: 'down',
  Initializing: 'init',
  Unknown: 'unknown',
};

/** The adjacencies of one router; FRR counts levels as a bit mask (3 = both). */
export function parseIsisNeighbors(text: string): IsisNeighbor[] {
  const block =
    /^ (\S+)\s*\n\s+Interface: (\S+), Level: ([123]), State: (\w+)(?:, Expires in (\d+)s)?/gm;
  return [...text.matchAll(block)].map(
    ([, neighbor = '', ifname = '', level, state = '', expires]) => ({
      neighbor,
      interface: ifname,
      levels: level === '3' ? [1, 2] : level === '1' ? [1] : [2],
      state: ISIS_STATES[state] ?? 'unknown',
      expiresIn: expires === undefined ? null : Number(expires),
    }),
  );
}

const OspfAnswer = z.object({
  neighbors: z.record(
    z.string(),
    z.array(z.object({ nbrState: z.string(), address: z.string(), ifaceName: z.string() })),
  ),
});

const OSPF_STATES: Record<string, OspfState> = {
  Deleted: 'deleted',
  Down: 'down',
  Attempt: 'attempt',
  Init: 'init',
  '2-Way': '2-way',
  ExStart: 'exstart',
  Exchange: 'exchange',
  Loading: 'loading',
  Full: 'full',
};

const ROLES: Record<string, OspfNeighbor['role']> = {
  DR: 'dr',
  Backup: 'backup',
  DROther: 'dr-other',
};

/** The neighbours of one router: `Full/DR` on `eth0:10.0.0.3`. */
export function parseOspfNeighbors(json: unknown): OspfNeighbor[] {
  return Object.entries(OspfAnswer.parse(json).neighbors).flatMap(([neighborId, neighbors]) =>
    neighbors.map(({ nbrState, address, ifaceName }) => {
      const [word = '', role = ''] = nbrState.split('/');
      const state = OSPF_STATES[word];
      if (state === undefined) throw new Error(`FRR table: OSPF state "${word}" is unknown`);
      return {
        neighborId,
        address,
        interface: ifaceName.split(':')[0] ?? '',
        state,
        role: ROLES[role] ?? 'none',
      };
    }),
  );
}

const LSP_HEAD =
  /^(\S+\.[0-9a-f]{2}-[0-9a-f]{2})\s+(\*)?\s*\d+\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+\(?(\d+)\)?\s+(\d)\/(\d)\/(\d)/;
const REACH = /^ {2}(?:Extended|MT) Reachability: (\S+) \(Metric: (\d+)\)/;
const PREFIX = /^ {2}(?:Extended IP|IPv6|MT IPv6) Reachability: (\S+) \(Metric: (\d+)\)/;

/** All LSPs of one router's database, both levels. */
export function parseIsisDatabase(text: string): IsisLsp[] {
  const lsps: IsisLsp[] = [];
  let level: 1 | 2 = 1;
  for (const line of text.split('\n')) {
    const title = /^IS-IS Level-([12]) link-state database/.exec(line);
    if (title !== null) level = title[1] === '1' ? 1 : 2;
    const head = LSP_HEAD.exec(line);
    if (head !== null) lsps.push(toLsp(level, head));
    const lsp = lsps.at(-1);
    const reach = REACH.exec(line);
    const prefix = PREFIX.exec(line);
    if (reach !== null) lsp?.neighbors.push({ to: reach[1] ?? '', metric: Number(reach[2]) });
    if (prefix !== null) lsp?.prefixes.push({ to: prefix[1] ?? '', metric: Number(prefix[2]) });
  }
  return lsps;
}

function toLsp(level: 1 | 2, head: RegExpExecArray): IsisLsp {
  return {
    level,
    lspId: head[1] ?? '',
    isOwn: head[2] === '*',
    sequence: Number.parseInt(head[3] ?? '', 16),
    checksum: Number.parseInt(head[4] ?? '', 16),
    lifetime: Number(head[5]),
    attached: head[6] === '1',
    overload: head[8] === '1',
    neighbors: [],
    prefixes: [],
  };
}

/** The IS-IS adjacencies in an item; undefined if it is another table. */
export function isisNeighborsOf(item: TruthItem): IsisNeighbor[] | undefined {
  const isIt = item.cmd === 'show isis neighbor detail' && item.text !== undefined;
  return isIt ? parseIsisNeighbors(item.text ?? '') : undefined;
}

/** The OSPF neighbours in an item; undefined if it is another table or the daemon did not answer. */
export function ospfNeighborsOf(item: TruthItem): OspfNeighbor[] | undefined {
  const isIt = item.cmd === 'show ip ospf neighbor json' && item.json !== undefined;
  return isIt ? parseOspfNeighbors(item.json) : undefined;
}

/** The IS-IS database in an item; undefined if it is another table. */
export function isisDatabaseOf(item: TruthItem): IsisLsp[] | undefined {
  const isIt = item.cmd === 'show isis database detail' && item.text !== undefined;
  return isIt ? parseIsisDatabase(item.text ?? '') : undefined;
}
