/** Resources that are a page of rows of one SQL view, now or at a time: most of them. */
import { z } from 'zod';
import { type Columns, listSchema, selectList } from './columns.ts';
import { at, page, text } from './inputs.ts';
import { type Resource, resource } from './resource.ts';

/** A view of now, or as it was at an instant. */
export function viewAt(view: string, instant: bigint | undefined, atView = `${view}_at`): string {
  return instant === undefined ? `routewatch.${view}` : `routewatch.${atView}(at = ${timeSql(instant)})`;
}

/** A time in SQL. */
export function timeSql(instant: bigint): string {
  return `fromUnixTimestamp64Nano(toInt64(${instant}), 'UTC')`;
}

/** SQL conditions by the name of the parameter that asks for them; `{name:String}` is its value. */
export type Filters = Readonly<Record<string, string>>;

/** The parameters of filters. */
export function filterInputs(filters: Filters): Record<string, typeof text> {
  return Object.fromEntries(Object.keys(filters).map((name) => [name, text]));
}

/** ` WHERE ...` of the filters that were asked for, or nothing. */
export function where(filters: Filters, asked: Readonly<Record<string, unknown>>, ...more: readonly string[]): string {
  const conditions = [...Object.entries(filters).filter(([name]) => asked[name] !== undefined && asked[name] !== '').map(([, sql]) => sql), ...more].filter((sql) => sql !== '');
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

/** The values that the filters name. */
export function filterValues(filters: Filters, asked: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.keys(filters).map((name) => [name, String(asked[name] ?? '')]));
}

/** The usual filters. */
export const byDomain = { domain: 'domain = {domain:String}' };
export const byRouter = { router: '{router:String} IN (router, router_name)' };

export interface ListSpec {
  readonly name: string;
  readonly path: string;
  readonly summary: string;
  readonly columns: Columns;
  /** The view, and where it has one the view at a time; or a SELECT of its own in parentheses, of now or of a time. */
  readonly view?: string;
  readonly atView?: string;
  readonly from?: string | ((instant: bigint | undefined) => string);
  readonly filters: Filters;
  readonly orderBy: string;
  /** Whether the answer counts its rows by state. */
  readonly states?: boolean;
}

/** A page of a view, filtered, in a fixed order. */
export function listResource(spec: ListSpec): Resource {
  const query = z.strictObject({ ...page(), ...filterInputs(spec.filters), ...(spec.atView === undefined && typeof spec.from !== 'function' ? {} : at) });
  return resource({
    name: spec.name, method: 'get', path: spec.path, summary: spec.summary, role: 'read', query,
    answer: listSchema(spec.columns, spec.states === true ? { states: z.record(z.string(), z.number()) } : {}),
    async handle({ store }, { query: asked, signal }) {
      const { limit, offset, at: instant, ...rest } = asked as { limit: number; offset: number; at?: bigint } & Record<string, unknown>;
      const source = typeof spec.from === 'function' ? spec.from(instant) : spec.from ?? viewAt(spec.view ?? '', instant, spec.atView);
      const from = `${source} AS v ${where(spec.filters, rest)}`;
      const values = filterValues(spec.filters, rest);
      const list = store.page(`SELECT ${selectList(spec.columns)} FROM ${from} ORDER BY ${spec.orderBy}`, values, { limit, offset }, signal);
      if (spec.states !== true) return list;
      const counts = store.rows(`SELECT toString(state) AS name, count() AS rows FROM ${from} GROUP BY name`, values, signal);
      const [rows, counted] = await Promise.all([list, counts]);
      return { ...rows, states: Object.fromEntries(counted.map((row) => [String(row['name']), Number(row['rows'])])) };
    },
  });
}
