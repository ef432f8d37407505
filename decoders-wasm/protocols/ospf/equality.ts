/** Compares adjacency rows with ospfd's own log, view by view, over the states that settled (rules page, part 2). */
import type { Row } from '../../contract/row-reader.ts';
import type { OspfNeighborChange } from '../../../infra/lab/truth/frr-log.ts';

/** A state that lasted at least this long is settled. */
export const SETTLED_NS = 10_000_000n;

/** One step of a view: into a settled state, or out of full. */
export interface Step {
  readonly view: string;
  readonly time: bigint;
  /** A state, or `left full`. */
  readonly what: string;
  /** The daemon's event or the row's reason. */
  readonly why: string;
}

export interface Comparison {
  readonly matched: { readonly log: Step; readonly row: Step }[];
  readonly missing: Step[];
  readonly extra: Step[];
}

interface Entry {
  time: bigint;
  state: string;
  previous: string;
  why: string;
}

/** `local -> neighbour` by interface addresses, behind the VLAN where there is one. */
function viewName(local: string, neighbor: string, vlan: number): string {
  return `${vlan === 0 ? '' : `${vlan}: `}${local} -> ${neighbor}`;
}

/**
 * Steps of each view by the logs; `deleted` is FRR's word for down. Lines behind `endNs` are left out. `vlanOf` gives
 * the VLAN that a router is in, 0 for none.
 */
export function stepsOfLog(changes: readonly OspfNeighborChange[], endNs: bigint, vlanOf: (router: string) => number = () => 0): Step[] {
  const views = new Map<string, Entry[]>();
  for (const change of changes) {
    if (change.time > endNs) continue;
    const state = change.state === 'deleted' ? 'down' : change.state;
    const previous = change.previous === 'deleted' ? 'down' : change.previous;
    add(views, viewName(change.interfaceAddress, change.neighborAddress, vlanOf(change.router)), { time: change.time, state, previous, why: change.event });
  }
  return steps(views, endNs);
}

/** Steps of each view by the rows of `adjacency_events`, in the order in which they were decided. */
export function stepsOfRows(rows: readonly Row[], endNs: bigint): Step[] {
  const views = new Map<string, Entry[]>();
  for (const row of rows) {
    if (row['protocol'] !== 'ospfv2') continue;
    add(views, viewName(String(row['local_address']), String(row['neighbor_address']), Number(row['vlan'])), {
      time: row['time'] as bigint, state: String(row['state']), previous: String(row['prev_state']), why: String(row['reason']),
    });
  }
  return steps(views, endNs);
}

function add(views: Map<string, Entry[]>, view: string, entry: Entry): void {
  const list = views.get(view) ?? [];
  list.push(entry);
  views.set(view, list);
}

function steps(views: Map<string, Entry[]>, endNs: bigint): Step[] {
  const all: Step[] = [];
  for (const [view, entries] of views) {
    for (const [index, entry] of entries.entries()) {
      const next = entries[index + 1]?.time ?? endNs;
      const settled = next - entry.time >= SETTLED_NS || entry.state === 'full' || entry.state === 'down';
      if (entry.previous === 'full') all.push({ view, time: entry.time, what: 'left full', why: entry.why });
      if (settled) all.push({ view, time: entry.time, what: entry.state, why: entry.why });
    }
  }
  return all;
}

/** Matches each log step with the first unmatched row step of its view with the same state within `limitNs`, in order. */
export function compareSteps(log: readonly Step[], rows: readonly Step[], limitNs = SETTLED_NS): Comparison {
  const matched: { log: Step; row: Step }[] = [];
  const missing: Step[] = [];
  const used = new Set<Step>();
  const reached = new Map<string, number>();
  for (const step of log) {
    const ofView = rows.filter((row) => row.view === step.view);
    const from = reached.get(step.view) ?? 0;
    const index = ofView.findIndex((row, at) => at >= from && row.what === step.what && distance(row.time, step.time) <= limitNs);
    const row = ofView[index];
    if (row === undefined) missing.push(step);
    else {
      reached.set(step.view, index + 1);
      used.add(row);
      matched.push({ log: step, row });
    }
  }
  return { matched, missing, extra: rows.filter((row) => !used.has(row)) };
}

/** |a - b| in ns. */
export function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}
