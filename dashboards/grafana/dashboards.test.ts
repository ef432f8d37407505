/** Every query of every dashboard runs on the migrated schema with the labs' rows, and answers in the shape that its panel needs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Format, type ClickHouseQuery } from './kit/query.ts';
import { dashboards } from './source/index.ts';
import { expandMacros, expandVariables, type VariableValues } from './testing/expand.ts';
import { openLabStore, type LabStore } from './testing/lab-store.ts';
import { allOf, panelsOf, targetsOf, variablesOf } from './testing/targets.ts';

let lab: LabStore;

beforeAll(async () => { lab = await openLabStore(); }, 240_000);
afterAll(async () => { await lab.store.close(); });

/** One value of each variable that the labs have, beside All. */
const chosen: Readonly<Record<string, string | readonly string[]>> = {
  domain: ['demo', 'isis-ring'], router: ['0100.0000.0001', '10.255.0.1'], protocol: ['isis', 'ospfv2'], level: ['1', '2'],
  speaker: ["it's", '172.31.0.1'], family: ['ipv4-unicast'], prefix: '198.18.0.0/15',
};

interface Answer {
  readonly meta: { readonly name: string; readonly type: string }[];
  readonly data: Record<string, unknown>[];
}

async function ask(sql: string, values: VariableValues): Promise<Answer> {
  const range = { from: lab.from, to: lab.to, intervalMs: Math.ceil((lab.to - lab.from) / 1000) };
  const result = await lab.store.test.reader.query({ query: expandMacros(expandVariables(sql, values), range), format: 'JSON' });
  return result.json() as Promise<Answer>;
}

const bare = (type: string): string => type.replace(/^LowCardinality\((.*)\)$/, '$1').replace(/^Nullable\((.*)\)$/, '$1');
const isTime = (type: string): boolean => bare(type).startsWith('DateTime');
const isNumber = (type: string): boolean => /^(U?Int\d+|Float\d+)$/.test(bare(type));
const isText = (type: string): boolean => bare(type) === 'String';
const column = (answer: Answer, name: string): string => answer.meta.find((field) => field.name === name)?.type ?? `no column ${name}`;

/** What each kind of panel needs of an answer. */
const shapes: Readonly<Record<string, (answer: Answer, refId: string) => void>> = {
  stat: (answer) => {
    expect(answer.meta.map((field) => isNumber(field.type))).toEqual([true]);
    expect(answer.data.length).toBe(1);
  },
  timeseries: (answer) => {
    expect(isTime(answer.meta[0]!.type), answer.meta[0]!.type).toBe(true);
    expect(answer.meta.slice(1).some((field) => isNumber(field.type))).toBe(true);
    for (const field of answer.meta.slice(1)) expect(isNumber(field.type) || isText(field.type), `${field.name} ${field.type}`).toBe(true);
    const times = answer.data.map((row) => String(row[answer.meta[0]!.name]));
    expect(times, 'a long frame that is not in order of time is refused').toEqual([...times].sort());
    const series = answer.data.map((row) => JSON.stringify(answer.meta.filter((field) => !isNumber(field.type)).map((field) => row[field.name])));
    expect(new Set(series).size, 'two rows of one series at one time').toBe(series.length);
  },
  'state-timeline': (answer) => {
    expect([column(answer, 'time'), column(answer, 'series'), column(answer, 'state')].map((type) => [isTime(type), isText(type)])).toEqual([[true, false], [false, true], [false, true]]);
    expect(answer.meta.length).toBe(3);
    expect(new Set(answer.data.map((row) => row.series)).size).toBeGreaterThan(1);
  },
  table: (answer) => {
    for (const { name, type } of answer.meta) expect(isTime(type) || isNumber(type) || isText(type) || bare(type) === 'Bool', `${name} ${type} is not shown well in a table`).toBe(true);
  },
  nodeGraph: (answer, refId) => {
    const required = refId === 'nodes' ? ['id', 'title', 'subtitle', 'mainstat', 'arc__overload', 'arc__forwarding'] : ['id', 'source', 'target', 'mainstat'];
    for (const name of required) expect(name.startsWith('arc__') ? isNumber(column(answer, name)) : isText(column(answer, name)), `${name} ${column(answer, name)}`).toBe(true);
    const ids = answer.data.map((row) => row.id);
    expect(new Set(ids).size, 'an id stands for one thing').toBe(ids.length);
    for (const { name } of answer.meta) expect(name).toMatch(/^(id|title|subtitle|mainstat|secondarystat|arc__\w+|detail__\w+|source|target|strokeDasharray)$/);
  },
};

describe.each(dashboards.map((dashboard) => [dashboard.title ?? '', dashboard] as const))('%s', (_title, dashboard) => {
  it.each((dashboard.templating?.list ?? []).filter((variable) => variable.type === 'query').map((variable) => [variable.name, variable] as const))('fills its variable %s', async (_, variable) => {
    const { rawSql } = variable.query as unknown as ClickHouseQuery;
    for (const values of [allOf(dashboard), variablesOf(dashboard, (name) => chosen[name]!)]) {
      const answer = await ask(rawSql, values);
      expect(answer.meta.map((field) => isText(field.type))).toEqual(answer.meta.length === 2 ? [true, true] : [true]);
      expect(answer.data.length).toBeGreaterThan(0);
    }
  });

  it.each((dashboard.annotations?.list ?? []).map((annotation) => [annotation.name, annotation] as const))('annotates %s', async (_, annotation) => {
    const answer = await ask((annotation.target as ClickHouseQuery).rawSql, allOf(dashboard));
    expect(answer.meta.map((field) => [field.name, isTime(field.type), isText(field.type)])).toEqual([['time', true, false], ['title', false, true], ['text', false, true], ['tags', false, true]]);
    expect(answer.data.length).toBeGreaterThan(0);
  });

  it.each(panelsOf(dashboard).map((panel) => [panel.title ?? '', panel] as const))('shows %s', async (_, panel) => {
    expect(panel.description, 'each panel says what it shows').toMatch(/\w{3}.*\.$/);
    for (const target of targetsOf(panel)) {
      expect(target.format).toBe(panel.type === 'timeseries' ? Format.TimeSeries : Format.Table);
      const answer = await ask(target.rawSql, allOf(dashboard));
      shapes[panel.type]!(answer, target.refId);
      expect(answer.data.length).toBeGreaterThan(0);
      const narrowed = await ask(target.rawSql, variablesOf(dashboard, (variable) => chosen[variable]!));
      expect(narrowed.meta).toEqual(answer.meta);
      expect(narrowed.data.length).toBeLessThanOrEqual(answer.data.length);
    }
  });

  it('draws no edge without its nodes', async () => {
    const graph = panelsOf(dashboard).find((panel) => panel.type === 'nodeGraph');
    if (graph === undefined) return;
    const [nodes, edges] = await Promise.all(targetsOf(graph).map((target) => ask(target.rawSql, allOf(dashboard))));
    const ids = new Set(nodes!.data.map((row) => row.id));
    for (const edge of edges!.data) expect([ids.has(edge.source), ids.has(edge.target)], `${String(edge.source)} to ${String(edge.target)}`).toEqual([true, true]);
  });
});

describe('the dashboards', () => {
  it('have ids of their own, and places that do not overlap', () => {
    expect(new Set(dashboards.map((dashboard) => dashboard.uid)).size).toBe(dashboards.length);
    for (const dashboard of dashboards) {
      const panels = dashboard.panels ?? [];
      expect(panels.map((panel) => panel.id)).toEqual(panels.map((_, index) => index + 1));
      const cells = panels.flatMap(({ gridPos }) => Array.from({ length: gridPos!.w * gridPos!.h }, (_, cell) => `${gridPos!.x + cell % gridPos!.w},${gridPos!.y + Math.floor(cell / gridPos!.w)}`));
      expect(new Set(cells).size).toBe(cells.length);
    }
  });

  it('link to dashboards that are there', () => {
    const uids = dashboards.map((dashboard) => dashboard.uid);
    const linked = [...JSON.stringify(dashboards).matchAll(/\/d\/([\w-]+)\?/g)].map((match) => match[1]);
    expect(linked.length).toBeGreaterThan(3);
    for (const uid of linked) expect(uids).toContain(uid);
  });
});
