/** Neighbour counts over time, where they changed. */
import { z } from 'zod';
import { type Columns, instant, listSchema, number, optionalNumber, text } from '../columns.ts';
import { limit, span } from '../inputs.ts';
import { byDomain, byRouter, filterInputs, filterValues, where } from '../list.ts';
import { resource } from '../resource.ts';

const HOUR = 3_600_000_000_000n;

const columns: Columns = {
  domain: text('c.domain'), network_instance: text('c.network_instance'), protocol: text('c.protocol'), router: text('c.router'),
  router_name: text("if(c.router_name != '', toString(c.router_name), e.name)"), level: number('c.level'), area: text('c.area'), link: text('c.link'),
  adjacencies: number('c.adjacencies'), neighbors: number('c.neighbors'), full: number('c.full'), two_way: number('c.two_way'), coverage: text('c.coverage'),
  expected: optionalNumber('e.expected'), time_ns: { ...instant('time'), sql: 'toString(c.ns)' },
};

const filters = { ...byDomain, ...byRouter, link: 'link = {link:String}', protocol: 'protocol = {protocol:String}' };

/** A little more than the stretch, so that the first count in it has one before it. */
const stretch = 'time BETWEEN fromUnixTimestamp64Nano({from:Int64}) - INTERVAL 90 SECOND AND fromUnixTimestamp64Nano({to:Int64})';

const select = (conditions: string): string => `
  SELECT ${Object.entries(columns).map(([name, { sql }]) => `${sql} AS ${name}`).join(', ')}
  FROM (
    SELECT *, toUnixTimestamp64Nano(time) AS ns,
      lagInFrame(adjacencies, 1, 4294967295) OVER series AS adjacencies_before,
      lagInFrame(toString(coverage), 1, '') OVER series AS coverage_before,
      lagInFrame(full, 1, 4294967295) OVER series AS full_before
    FROM routewatch.neighbor_counts
    ${conditions}
    WINDOW series AS (PARTITION BY protocol, domain, network_instance, router, link, level, area ORDER BY time, decided_time
      ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  ) AS c
  LEFT ANY JOIN (
    SELECT domain, protocol, router, link, max(expected) AS expected, max(router_name) AS name
    FROM routewatch.neighbor_counts_now GROUP BY domain, protocol, router, link
  ) AS e USING (domain, protocol, router, link)
  WHERE adjacencies_before != c.adjacencies OR coverage_before != toString(c.coverage) OR full_before != c.full
  ORDER BY c.ns`;

/** From `since` ago to now; where the newest count is older than that (a recording), to the newest. */
export const neighborCounts = resource({
  name: 'listNeighborCounts', method: 'get', path: '/neighbor-counts', summary: 'Neighbour counts where they changed', role: 'read',
  query: z.strictObject({ since: span.default(HOUR), limit: limit(20_000, 20_000), ...filterInputs(filters) }),
  answer: listSchema(columns, { from: z.string(), to: z.string(), newest: z.string() }),
  async handle({ store }, { query: asked, signal }) {
    const { since, limit: rows, ...rest } = asked as { since: bigint; limit: number } & Record<string, unknown>;
    const [newest] = await store.rows('SELECT toString(toUnixTimestamp64Nano(max(time))) AS newest_ns FROM routewatch.neighbor_counts', {}, signal);
    const now = BigInt(Date.now()) * 1_000_000n;
    const last = BigInt(String(newest?.['newest_ns'] ?? '0'));
    const to = last > now - since ? now : last;
    const from = to - since;
    const list = await store.page(select(where(filters, rest, stretch)), { from: from.toString(), to: to.toString(), ...filterValues(filters, rest) }, { limit: rows, offset: 0 }, signal);
    return { ...list, from: from.toString(), to: to.toString(), newest: last.toString() };
  },
});
