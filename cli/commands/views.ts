/** The questions that have a command of their own: adjacencies, counts, sessions, routes, topology, timeline, coverage. */
import { type Command, Option } from 'commander';
import { printRows, type Format, type Record_ } from '../lib/output.ts';
import { defaultDataDir, withReader, type Reader } from '../lib/reader.ts';
import { parseTime, sqlTime } from '../lib/time.ts';

interface View {
  readonly name: string;
  readonly description: string;
  readonly argument?: readonly [string, string];
  /** `at` is a SQL instant, or undefined for now. */
  readonly sql: (at: string | undefined) => string;
  readonly parameters?: (argument: string) => Record<string, unknown>;
}

const from = (view: string, at: string | undefined): string => (at === undefined ? view : `${view}_at(at = ${at})`);

/** One entry a command. */
const commands: readonly View[] = [
  {
    name: 'adjacencies', description: 'each router\'s view of each IGP neighbour',
    sql: (at) => `SELECT protocol, level, area, router_name, router, neighbor_name, neighbor, link, vlan, state, reason, since FROM ${from('adjacencies', at)} ORDER BY protocol, level, area, router, neighbor, link`,
  },
  {
    name: 'counts', description: 'neighbours of each router, by link',
    sql: (at) => `SELECT protocol, router_name, router, level, area, link, adjacencies, neighbors, full, two_way, coverage, time FROM ${at === undefined ? 'neighbor_counts_now' : from('neighbor_counts', at)} ORDER BY protocol, router, level, area, link`,
  },
  {
    name: 'sessions', description: 'BGP sessions, a row for each end',
    sql: (at) => `SELECT router, router_as, peer, peer_as, state, reason, shutdown_text, since FROM ${from('sessions', at)} ORDER BY router, peer`,
  },
  {
    name: 'routes', description: 'who announces a prefix to whom', argument: ['<prefix>', 'a prefix such as 192.0.2.0/24 or 2001:db8::/32; % stands for anything'],
    sql: (at) => `SELECT sender, receiver, prefix, path_id, as_path_text, next_hop, origin, med, local_pref, communities, large_communities, stale, since FROM ${from('rib', at)} WHERE prefix LIKE {prefix:String} ORDER BY prefix, sender, receiver, path_id`,
    parameters: (prefix) => ({ prefix }),
  },
  {
    name: 'topology', description: 'the links of the graph, as the link-state databases have them',
    sql: (at) => `SELECT * FROM ${from('links', at)} ORDER BY ALL`,
  },
  {
    name: 'timeline', description: 'all that happened, in order of time',
    sql: (at) => `SELECT time, domain, if(router_name = '', router, router_name) AS router, kind, subject, prev, new, reason, event_id FROM timeline ${at === undefined ? '' : `WHERE time <= ${at} `}ORDER BY time DESC LIMIT 200`,
  },
  {
    name: 'coverage', description: 'whether we could see: taps opened, closed, lost; gaps',
    sql: (at) => `SELECT time, tap, what, subject, \`from\`, \`to\`, lost, detail FROM coverage_events ${at === undefined ? '' : `WHERE time <= ${at} `}ORDER BY time, tap, what`,
  },
];

export function views(program: Command): void {
  for (const view of commands) register(program, view);
}

function register(program: Command, view: View): void {
  const command = program.command(view.name).description(view.description);
  if (view.argument !== undefined) command.argument(...view.argument);
  command
    .option('--at <time>', 'as it was then: 2026-11-21T02:19:15Z, seconds since 1970, or "5m ago"')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .addOption(new Option('--format <format>', 'how rows are printed').choices(['table', 'csv', 'json', 'ndjson']).default('table'))
    .option('--json', 'the same as --format json')
    .action(async (...given: unknown[]) => {
      const argument = view.argument === undefined ? undefined : String(given[0]);
      const options = given[view.argument === undefined ? 0 : 1] as { at?: string; data: string; format: Format; json?: boolean };
      const at = options.at === undefined ? undefined : sqlTime(parseTime(options.at));
      const rows = await withReader(options.data, (reader: Reader): Promise<Record_[]> => (
        reader.rows(view.sql(at), argument === undefined ? {} : view.parameters?.(argument))));
      printRows(rows, options.json === true ? 'json' : options.format);
    });
}
