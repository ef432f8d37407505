/** Every rule on the real engine: its query answers as Grafana's expressions need it, it fires when it must, and else it is silent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule } from './kit/rule.ts';
import { engineRules } from './rules/engine.ts';
import { eventRules } from './rules/events.ts';
import { pipelineRules } from './rules/pipeline.ts';
import { expandMacros } from './testing/expand.ts';
import { insertAlerts, openLabStore, type LabStore } from './testing/lab-store.ts';

const rules = [...pipelineRules.rules, ...engineRules.rules, ...eventRules.rules];
let lab: LabStore;

beforeAll(async () => {
  lab = await openLabStore();
  await insertFaults();
}, 240_000);
afterAll(async () => { await lab.store.close(); });

const HOUR = 3_600_000;
/** After the labs, when nothing of theirs is within the range of a rule: ms. */
const quiet = (): number => lab.to + 72 * HOUR;
/** The faults that no lab has come later still, one by one, ms. */
const fault = (hours: number): number => quiet() + hours * HOUR;
const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;

/** Pipeline faults as host and sink write them. */
async function insertFaults(): Promise<void> {
  const { store } = lab;
  const ledger = (at: number, lateMs: number, refused: string): Promise<unknown> => store.test.writer.command({ query: `INSERT INTO routewatch.ledger
    (log_id, partition, owner, first_offset, last_offset, end_offset, end_rows, token, rows, refused, quarantined, ingest_time, inserted_at) VALUES
    ('log', 0, 'worker', ${at}, ${at}, 9, 0, 'log/0/${at}', {'adjacency_events': 1}, ${refused}, 0, fromUnixTimestamp64Milli(${at - lateMs}), fromUnixTimestamp64Milli(${at}))` });
  await store.insert('coverage_events', [
    { time: ns(fault(10)), tap: 0, what: 'tap-opened', subject: 'tap0' }, { time: ns(fault(20)), tap: 0, what: 'coverage-lost', subject: 'tap0', detail: 'no frame for a minute' },
    { time: ns(fault(30)), tap: 0, what: 'restored', subject: 'tap0' }, { time: ns(fault(31)), tap: 0, what: 'gap', subject: 'tap0', lost: 12n }, { time: ns(fault(50)), tap: 0, what: 'tap-closed', subject: 'tap0' },
  ]);
  await store.insert('quarantine', Array.from({ length: 11 }, () => ({ time: ns(fault(33)), protocol: 'isis', error: 'isis.pdu-short', bytes: '83' })));
  const alert = { domain: 'd', rule: 'router-silent', subject: 'router r9', summary: 'r9 is silent.', told: true };
  const alertId = (n: number): string => `00000000-0000-4000-8000-00000000009${n}`;
  await insertAlerts(store, [
    { ...alert, at: fault(43), alert_id: alertId(1), severity: 'critical', state: 'firing' }, { ...alert, at: fault(44), alert_id: alertId(1), severity: 'critical', state: 'resolved' },
    { ...alert, at: fault(45), alert_id: alertId(2), severity: 'warning', state: 'firing' }, { ...alert, at: fault(46), alert_id: alertId(2), severity: 'warning', state: 'resolved' },
    { ...alert, at: fault(45), alert_id: alertId(3), severity: 'warning', state: 'firing', told: false, untold: 'incident' },
  ]);
  await ledger(fault(35), 50_000, '{}');
  await ledger(fault(37), 100, "{'route_changes': 3}");
  const churn = { time: ns(fault(39)), context: 2, afi_safi: 'ipv4-unicast', change_class: 'tup', attributes: 5n, prefix_length: 32 };
  await store.insert('route_changes', Array.from({ length: 10_001 }, (_, n) => ({ ...churn, prefix_address: `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}` })));
  const flap = { protocol: 'isis', level: 2, router: '0000.0000.0091', neighbor: '0000.0000.0092', neighbor_snpa: '02:00:00:00:00:92' };
  await store.insert('adjacency_events', [1, 2, 3].flatMap((n) => [
    { ...flap, time: ns(fault(41) + n * 60_000), prev_state: 'up', state: 'down', reason: 'hold-timer-expired' }, { ...flap, time: ns(fault(41) + n * 60_000 + 5000), prev_state: 'down', state: 'up', reason: 'three-way-received' },
  ]));
}

type Row = Record<string, string | number>;

/** Labels and number of each row, as Grafana's expressions take a table; throws where they would not. */
async function evaluate(rule: Rule, at: number): Promise<{ labels: Record<string, string>; value: number }[]> {
  const sql = expandMacros(rule.sql, { from: at - rule.range * 1000, to: at, intervalMs: 1000 });
  const result = await lab.store.test.reader.query({ query: sql, format: 'JSON', clickhouse_settings: { output_format_json_quote_64bit_integers: 0 } });
  const { meta, data } = await result.json() as { meta: { name: string; type: string }[]; data: Row[] };
  const numbers = meta.filter(({ type }) => /^(Nullable\()?(U?Int|Float)\d+\)?$/.test(type));
  const labels = meta.filter(({ type }) => /^(LowCardinality\()?(Nullable\()?String\)*$/.test(type));
  expect(numbers.length, `${rule.name}: one number, but ${meta.map(({ name, type }) => `${name} ${type}`).join(', ')}`).toBe(1);
  expect(labels.length, `${rule.name}: all others are labels`).toBe(meta.length - 1);
  const answers = data.map((row) => ({ labels: Object.fromEntries(labels.map(({ name }) => [name, String(row[name])])), value: Number(row[numbers[0]!.name]) }));
  const series = answers.map((answer) => JSON.stringify(answer.labels));
  expect(new Set(series).size, `${rule.name}: two rows with equal labels`).toBe(series.length);
  return answers;
}

async function firing(name: string, at: number): Promise<Record<string, string>[]> {
  const rule = rules.find((candidate) => candidate.name === name)!;
  const words = [...rule.summary.matchAll(/\$labels\.(\w+)/g)].map((match) => match[1]!);
  const fires = (await evaluate(rule, at)).filter(({ value }) => value > rule.above).map(({ labels }) => labels);
  for (const labels of fires) expect(Object.keys(labels), 'labels that the summary names').toEqual(expect.arrayContaining(words));
  return fires;
}

/** ms of the last row of a query that gives ns. */
async function timeOf(sql: string): Promise<number> {
  const [row] = await lab.store.query<{ ns: string }>(sql);
  return Number(BigInt(row!.ns) / 1_000_000n);
}

/** When each rule must fire and with which labels, and when it must not. */
const cases: Readonly<Record<string, { fires: () => number | Promise<number>; labels: Record<string, string>; silent: () => number | Promise<number> }>> = {
  'pipeline-stalled': { fires: () => fault(12), labels: {}, silent: () => fault(50) + 1000 },
  'tap-blind': { fires: () => fault(21), labels: { tap: 'tap0', collector: 'c0', coverage: 'coverage-lost' }, silent: () => fault(32) },
  'frames-lost': { fires: () => fault(31) + 60_000, labels: { tap: 'tap0' }, silent: () => fault(32) },
  'quarantine-growing': { fires: () => fault(33) + 60_000, labels: { protocol: 'isis', error: 'isis.pdu-short' }, silent: () => fault(34) },
  'storing-slow': { fires: () => fault(35) + 60_000, labels: {}, silent: () => fault(37) + 60_000 },
  'rows-refused': { fires: () => fault(37) + 60_000, labels: { table: 'route_changes' }, silent: () => fault(36) },
  'engine-critical': { fires: () => fault(43) + 1000, labels: { alert_rule: 'router-silent', subject: 'router r9' }, silent: () => lab.from },
  'engine-warning': { fires: () => fault(45) + 1000, labels: { alert_rule: 'router-silent' }, silent: () => fault(46) + 1000 },
  'adjacency-lost': {
    fires: async () => 1000 + await timeOf("SELECT toString(max(toUnixTimestamp64Nano(time))) AS ns FROM routewatch.adjacency_events WHERE domain = 'demo' AND protocol = 'isis' AND state = 'down' AND NOT initial"),
    labels: { domain: 'demo', protocol: 'isis' }, silent: quiet,
  },
  'session-lost': {
    fires: async () => 1000 + await timeOf("SELECT toString(max(toUnixTimestamp64Nano(time))) AS ns FROM routewatch.session_events WHERE domain = 'bgp-basic' AND prev_state = 'established' AND state = 'idle' AND NOT initial"),
    labels: { domain: 'bgp-basic' }, silent: quiet,
  },
  'neighbor-missing': { fires: () => lab.to, labels: { domain: 'demo', router: '0100.0000.0001', neighbor: '0100.0000.0009' }, silent: async () => {
    await lab.store.test.writer.command({ query: "INSERT INTO routewatch.expected_neighbors (domain, protocol, router, neighbor, removed, updated_at) VALUES ('demo', 'isis', '0100.0000.0001', '0100.0000.0009', true, now64(3) + 60)" });
    return lab.to;
  } },
  'router-overloaded': {
    fires: async () => 1000 + await timeOf("SELECT toString(max(toUnixTimestamp64Nano(time))) AS ns FROM routewatch.topology_changes WHERE field = 'overload' AND new_number = 1"),
    labels: { protocol: 'isis' }, silent: () => lab.from,
  },
  'adjacency-flapping': { fires: () => fault(41) + 5 * 60_000, labels: { router: '0000.0000.0091', neighbor: '0000.0000.0092' }, silent: () => fault(42) },
  'route-churn': { fires: () => fault(39) + 60_000, labels: { sender: '10.0.0.1', family: 'ipv4-unicast' }, silent: () => fault(40) },
};

describe('the rules', () => {
  it('have a case each', () => {
    expect(Object.keys(cases).toSorted()).toEqual(rules.map((rule) => rule.name).toSorted());
  });

  it('on events are shipped disabled, the others are not', () => {
    expect([pipelineRules.paused, engineRules.paused, eventRules.paused]).toEqual([false, false, true]);
  });

  it.each(Object.keys(cases))('%s fires when it must, and else it is silent', async (name) => {
    const { fires, labels, silent } = cases[name]!;
    expect(await firing(name, await fires())).toEqual(expect.arrayContaining([expect.objectContaining(labels)]));
    expect(await firing(name, await silent())).toEqual([]);
  });

  it('do not call an adjacency lost whose tap is blind', async () => {
    const at = await cases['adjacency-lost']!.fires();
    const [lost] = await firing('adjacency-lost', at);
    const [tap] = await lab.store.query<{ tap: string; collector: string }>(`SELECT toString(tap) AS tap, toString(collector) AS collector FROM routewatch.adjacency_events WHERE domain = 'demo' AND router = '${lost!['router']!}' AND link = '${lost!['link']!}' LIMIT 1`);
    const codes = { contexts: new Map([[9, { key: 'link/demo/x', domain: 'demo', networkInstance: 'default', link: lost!['link']! }]]), taps: new Map([[0, { tap: tap!.tap, collector: tap!.collector }]]) };
    await lab.store.send('coverage_events', lab.store.rows('coverage_events', [{ time: ns(at), context: 9, tap: 0, what: 'coverage-lost', subject: tap!.tap }]), { codes });
    const links = (await firing('adjacency-lost', at + 1000)).filter((labels) => labels['domain'] === 'demo').map((labels) => labels['link']);
    expect(links).not.toContain(lost!['link']);
  });
});
