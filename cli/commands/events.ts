/** `routewatch events`: the newest events as lines; with --follow those that come. */
import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { onInterrupt } from '../lib/interrupt.ts';
import { type Record_, harmless, writeOut } from '../lib/output.ts';
import { type Reader, defaultDataDir, withReader } from '../lib/reader.ts';
import { runningSystem } from '../lib/system.ts';
import { count, newestFirst } from './views.ts';

const POLL_MS = 1000;
/** Rows of one look at most: more than that within a second are told by the next looks. */
const MOST_ROWS = 5000;

interface Options {
  readonly lines: number;
  readonly follow?: boolean;
  readonly data: string;
  readonly json?: boolean;
}

const columns = 'time, domain, if(router_name = \'\', router, router_name) AS router, kind, subject, prev, new, reason, toString(event_id) AS event_id';

export function events(program: Command): void {
  program.command('events')
    .description('the newest events, oldest first')
    .option('-n, --lines <n>', 'how many', count, 50)
    .option('-f, --follow', 'go on with those that come (until Ctrl-C); needs routewatch up or replay at work')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', `
Examples:
  routewatch events -n 20
  routewatch events --follow --json | jq -r 'select(.kind == "adjacency") | .subject'`)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const interrupt = onInterrupt();
  await withReader(options.data, async (reader) => {
    const seen = new Set<string>();
    let newest = await tell(reader, `SELECT ${columns} FROM timeline ORDER BY ${newestFirst} LIMIT ${options.lines}`, seen, options);
    while (options.follow === true && !interrupt.signal.aborted) {
      await sleep(POLL_MS, undefined, { signal: interrupt.signal }).catch(() => undefined);
      if (interrupt.signal.aborted || await runningSystem(options.data) === undefined) return;
      // Two partitions may tell one after the other: a minute is looked at again.
      const since = newest === undefined ? '' : `WHERE time > toDateTime64('${newest}', 9, 'UTC') - INTERVAL 1 MINUTE `;
      newest = await tell(reader, `SELECT ${columns} FROM timeline ${since}ORDER BY ${newestFirst} LIMIT ${MOST_ROWS}`, seen, options) ?? newest;
    }
  });
}

/** Prints the rows that have not been seen, oldest first; the newest time of all. */
async function tell(reader: Reader, sql: string, seen: Set<string>, { json }: Options): Promise<string | undefined> {
  const rows = (await reader.rows(sql)).toReversed();
  const fresh = rows.filter((row) => !seen.has(String(row['event_id'])));
  for (const row of fresh) seen.add(String(row['event_id']));
  if (fresh.length > 0) await writeOut(fresh.map((row) => `${json === true ? JSON.stringify(row) : line(row)}\n`).join(''));
  return rows.length === 0 ? undefined : String(rows.at(-1)!['time']);
}

function line(row: Record_): string {
  const text = (name: string): string => String(row[name] ?? '');
  const who = text('router') === '' ? text('kind') : text('router');
  const change = text('prev') === '' ? text('new') : `${text('prev')} -> ${text('new')}`;
  return harmless(`${text('time').slice(0, 23)} ${who} ${text('subject')}: ${change}${text('reason') === '' ? '' : ` (${text('reason')})`}`);
}
