/** `routewatch events`: the newest events as lines; with --follow those that come. */
import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { printRows } from '../lib/output.ts';
import { defaultDataDir, withReader, type Reader } from '../lib/reader.ts';

const POLL_MS = 1000;

interface TimelineRow {
  readonly [column: string]: unknown;
  readonly time: string;
  readonly kind: string;
  readonly subject: string;
  readonly prev: string;
  readonly new: string;
  readonly reason: string;
  readonly event_id: string;
}

export function events(program: Command): void {
  program.command('events')
    .description('the newest events, oldest first')
    .option('-n, --lines <n>', 'how many', Number, 50)
    .option('-f, --follow', 'go on with those that come (until Ctrl-C)')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--json', 'one JSON object a line')
    .action(async (options: { lines: number; follow?: boolean; data: string; json?: boolean }) => {
      await withReader(options.data, (reader) => print(reader, options));
    });
}

async function print(reader: Reader, options: { lines: number; follow?: boolean; json?: boolean }): Promise<void> {
  const seen = new Set<string>();
  let interrupted = false;
  process.once('SIGINT', () => { interrupted = true; });
  do {
    const rows = (await reader.rows(
      'SELECT time, domain, if(router_name = \'\', router, router_name) AS router, kind, subject, prev, new, reason, event_id FROM timeline ORDER BY time DESC, event_id LIMIT {lines:UInt32}',
      { lines: options.lines },
    ) as unknown as TimelineRow[]).toReversed().filter((row) => !seen.has(row.event_id));
    for (const row of rows) seen.add(row.event_id);
    if (options.json === true) printRows(rows, 'ndjson');
    else for (const row of rows) process.stdout.write(`${row.time.slice(0, 23)} ${String(row['router'])} ${row.subject}: ${row.prev} -> ${row.new} (${row.reason})\n`);
    if (options.follow === true && !interrupted) await sleep(POLL_MS);
  } while (options.follow === true && !interrupted);
}
