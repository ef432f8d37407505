/** What is in the store of a system whose parts have ended, in a form in which two runs can be compared. */
import { quietClient } from '../../cli/lib/client.ts';
import { decodedTables as tables } from '../../decoders-wasm/contract/row-reader.ts';
import { type AuditReport, audit } from '../../stream/audit/index.ts';
import { openLog, readEndpoint } from './part.ts';
import { readSetup } from './setup.ts';
import { Supervisor } from './supervisor.ts';

/** Views whose content must be the same at the end. */
const views = ['adjacencies', 'sessions', 'rib', 'links', 'prefixes', 'nodes', 'neighbor_counts_now', 'lsdb'];
/** Columns that say when and where a row was written: these differ between two runs. */
const unstable = ['ingest_time', 'frame_offset', 'frame_index', 'frame_partition'];
/** What a change of decoders moves in the views of the graph: when it was last told that an object is there, and by which row. */
const movedByUpgrades: Readonly<Record<string, readonly string[]>> = Object.fromEntries(['links', 'prefixes', 'nodes'].map((view) => [view, ['since', 'changed', 'event_id']]));

/** Where wall clocks are set, it is chance which batch is the first with the new time. */
const CLOCK_STEP_NS = 3_600_000_000_000n;

export interface Content {
  /** Table and event id of every row that frames gave. */
  readonly ids: readonly string[];
  /** Rows that only say that another decoder reads the same frames otherwise, by what they say. */
  readonly upgrades: Readonly<Record<string, number>>;
  /** Each view's rows as text. */
  readonly views: ReadonlyMap<string, string>;
  /** Of each tap (`COLLECTOR TAP`) whose ring was full: how many rows say so. */
  readonly overflows: ReadonlyMap<string, number>;
  readonly audit: AuditReport;
}

/** `isUpgraded`: other decoders were in force for a while; `isStepped`: wall clocks were set by hours, and times are compared but for those. */
export async function contentOf(directory: string, { isUpgraded, isStepped }: { readonly isUpgraded: boolean; readonly isStepped: boolean }): Promise<Content> {
  const supervisor = new Supervisor(directory);
  await supervisor.start('store');
  const client = quietClient({ url: readEndpoint(directory).url });
  const text = async (query: string): Promise<string> => {
    try {
      return await (await client.query({ query, format: 'TabSeparated' })).text();
    } catch (error) {
      throw new Error(`the store of ${directory} does not answer ${query}: ${String(error)}`, { cause: error });
    }
  };
  const lines = async (query: string): Promise<string[]> => (await text(query)).split('\n').filter((line) => line !== '');
  const columns = async (table: string): Promise<string[]> => lines(`SELECT name FROM system.columns WHERE database = 'routewatch' AND table = '${table}' ORDER BY position`);
  try {
    const ids: string[] = [];
    const upgrades: Record<string, number> = {};
    for (const { name } of tables) {
      const hasReason = (await columns(name)).includes('reason');
      // What a loss says is in its id, so that a false one can be read.
      ids.push(...await lines(`SELECT '${name}', event_id${name === 'coverage_events' ? ", what, tap, detail" : ''} FROM routewatch.${name} ${hasReason ? "WHERE reason != 'decoder-upgrade'" : ''} ORDER BY event_id`));
      if (name !== 'topology_changes') continue;
      for (const line of await lines(`SELECT change, count() FROM routewatch.${name} WHERE reason = 'decoder-upgrade' AND field = 'exists' GROUP BY change ORDER BY change`)) {
        const [change, count] = line.split('\t') as [string, string];
        upgrades[change] = Number(count);
      }
    }
    const found = new Map<string, string>();
    for (const view of views) {
      const leave = [...unstable, ...(isUpgraded ? movedByUpgrades[view] ?? [] : [])];
      const times = !isStepped ? [] : await lines(`SELECT name FROM system.columns WHERE database = 'routewatch' AND table = '${view}' AND type LIKE 'DateTime64%'`);
      const stable = (await columns(view)).filter((name) => !leave.includes(name)).map((name) => (times.includes(name) ? `toUnixTimestamp64Nano(toDateTime64(\`${name}\`, 9)) % ${CLOCK_STEP_NS} AS \`${name}\`` : `\`${name}\``)).join(', ');
      found.set(view, await text(`SELECT ${stable} FROM routewatch.${view} ORDER BY ALL`));
    }
    const overflows = new Map((await lines("SELECT concat(collector, ' ', tap), count() FROM routewatch.coverage_events WHERE what = 'gap' AND detail LIKE '%ring-full%' GROUP BY collector, tap")).map((line) => {
      const [tap, count] = line.split('\t') as [string, string];
      return [tap, Number(count)] as const;
    }));
    return { ids, upgrades, views: found, overflows, audit: await auditOf(directory) };
  } finally {
    await client.close();
    await supervisor.end();
  }
}

/** The audit of a directory whose store runs. */
export async function auditOf(directory: string): Promise<AuditReport> {
  const log = await openLog(directory);
  const client = quietClient({ url: readEndpoint(directory).url });
  try {
    return await audit({ log, partitions: readSetup(directory).partitions, rows: async (query) => (await client.query({ query, format: 'JSONEachRow' })).json<Record<string, unknown>>() });
  } finally {
    await client.close();
    await log.close();
  }
}

/** Views that are not the same, each with the first rows that only one of the two has. */
export function differentViews(a: Content, b: Content): string[] {
  const lines = (content: Content, view: string): string[] => content.views.get(view)!.split('\n');
  return views.filter((view) => a.views.get(view) !== b.views.get(view)).map((view) => {
    const [inA] = without(lines(a, view), lines(b, view));
    const [inB] = without(lines(b, view), lines(a, view));
    return `${view}: undisturbed ${inA ?? 'has all of it'}, disturbed ${inB ?? 'has all of it'}`;
  });
}

/** The multiset of `a` without that of `b`. */
export function without(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const id of b) left.set(id, (left.get(id) ?? 0) + 1);
  return a.filter((id) => {
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    return count <= 0;
  });
}
