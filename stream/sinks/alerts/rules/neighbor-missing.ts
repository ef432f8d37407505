/** A neighbour that an operator expects is not there. */
import { type Context, type Finding, fromRow, type Input, labelsOf, named, type Rule, text } from '../rule.ts';
import { isHealthy, scopeOf } from '../views.ts';

export const neighborMissing: Rule = {
  name: 'neighbor-missing',
  severity: 'error',
  meaning: 'An IGP neighbour that was set as expected has been missing for two minutes, whether it was ever seen or not.',
  tables: ['neighbor_counts'],
  waitMs: 120_000,
  holdMs: 10_000,
  judge({ row }: Input, { views, expected }: Context): Finding[] {
    // Blind is not down; and a silent router is an incident of its own.
    if (row['coverage'] !== 'full' && row['coverage'] !== '' && row['coverage'] !== 'partial') return [];
    const [router, link] = [text(row, 'router'), text(row, 'link')];
    const name = text(row, 'router_name');
    const own = views.of(scopeOf(row), router).filter(({ state }) => isHealthy(state));
    return expected().filter((one) => one.domain === text(row, 'domain') && one.protocol === text(row, 'protocol') && (one.router === router || (name !== '' && one.router === name)) && (one.link === '' || one.link === link)).map((one) => {
      const isThere = own.some((view) => (view.neighbor === one.neighbor || view.neighborName === one.neighbor) && (one.link === '' || view.link === one.link));
      const where = one.link === '' ? '' : ` on ${one.link}`;
      return {
        key: [scopeOf(row), router, one.neighbor, one.link].join('\n'), says: isThere ? 'well' as const : 'lost' as const, ...fromRow(row), subject: `neighbour ${one.neighbor} of ${named(router, name)}, ${one.protocol}${where}`,
        summary: `${named(router, name)} has no ${one.protocol} adjacency with ${one.neighbor}${where}, which is expected.`, reason: 'expected-neighbor-missing',
        labels: labelsOf({ domain: one.domain, network_instance: text(row, 'network_instance'), protocol: one.protocol, router, router_name: name, neighbor: one.neighbor, link: one.link }),
        line: `${one.neighbor} is ${isThere ? 'there' : 'missing'}`,
      };
    });
  },
};
