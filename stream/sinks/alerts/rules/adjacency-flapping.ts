/** A router's view of a neighbour is lost again and again. */
import { type Context, type Finding, fromRow, type Input, isOurOwn, labelsOf, named, type Rule, text, time } from '../rule.ts';
import { scopeOf, viewKey } from '../views.ts';

/** So many losses within this time, ns. */
const LOSSES = 3;
const WINDOW_NS = 600_000_000_000n;

export const adjacencyFlapping: Rule = {
  name: 'adjacency-flapping',
  severity: 'warning',
  meaning: `A router lost the same adjacency ${LOSSES} times within ten minutes; resolved when it was lost no more for ten.`,
  tables: ['adjacency_events'],
  waitMs: 0,
  holdMs: 0,
  quietMs: 600_000,
  judge({ row }: Input, { memory }: Context): Finding[] {
    const wasUp = row['prev_state'] === 'up' || row['prev_state'] === 'full';
    const isUp = row['state'] === 'up' || row['state'] === 'full' || row['reason'] === 'adjacency-not-needed';
    if (!wasUp || isUp || row['initial'] === true || isOurOwn(row)) return [];
    const now = time(row, 'time');
    const losses = [...(memory.get(viewKey(row)) as bigint[] | undefined) ?? [], now].filter((at) => at > now - WINDOW_NS);
    memory.set(viewKey(row), losses);
    if (losses.length < LOSSES) return [];
    const [router, neighbor] = [named(text(row, 'router'), text(row, 'router_name')), named(text(row, 'neighbor'), text(row, 'neighbor_name'))];
    return [{
      key: [scopeOf(row), ...[text(row, 'router'), text(row, 'neighbor')].toSorted(), text(row, 'link')].join('\n'), says: 'lost', ...fromRow(row), since: losses[0]!,
      subject: `adjacency ${router} -> ${neighbor}, ${text(row, 'protocol')}, link ${text(row, 'link')}`,
      summary: `${router} lost its ${text(row, 'protocol')} adjacency with ${neighbor} on ${text(row, 'link')} ${losses.length} times within ten minutes.`, reason: text(row, 'reason'),
      labels: labelsOf({
        domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: text(row, 'protocol'), router: text(row, 'router'), router_name: text(row, 'router_name'),
        neighbor: text(row, 'neighbor'), neighbor_name: text(row, 'neighbor_name'), link: text(row, 'link'), tap: text(row, 'tap'),
      }),
      line: `lost again: ${text(row, 'prev_state')} -> ${text(row, 'state')} (${text(row, 'reason')})`,
    }];
  },
};
