/** All that happened, newest first. */
import { z } from 'zod';
import { type Columns, flag, instant as instantColumn, listSchema, selectList, text as textColumn, uuid } from '../columns.ts';
import { instant, kinds, page, text, yesOrNo } from '../inputs.ts';
import { byDomain, where } from '../list.ts';
import { resource } from '../resource.ts';

const HOUR = 3_600_000_000_000n;

/** The view says it as the first word of most subjects. */
const protocol = "multiIf(v.kind IN ('session', 'route', 'rib'), 'bgp', v.kind IN ('adjacency', 'topology', 'error', 'quarantine'), splitByChar(' ', v.subject)[1], '')";

const columns: Columns = {
  time_ns: instantColumn('v.time'), event_id: uuid('v.event_id'), domain: textColumn(), router: textColumn(), router_name: textColumn(), kind: textColumn(), protocol: textColumn(protocol),
  subject: textColumn(), prev: textColumn(), new: textColumn(), reason: textColumn(), initial: flag(), tap: textColumn(),
};

const query = z.strictObject({
  ...page(300), from: instant.optional(), to: instant.optional(), domain: text, router: text, protocol: text, kind: kinds,
  initial: yesOrNo('yes').describe('no: without what was there when we came'), text,
});

const filters = {
  ...byDomain,
  from: 'v.time >= fromUnixTimestamp64Nano({from:Int64})',
  to: 'v.time <= fromUnixTimestamp64Nano({to:Int64})',
  router: '{router:String} IN (v.router, v.router_name)',
  protocol: `${protocol} = {protocol:String}`,
  // Each word, wherever it stands; reasons are told with and without their hyphens.
  text: `arrayAll(word -> positionCaseInsensitiveUTF8(concat(v.kind, ' ', v.router, ' ', v.router_name, ' ', v.subject, ' ', v.prev, ' ', v.new, ' ', v.reason, ' ', replaceAll(v.reason, '-', ' ')), word) > 0,
    splitByWhitespace({text:String}))`,
};

/** Without `from`, the newest hour is tried before all of time. */
export const timeline = resource({
  name: 'listTimeline', method: 'get', path: '/timeline', summary: 'All that happened, newest first', role: 'read', query, answer: listSchema(columns),
  async handle({ store }, { query: asked, signal }) {
    const read = (from: bigint | undefined) => store.page(
      `SELECT ${selectList(columns)} FROM routewatch.timeline AS v ${where(filters, { ...asked, from },
        asked.kind.length === 0 ? '' : 'has({kinds:Array(String)}, v.kind)', asked.initial === 'yes' ? '' : 'NOT v.initial')}
      ORDER BY v.time DESC, event_id`,
      { ...(from === undefined ? {} : { from: from.toString() }), ...(asked.to === undefined ? {} : { to: asked.to.toString() }), domain: asked.domain, router: asked.router, protocol: asked.protocol, kinds: asked.kind, text: asked.text },
      asked, signal);
    if (asked.from !== undefined) return read(asked.from);
    const end = asked.to ?? BigInt(Date.now()) * 1_000_000n;
    for (const back of [HOUR, 24n * HOUR]) {
      const list = await read(end - back);
      if (list.more) return list;
    }
    return read(undefined);
  },
});
