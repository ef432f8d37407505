/** The questions that have a command of their own: adjacencies, counts, sessions, routes, topology, timeline, alerts, coverage. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Format } from '../lib/output.ts';
import { prefixCondition, type RouteMatch } from '../lib/prefix.ts';
import { defaultDataDir, withReader } from '../lib/reader.ts';
import type { SqlParameters } from '../lib/sql.ts';
import { parseTime, sqlTime } from '../lib/time.ts';

interface ViewOptions extends RouteMatch {
  readonly at?: string;
  readonly data: string;
  readonly format: Format;
  readonly json?: boolean;
  readonly lines?: number;
  readonly all?: boolean;
}

interface View {
  readonly name: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly argument?: readonly [string, string];
  readonly options?: readonly Option[];
  /** `at` is a SQL instant, or undefined for now. */
  readonly sql: (at: string | undefined, argument: string, options: ViewOptions) => { readonly sql: string; readonly parameters?: SqlParameters };
}

/** A view of now, or as it was at an instant. */
const from = (view: string, at: string | undefined): string => (at === undefined ? view : `routewatch.${view}_at(at = ${at})`);

/** Order of the timeline; rows of one instant stand as they were decided. */
const orderColumns = ['time', 'decided_time', 'frame_offset', 'frame_index', 'ordinal', 'event_id'];
export const oldestFirst = orderColumns.join(', ');
export const newestFirst = orderColumns.map((column) => `${column} DESC`).join(', ');

const lines = new Option('-n, --lines <n>', 'the newest n').argParser(count).default(200);

/** One entry a command. */
const commands: readonly View[] = [
  {
    name: 'adjacencies', description: 'each router\'s view of each IGP neighbour', examples: ['', '--at "5m ago"', '--json | jq \'.[] | select(.state == "down")\''],
    sql: (at) => ({ sql: `SELECT protocol, level, area, router_name, router, neighbor_name, neighbor, interface_name, link, vlan, state, reason, since FROM ${from('adjacencies', at)} ORDER BY protocol, level, area, router, neighbor, link, vlan` }),
  },
  {
    name: 'counts', description: 'neighbours of each router, by link', examples: ['', '--at 2026-11-21T02:19:15Z'],
    sql: (at) => ({ sql: `SELECT protocol, router_name, router, level, area, link, adjacencies, neighbors, full, two_way, expected, coverage, time FROM ${at === undefined ? 'neighbor_counts_now' : from('neighbor_counts', at)} ORDER BY protocol, router, level, area, link` }),
  },
  {
    name: 'sessions', description: 'BGP sessions, a row for each end', examples: ['', '--at "1h ago" --format csv'],
    sql: (at) => ({ sql: `SELECT router, router_as, peer, peer_as, state, reason, shutdown_text, since FROM ${from('sessions', at)} ORDER BY router, peer` }),
  },
  {
    name: 'routes', description: 'who announces a prefix to whom', argument: ['<prefix>', 'a prefix such as 192.0.2.0/24 or 2001:db8::/32, or an address; % stands for anything'],
    examples: ['192.0.2.0/24', '192.0.2.7 --longest', '198.51.100.0/24 --covering --at "10m ago"', '10.0.0.0/8 --covered', '%'],
    options: [
      new Option('--covered', 'also more specific prefixes within it'),
      new Option('--covering', 'also less specific prefixes that hold it'),
      new Option('--longest', 'of those that hold it only the most specific: what a packet to it would follow'),
    ],
    sql: (at, argument, options) => {
      const { where, parameters } = prefixCondition(argument, options);
      const columns = 'sender, receiver, prefix, path_id, as_path_text, next_hop, origin, med, local_pref, communities, large_communities, stale, since';
      return { sql: `SELECT ${columns} FROM ${from('rib', at)} WHERE ${where} ORDER BY prefix_address, prefix_length, sender, receiver, path_id`, parameters };
    },
  },
  {
    name: 'topology', description: 'the links of the graph, as the link-state databases have them', examples: ['', '--at 2026-11-21T02:19:15Z --json'],
    sql: (at) => ({ sql: `SELECT protocol, level, area, router_name, router, neighbor_name, neighbor, metric, since, changed FROM ${from('links', at)} ORDER BY protocol, level, area, router, neighbor, link_key` }),
  },
  {
    name: 'timeline', description: 'all that happened, in order of time', examples: ['', '--at "5m ago" -n 20', '--json'], options: [lines],
    sql: (at, _, options) => ({
      sql: `SELECT time, domain, if(router_name = '', router, router_name) AS router, kind, subject, prev, new, reason, event_id FROM (SELECT * FROM timeline ${at === undefined ? '' : `WHERE time <= ${at} `}ORDER BY ${newestFirst} LIMIT {lines:UInt32}) ORDER BY ${oldestFirst}`,
      parameters: { lines: options.lines ?? 200 },
    }),
  },
  {
    name: 'alerts', description: 'what fires', examples: ['', '--at "1h ago"', '--all --json'],
    options: [new Option('--all', 'also what is part of an incident')],
    sql: (at, _, options) => ({ sql: `SELECT since, severity, rule, subject, reason, if(told, 'yes', untold) AS told, summary FROM ${from('open_alerts', at)} ${options.all === true ? '' : "WHERE untold != 'incident' "}ORDER BY since, rule, subject` }),
  },
  {
    name: 'coverage', description: 'whether we could see: taps opened, closed, lost; gaps', examples: ['', '--at "1h ago"'],
    sql: (at) => ({ sql: `SELECT time, tap, what, subject, \`from\`, if(toUnixTimestamp(\`to\`) = 0, NULL, \`to\`) AS \`to\`, lost, detail FROM coverage_events ${at === undefined ? '' : `WHERE time <= ${at} `}ORDER BY time, tap, what` }),
  },
];

export function views(program: Command): void {
  for (const view of commands) register(program, view);
}

function register(program: Command, view: View): void {
  const command = program.command(view.name).description(view.description);
  if (view.argument !== undefined) command.argument(...view.argument);
  for (const option of view.options ?? []) command.addOption(option);
  command
    .option('--at <time>', 'as it was then: 2026-11-21T02:19:15Z, seconds since 1970, or "5m ago"')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .addOption(new Option('--format <format>', 'how rows are printed').choices(['table', 'csv', 'json', 'ndjson']).default('table'))
    .option('--json', 'the same as --format json')
    .addHelpText('after', `\nExamples:\n${view.examples.map((example) => `  routewatch ${view.name} ${example}`.trimEnd()).join('\n')}`)
    .action(async (...given: unknown[]) => {
      const argument = view.argument === undefined ? '' : String(given[0]);
      const options = given[view.argument === undefined ? 0 : 1] as ViewOptions;
      const at = options.at === undefined ? undefined : sqlTime(parseTime(options.at));
      const { sql, parameters = {} } = view.sql(at, argument, options);
      await withReader(options.data, (reader) => reader.print(sql, parameters, options.json === true ? 'json' : options.format));
    });
}

/** A positive whole number of an option. */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('a whole number from 1 is needed, such as 50');
  return Number(text);
}
