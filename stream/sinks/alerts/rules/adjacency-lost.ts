/** An IGP adjacency was lost: either end, on the wire or, where no tap is, in the link-state database. */
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import { type Context, type Finding, fromRow, type Input, isOurOwn, labelsOf, named, type Rule, type Says, text } from '../rule.ts';
import { scopeOf, type View } from '../views.ts';

/** Two DROthers that have been 2-way for so long rest there; on the way to full nobody stays, ns. */
const RESTS_NS = 10_000_000_000n;

export const adjacencyLost: Rule = {
  name: 'adjacency-lost',
  severity: 'error',
  meaning: 'A router lost an adjacency: IS-IS left up, OSPF left full (or 2-way, where two DROthers rest), or both routers of an untapped link took it out of the link-state database.',
  tables: ['adjacency_events', 'topology_changes'],
  waitMs: 500,
  firesAnyway: true,
  holdMs: 10_000,
  judge: ({ table, row }: Input, context: Context) => (table === 'adjacency_events' ? adjacency(row, context.before) : graph(row, context)),
};

function adjacency(row: Row, before: View | undefined): Finding[] {
  const says = saysOf(row, before);
  if (says === undefined) return [];
  const [router, neighbor] = [named(text(row, 'router'), text(row, 'router_name')), named(text(row, 'neighbor'), text(row, 'neighbor_name'))];
  const level = row['level'] === 0 ? '' : ` L${text(row, 'level')}`;
  const area = text(row, 'area') === '' ? '' : ` area ${text(row, 'area')}`;
  const change = `${text(row, 'prev_state')} -> ${text(row, 'state')} (${text(row, 'reason')})`;
  const pair = [scopeOf(row), ...[text(row, 'router'), text(row, 'neighbor')].toSorted()];
  const seen: Finding = {
    key: [...pair, text(row, 'link')].join('\n'),
    part: `${text(row, 'router')} > ${text(row, 'neighbor')}${level}${area}`,
    says, ...fromRow(row),
    subject: `adjacency ${router} -> ${neighbor}, ${text(row, 'protocol')}${level}${area}, link ${text(row, 'link')}`,
    summary: `${router} lost its ${text(row, 'protocol')}${level} adjacency with ${neighbor} on ${text(row, 'link')}: ${change}.`,
    reason: text(row, 'detail') === '' ? text(row, 'reason') : `${text(row, 'reason')} ${text(row, 'detail')}`,
    labels: labelsOf({
      domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: text(row, 'protocol'), router: text(row, 'router'), router_name: text(row, 'router_name'),
      neighbor: text(row, 'neighbor'), neighbor_name: text(row, 'neighbor_name'), link: text(row, 'link'), tap: text(row, 'tap'), level: row['level'] === 0 ? '' : text(row, 'level'), area: text(row, 'area'),
      local_address: text(row, 'local_address'), neighbor_address: text(row, 'neighbor_address'), neighbor_snpa: text(row, 'neighbor_snpa'), prev_state: text(row, 'prev_state'), state: text(row, 'state'),
    }),
    line: `${text(row, 'protocol')}${level}${area} ${router} -> ${neighbor} on ${text(row, 'link')}: ${change}`,
  };
  // What was known of the link from the graph alone is now seen.
  const { part: _part, ...whole } = seen;
  return says === 'well' ? [seen, { ...whole, key: [...pair, ''].join('\n') }] : [seen];
}

/** INFERENCE part 3: a loss is not only `down`; and full to 2-way by a change of DR is none. */
function saysOf(row: Row, before: View | undefined): Says | undefined {
  const [from, to] = [text(row, 'prev_state'), text(row, 'state')];
  if (isOurOwn(row)) return 'void';
  if (to === 'up' || to === 'full' || row['reason'] === 'adjacency-not-needed') return 'well';
  if (row['initial'] === true) return 'unwell';
  if (from === 'up' || from === 'full') return 'lost';
  if (to === '2-way') return 'well';
  const rested = before?.state === '2-way' && (row['time'] as bigint) - before.since >= RESTS_NS;
  return from === '2-way' && rested && (to === 'init' || to === 'down') ? 'lost' : 'unwell';
}

/** A link that left the graph, or came back; where a tap sees the adjacency itself, that says more. */
function graph(row: Row, { views }: Context): Finding[] {
  if (row['object_type'] !== 'link' || row['field'] !== 'exists' || row['change'] === 'changed') return [];
  const [router, neighbor] = [text(row, 'router'), text(row, 'neighbor')];
  const scope = scopeOf(row);
  const isTapped = [...views.of(scope, router), ...views.of(scope, neighbor)].some((view) => (view.neighbor === neighbor || view.neighbor === router) && (view.router === router || view.router === neighbor));
  if (isTapped) return [];
  const gone = row['change'] === 'removed';
  const says: Says = isOurOwn(row) ? 'void' : !gone ? 'well' : row['initial'] === true ? 'unwell' : 'lost';
  const level = row['level'] === 0 ? '' : ` L${text(row, 'level')}`;
  const name = named(router, text(row, 'router_name'));
  return [{
    key: [scope, ...[router, neighbor].toSorted(), ''].join('\n'), part: `${router} > ${neighbor}${level}`, says, ...fromRow(row),
    subject: `adjacency ${name} -> ${neighbor}, ${text(row, 'protocol')}${level}, seen in the link-state database only`,
    summary: `${name} and ${neighbor} are no longer adjacent by the ${text(row, 'protocol')}${level} link-state database; no tap sees their link.`,
    reason: 'link-withdrawn',
    labels: labelsOf({ domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: text(row, 'protocol'), router, router_name: text(row, 'router_name'), neighbor, level: row['level'] === 0 ? '' : text(row, 'level'), area: text(row, 'area') }),
    line: `${text(row, 'protocol')}${level} link ${name} -> ${neighbor} ${gone ? 'left' : 'came into'} the graph`,
  }];
}

