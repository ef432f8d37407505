/** Takes the rows of a second decoding over: partition by partition, with the ledger put right, and again after a crash. */
import type { ClickHouseClient } from '@clickhouse/client';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { faultPoint } from '../../stream/contract/fault-points.ts';
import type { Compared } from './redecode.ts';

const swapPlan = z.object({
  run: z.string().regex(/^[0-9a-f]{8}$/),
  steps: z.array(z.object({ table: z.string(), months: z.array(z.string().regex(/^\d{6}$/)) })),
});

export type SwapPlan = z.infer<typeof swapPlan>;

/** A swap that was begun and not finished; nothing else may write to the store before it is. */
export function openSwap(dataDir: string): SwapPlan | undefined {
  const file = planFile(dataDir);
  return existsSync(file) ? swapPlan.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/**
 * Builds the partitions as they shall be beside those that are: what stays, what changed (with the ingest time and
 * locator of the row it replaces, so that its cut keeps its count), and what is new, under an ingest time of the run's
 * own. The plan is written last; from then on the swap is finished, if need be by the next command.
 */
export async function prepareSwap(client: ClickHouseClient, dataDir: string, { run, source, touched }: { readonly run: string; readonly source: string; readonly touched: readonly Compared[] }): Promise<SwapPlan> {
  const suffix = `__${run}`;
  const cutNs = BigInt(Date.now()) * 1_000_000n;
  const cut = `fromUnixTimestamp64Nano(toInt64('${cutNs}'), 'UTC')`;
  const run_ = (query: string): Promise<unknown> => client.command({ query, clickhouse_settings: { insert_deduplicate: 0 } });
  const corrections = `routewatch.ledger_corrections${suffix}`;
  await run_(`CREATE TABLE ${corrections} AS routewatch.ledger`);
  const steps: SwapPlan['steps'] = [];
  for (const { table, columns } of touched) {
    const [live, staged, out, made] = [`routewatch.${table}`, `routewatch.${table}${suffix}`, `routewatch.${table}${suffix}_out`, `routewatch.${table}${suffix}_new`];
    const ids = (...what: string[]): string => `(SELECT event_id FROM ${out} WHERE what IN (${what.map((one) => `'${one}'`).join(', ')}))`;
    const answer = await client.query({ query: `SELECT DISTINCT month FROM (SELECT toString(toYYYYMM(ingest_time)) AS month FROM ${live} WHERE event_id IN ${ids('gone', 'changed')}
      UNION ALL SELECT toString(toYYYYMM(${cut})) FROM ${out} WHERE what = 'added') ORDER BY month`, format: 'JSONEachRow' });
    const months = (await answer.json<{ month: string }>()).map(({ month }) => month);
    const names = columns.map((name) => `\`${name}\``).join(', ');
    await run_(`CREATE TABLE ${made} AS ${live}`);
    await run_(`INSERT INTO ${made} (${names}) SELECT ${names} FROM ${live} WHERE toString(toYYYYMM(ingest_time)) IN (${months.map((month) => `'${month}'`).join(', ')}) AND event_id NOT IN ${ids('gone', 'changed')}`);
    const kept = ['ingest_time', 'frame_partition', 'frame_offset', 'frame_index'];
    await run_(`INSERT INTO ${made} (${names}) SELECT ${columns.map((name) => (kept.includes(name) ? `l.\`${name}\`` : `s.\`${name}\``)).join(', ')}
      FROM (SELECT * FROM ${staged} WHERE event_id IN ${ids('changed')}) AS s INNER JOIN (SELECT event_id, ${kept.join(', ')} FROM ${live} WHERE event_id IN ${ids('changed')}) AS l ON s.event_id = l.event_id`);
    await run_(`INSERT INTO ${made} (${names}) SELECT ${columns.map((name) => (name === 'ingest_time' ? cut : `\`${name}\``)).join(', ')} FROM ${staged} WHERE event_id IN ${ids('added')}`);
    const correct = (owner: string, from: string, what: string, time: string): Promise<unknown> => run_(`INSERT INTO ${corrections} (log_id, partition, owner, first_offset, last_offset, end_offset, end_rows, token, rows, ingest_time)
      SELECT 'redecode/${run}/${source}', frame_partition, '${owner}', 0, 0, 0, 0, 'redecode/${run}', map('${table}', count()), ${time} AS at FROM ${from} WHERE event_id IN ${ids(what)} GROUP BY frame_partition, at`);
    await correct('gone', live, 'gone', 'ingest_time');
    await correct('added', staged, 'added', cut);
    steps.push({ table, months });
  }
  const plan: SwapPlan = { run, steps };
  const temporary = `${planFile(dataDir)}.new`;
  writeFileSync(temporary, `${JSON.stringify(plan, undefined, 2)}\n`);
  const descriptor = openSync(temporary, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(temporary, planFile(dataDir));
  return plan;
}

/** Replaces the partitions, then what is derived from them, then the ledger; each step may be done twice. */
export async function finishSwap(client: ClickHouseClient, dataDir: string, { run, steps }: SwapPlan): Promise<void> {
  const suffix = `__${run}`;
  const run_ = (query: string): Promise<unknown> => client.command({ query, clickhouse_settings: { mutations_sync: '2', insert_deduplicate: 0 } });
  for (const { table, months } of steps) {
    for (const month of months) await run_(`ALTER TABLE routewatch.${table} REPLACE PARTITION ${month} FROM routewatch.${table}${suffix}_new`);
    faultPoint('swap:replaced');
    for (const { target, select } of await viewsOf(client, table)) {
      await run_(`ALTER TABLE ${target} DELETE WHERE event_id IN (SELECT event_id FROM routewatch.${table}${suffix}_out)`);
      const answer = await client.query({ query: `SELECT name FROM system.columns WHERE database = 'routewatch' AND table = '${target.split('.')[1]!}' AND default_kind NOT IN ('ALIAS', 'MATERIALIZED') ORDER BY position`, format: 'JSONEachRow' });
      const names = (await answer.json<{ name: string }>()).map(({ name }) => `\`${name}\``).join(', ');
      await run_(`INSERT INTO ${target} (${names}) SELECT ${names} FROM (${select})`);
    }
  }
  await run_(`INSERT INTO routewatch.ledger SELECT * FROM routewatch.ledger_corrections${suffix} WHERE log_id NOT IN (SELECT log_id FROM routewatch.ledger)`);
  faultPoint('swap:ledger');
  rmSync(planFile(dataDir));
  for (const { table } of steps) for (const end of ['_out', '_new', '']) await run_(`DROP TABLE IF EXISTS routewatch.${table}${suffix}${end}`);
  await run_(`DROP TABLE IF EXISTS routewatch.ledger_corrections${suffix}`);
}

/** The materialized views over a table: they see inserts only, so their targets are made right by hand. */
async function viewsOf(client: ClickHouseClient, table: string): Promise<{ target: string; select: string }[]> {
  const answer = await client.query({ query: `SELECT create_table_query AS ddl, as_select AS query FROM system.tables WHERE database = 'routewatch' AND engine = 'MaterializedView'`, format: 'JSONEachRow' });
  return (await answer.json<{ ddl: string; query: string }>()).filter(({ query }) => new RegExp(`FROM routewatch\\.\`?${table}\`?(?:\\s|$)`).test(query))
    .map(({ ddl, query }) => ({ target: / TO (routewatch\.\w+)/.exec(ddl)![1]!, select: query }));
}

function planFile(dataDir: string): string {
  return join(dataDir, 'redecode.json');
}
