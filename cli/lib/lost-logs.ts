/** Logs whose rows are in the store although they are gone themselves: told once, and by every audit. */
import type { ClickHouseClient } from '@clickhouse/client';
import { eventsTopic } from '../../stream/contract/log.ts';
import { REPORTS_PARTITION } from '../../stream/contract/report.ts';
import { ensureManifest, openAll, writeManifest } from '../../stream/log/embedded/manifest.ts';

interface Stranger {
  readonly log_id: string;
  readonly cuts: number;
  readonly total: number;
  readonly newest: string;
}

/** A message for each log that the ledger names, is not here, and was not told of before. */
export async function newlyLost(directory: string, client: ClickHouseClient): Promise<string[]> {
  const manifest = ensureManifest(directory);
  const here = await identities(directory);
  const answer = await client.query({
    query: `SELECT log_id, toUInt32(count()) AS cuts, toFloat64(sum(arraySum(mapValues(rows)))) AS total, toString(max(ingest_time)) AS newest
      FROM routewatch.ledger WHERE NOT startsWith(log_id, 'redecode/') AND partition != ${REPORTS_PARTITION} GROUP BY log_id ORDER BY newest`,
    format: 'JSONEachRow',
  });
  const found = (await answer.json<Stranger>()).filter(({ log_id: id }) => !here.has(id) && !manifest.lost.includes(id));
  if (found.length === 0) return [];
  writeManifest(directory, { ...manifest, lost: [...manifest.lost, ...found.map(({ log_id: id }) => id)] });
  return found.map(({ log_id: id, cuts, total, newest }) => `the store holds ${total} rows (${cuts} cuts, the last at ${newest.slice(0, 19)} UTC) of log ${id}, which is not in ${directory}: it was lost or replaced. `
    + `Its rows stay, and a new log goes on. What was in that log and not yet in the store is lost, and captures that were replayed into it would give their rows again: replay only what comes after (docs/operations.md)`);
}

/** Ids of the events logs of every generation. */
async function identities(directory: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (const { log } of await openAll(directory)) {
    found.add(await log.identity(eventsTopic));
    await log.close();
  }
  return found;
}
