/** `routewatch query`: one SELECT over everything. */
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Format } from '../lib/output.ts';
import { defaultDataDir, withReader } from '../lib/reader.ts';

export function query(program: Command): void {
  program.command('query')
    .description('run one SELECT on the store')
    .argument('<sql>', 'the statement, or - for standard input')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .addOption(new Option('--format <format>', 'how rows are printed; FORMAT in the statement goes before').choices(['table', 'csv', 'json', 'ndjson']).default('table'))
    .option('--json', 'the same as --format json')
    .addHelpText('after', `
EVENTS.md has tables and columns, docs/sql-cookbook.md worked questions. Views of the past take a time:
routewatch.adjacencies_at(at = '2026-11-21 02:19:00').

Examples:
  routewatch query "SELECT router_name, neighbor_name, state, reason FROM adjacencies WHERE state != 'up'"
  routewatch query "SHOW TABLES"
  routewatch query "SELECT count() FROM route_changes" --format ndjson
  routewatch query "SELECT * FROM timeline ORDER BY time DESC LIMIT 1 FORMAT Vertical"`)
    .action(async (sql: string, options: { data: string; format: Format; json?: boolean }) => {
      const statement = sql === '-' ? readFileSync(0, 'utf8') : sql;
      await withReader(options.data, (reader) => reader.print(statement, {}, options.json === true ? 'json' : options.format));
    });
}
