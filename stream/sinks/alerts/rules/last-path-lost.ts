/** The last path between two parts of the network is lost: the link-state graph has come apart. */
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import type { Graph } from '../graph.ts';
import { type Context, type Finding, fromRow, type Input, isOurOwn, labelsOf, type Memory, named, type Rule, type RuleSettings, text } from '../rule.ts';
import { scopeOf } from '../views.ts';

/** Losses of one graph that are remembered until there is a path again. */
const MOST_OPEN = 200;
/** Routers that a summary names. */
const NAMED = 10;

export const lastPathLost: Rule = {
  name: 'last-path-lost',
  severity: 'critical',
  meaning: 'By the link-state database no path is left between two routers that had one: two routers at least are cut off from the others, or all routers of a site that `alerts.sites` names.',
  tables: ['topology_changes'],
  // Longer than a router that comes up takes to advertise its pseudonode's links again.
  waitMs: 2000,
  holdMs: 10_000,
  judge({ row }: Input, { graph, memory, settings }: Context): Finding[] {
    if (row['field'] !== 'exists' || row['change'] === 'changed' || row['initial'] === true) return [];
    if (row['object_type'] === 'node' && row['change'] === 'removed') return forget(row, memory);
    if (row['object_type'] !== 'link') return [];
    return row['change'] === 'added' || isOurOwn(row) ? joined(row, graph, memory) : parted(row, { graph, memory, settings });
  },
};

/** The two ends of the link that was the last one. */
type Ends = readonly [string, string];

function openOf(row: Row, memory: Memory): readonly Ends[] {
  return memory.get(scopeOf(row)) as readonly Ends[] | undefined ?? [];
}

function keyOf(row: Row, ends: Ends): string {
  return [scopeOf(row), ...ends].join('\n');
}

function end(row: Row, ends: Ends, says: 'well' | 'void', line: string): Finding {
  return { key: keyOf(row, ends), says, ...fromRow(row), subject: '', summary: '', reason: 'path-found', labels: {}, line };
}

function joined(row: Row, graph: Graph, memory: Memory): Finding[] {
  const open = openOf(row, memory);
  if (open.length === 0) return [];
  const found = open.filter(([a, b]) => graph.cutOff(scopeOf(row), a, b) === undefined);
  if (found.length > 0) memory.set(scopeOf(row), open.length === found.length ? undefined : open.filter((ends) => !found.includes(ends)));
  return found.map((ends) => end(row, ends, 'well', `a path again by ${text(row, 'router')} -> ${text(row, 'neighbor')}`));
}

/** A router that is gone from the database for good is waited for no longer. */
function forget(row: Row, memory: Memory): Finding[] {
  const gone = openOf(row, memory).filter((ends) => ends.includes(text(row, 'router')));
  if (gone.length > 0) memory.set(scopeOf(row), openOf(row, memory).filter((ends) => !gone.includes(ends)));
  return gone.map((ends) => end(row, ends, 'void', `${text(row, 'router')} left the link-state database`));
}

function parted(row: Row, { graph, memory, settings }: Pick<Context, 'graph' | 'memory' | 'settings'>): Finding[] {
  const scope = scopeOf(row);
  const ends = [text(row, 'router'), text(row, 'neighbor')].toSorted() as [string, string];
  const part = graph.cutOff(scope, ...ends);
  if (part === undefined) return [];
  const name = (router: string): string => named(router, graph.nameOf(scope, router));
  const sites = sitesWithin(part, settings, (router) => graph.nameOf(scope, router));
  if (part.length < 2 && sites.length === 0) return [];
  const open = openOf(row, memory);
  if (!open.some((known) => known.join() === ends.join())) memory.set(scope, [...open, ends].slice(-MOST_OPEN));
  const inner = part.includes(ends[0]) ? ends[0] : ends[1];
  const outer = inner === ends[0] ? ends[1] : ends[0];
  const protocol = text(row, 'protocol');
  const which = `${part.slice(0, NAMED).map(name).join(', ')}${part.length > NAMED ? ` and ${part.length - NAMED} more` : ''}`;
  return [{
    key: keyOf(row, ends), says: 'lost', ...fromRow(row),
    subject: `path ${name(inner)} - ${name(outer)}, ${protocol}${sites.length === 0 ? '' : `, site ${sites.join(', ')}`}`,
    summary: `${sites.length === 0 ? '' : `Site ${sites.join(', ')}: `}${which} ${part.length === 1 ? 'is' : 'are'} cut off from the other ${protocol} routers: the last path went by the link of ${name(inner)} with ${name(outer)}.`,
    reason: 'last-path-lost',
    labels: labelsOf({
      domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol, router: inner, router_name: graph.nameOf(scope, inner), neighbor: outer, neighbor_name: graph.nameOf(scope, outer),
      tap: text(row, 'tap'), routers: String(part.length), site: sites.join(', '),
    }),
    line: `${protocol} link ${name(inner)} - ${name(outer)} left the graph, and no path is left`,
  }];
}

/** Sites all of whose routers are in the part that is cut off. */
function sitesWithin(part: readonly string[], { sites }: RuleSettings, nameOf: (router: string) => string): string[] {
  const names = new Set(part.flatMap((router) => [router, nameOf(router)]));
  return Object.entries(sites).filter(([, routers]) => routers.length > 0 && routers.every((router) => names.has(router))).map(([site]) => site);
}
