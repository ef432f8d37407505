/** A session has nearly as many prefixes as its router takes, or was closed for having more. */
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import { ROUTE_COUNTS } from '../route-counts.ts';
import { type Context, type Finding, fromRow, type Input, labelsOf, type PrefixLimit, type Rule, type RuleSettings, text } from '../rule.ts';

/** Cease, Maximum Number of Prefixes Reached (RFC 4486 section 3). */
const CEASE = 6;
const MAXIMUM_PREFIXES = 1;
/** A session that was closed for it may stay well for so long before it is full again, ms. */
const HOLD_MS = 60_000;

export const maximumPrefix: Rule = {
  name: 'maximum-prefix',
  severity: 'warning',
  meaning: 'A neighbour has announced 80 % (or `warnPercent`) of the prefixes that `alerts.maximumPrefixes` allows it; or a session ended with NOTIFICATION 6/1, whether a limit is set or not.',
  tables: [ROUTE_COUNTS, 'rib_marks', 'session_events'],
  waitMs: 0,
  firesAnyway: true,
  holdMs: HOLD_MS,
  judge: ({ table, row }: Input, context: Context) => (table === 'session_events' ? session(row) : routes(row, count(table, row, context), context.settings)),
};

function keyOf(row: Row, sender: string, receiver: string): string {
  return [text(row, 'domain'), text(row, 'network_instance'), receiver, sender, sender.startsWith('fe80:') ? text(row, 'link') : ''].join('\n');
}

/**
 * Prefixes (with ADD-PATH: paths) of sender, receiver and family after this row: counted since the session's last flush, else
 * since we saw it first. What was announced before is not in it, so it is never more than there are.
 */
function count(table: string, row: Row, { memory }: Context): number | undefined {
  const key = `${keyOf(row, text(row, 'sender'), text(row, 'receiver'))}\n${text(row, 'afi_safi')}`;
  const before = memory.get(key) as number | undefined ?? 0;
  let now = before;
  if (table === ROUTE_COUNTS) now += Number(row['tup']) - Number(row['tdown']);
  else if (row['mark'] === 'flush') now = 0;
  else if (row['mark'] === 'sweep') now -= Number(row['routes']);
  else return undefined;
  now = Math.max(0, now);
  if (now !== before) memory.set(key, now === 0 ? undefined : now);
  return now;
}

function limitOf(row: Row, { maximumPrefixes }: RuleSettings): PrefixLimit | undefined {
  return maximumPrefixes.find(({ neighbor, router, family }) => neighbor === text(row, 'sender') && (router === undefined || router === text(row, 'receiver')) && (family === undefined || family === text(row, 'afi_safi')));
}

function routes(row: Row, prefixes: number | undefined, settings: RuleSettings): Finding[] {
  const limit = limitOf(row, settings);
  if (prefixes === undefined || limit === undefined) return [];
  const [sender, receiver, family] = [text(row, 'sender'), text(row, 'receiver'), text(row, 'afi_safi')];
  const common = base(row, sender, receiver);
  const isNear = prefixes >= limit.limit * limit.warnPercent / 100;
  return [{
    ...common, part: family, says: isNear ? 'lost' : 'well', evidence: 'received',
    summary: `${sender} has announced ${prefixes} ${family} prefixes to ${receiver}, whose limit is ${limit.limit}.`, reason: prefixes >= limit.limit ? 'maximum-prefix-reached' : 'maximum-prefix-near',
    labels: { ...common.labels, afi_safi: family, limit: String(limit.limit) },
    line: `${family}: ${prefixes} of ${limit.limit}`,
  }];
}

function session(row: Row): Finding[] {
  const isReached = row['code'] === CEASE && row['subcode'] === MAXIMUM_PREFIXES && row['state'] === 'idle';
  const isBack = row['state'] === 'established';
  if (!isReached && !isBack) return [];
  // Who sent the NOTIFICATION is the one with the limit.
  const isSender = row['reason'] === 'notification-sent';
  const pairs = isBack ? [['router', 'peer'], ['peer', 'router']] as const : [isSender ? ['peer', 'router'] as const : ['router', 'peer'] as const];
  return pairs.map(([sender, receiver]) => ({
    ...base(row, text(row, sender), text(row, receiver)), part: 'cease', says: isBack ? 'well' as const : 'lost' as const,
    summary: `${text(row, receiver)} closed its BGP session with ${text(row, sender)} for having announced more prefixes than its limit (NOTIFICATION 6/1).`,
    reason: `${text(row, 'reason')} 6/1`, line: isBack ? 'established again' : `${text(row, 'reason')} 6/1`,
  }));
}

function base(row: Row, sender: string, receiver: string): Omit<Finding, 'says' | 'summary' | 'reason' | 'line'> {
  return {
    key: keyOf(row, sender, receiver), ...fromRow(row), subject: `prefixes of ${sender} at ${receiver}, bgp`,
    labels: labelsOf({ domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: 'bgp', router: receiver, neighbor: sender, link: text(row, 'link'), tap: text(row, 'tap') }),
  };
}
