/** `routewatch query`: one SELECT over everything. */
import { type Command, Option } from 'commander';
import { printRows, type Format } from '../lib/output.ts';
import { defaultDataDir, withReader } from '../lib/reader.ts';

export function query(program: Command): void {
  program.command('query')
    .description('run one SELECT on the store')
    .argument('<sql>', 'the statement; docs/sql-cookbook.md has worked questions')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .addOption(new Option('--format <format>', 'how rows are printed').choices(['table', 'csv', 'json', 'ndjson']).default('table'))
    .option('--json', 'the same as --format json')
    .action(async (sql: string, options: { data: string; format: Format; json?: boolean }) => {
      const rows = await withReader(options.data, (reader) => reader.rows(sql));
      printRows(rows, options.json === true ? 'json' : options.format);
    });
}
