/** `routewatch inventory import`: names, sites, roles, ids, addresses, interfaces and expected neighbours from CSV. */
import type { ClickHouseClient } from '@clickhouse/client';
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { type ExpectedRow, type InventoryFile, type KnownName, identified, neighborColumns, readInventory, routerColumns } from '../lib/inventory-file.ts';
import { importExpected, withOperations } from '../lib/operations.ts';
import { UsageError, complain } from '../lib/output.ts';
import { defaultDataDir, readerOf } from '../lib/reader.ts';
import { withWriter } from '../lib/system.ts';

interface Options {
  readonly data: string;
  readonly domain: string;
  readonly json?: boolean;
}

export function inventory(program: Command): void {
  const command = program.command('inventory').description('who is who, and who should be whose neighbour: import FILE');
  command.command('import')
    .summary('import a CSV file of routers or of expected neighbours')
    .description('import a CSV file with a header line; a later import goes before an earlier one')
    .argument('<file>', 'CSV file, or - for standard input')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--domain <name>', 'domain of lines without one', 'default')
    .option('--json', 'the result as JSON')
    .addHelpText('after', `
Routers: ${routerColumns.join(', ')}.
Only name is needed; a router with several interfaces has several lines. Several router_ids or addresses are
separated by spaces. IS-IS routers are found by system_id (0000.0000.0001), OSPF routers by router_ids, BGP routers
by addresses; interfaces by their address, or where hellos have none by their link.
  name,site,role,system_id,router_ids,interface,interface_address
  ams1,Amsterdam,core,0000.0000.0001,192.0.2.1,ge-0/0/0,198.51.100.1
  ams1,,,,,ge-0/0/1,198.51.100.5

Expected neighbours (a file with the column neighbor): ${neighborColumns.join(', ')}.
protocol is isis, ospfv2, ospfv3 or bgp; router and neighbor are system ids, router ids, addresses, or names that are
known already. The command counts shows the column expected for lines with a link; lines without one count on
whatever link (the SQL view missing_neighbors). removed = true takes a line back.
  protocol,router,neighbor,link
  isis,ams1,lon1,ams1-lon1

Examples:
  routewatch inventory import routers.csv
  routewatch inventory import neighbors.csv && routewatch query "SELECT * FROM missing_neighbors"`)
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const read = readInventory(readText(file), file, options.domain);
  const counts = await withWriter(options.data, (writer, url) => insert(writer, read, options.data, () => knownNames(url)));
  if (options.json === true) process.stdout.write(`${JSON.stringify(counts)}\n`);
  else process.stdout.write(`${Object.entries(counts).map(([what, number]) => `${number} ${what.replace('_', ' ')}`).join(' and ')} imported\n`);
  if (read.kind === 'neighbors') hint(read.expected);
}

/** What was imported, by kind. */
async function insert(client: ClickHouseClient, file: InventoryFile, dataDir: string, names: () => Promise<KnownName[]>): Promise<Record<string, number>> {
  const put = async (table: string, values: readonly object[]): Promise<void> => {
    if (values.length > 0) await client.insert({ table: `routewatch.${table}`, values: [...values], format: 'JSONEachRow' });
  };
  if (file.kind === 'neighbors') {
    const entries = identified(file.expected, await names());
    await withOperations(dataDir, (operations) => importExpected(operations, client, entries));
    return { expected_neighbors: file.expected.length };
  }
  await put('router_inventory', file.routers);
  await put('interfaces', file.interfaces);
  return { routers: file.routers.length, interfaces: file.interfaces.length };
}

/** Names from the wire and from earlier imports, with the identity in each protocol. */
async function knownNames(url: string): Promise<KnownName[]> {
  const rows = await readerOf(url).rows(`
SELECT DISTINCT toString(domain) AS domain, toString(protocol) AS protocol, value AS name, toString(router) AS id
FROM router_names_state FINAL WHERE attribute = 'hostname'
UNION ALL
SELECT domain, protocol, name, id FROM (
  SELECT toString(domain) AS domain, name, arrayJoin(arrayConcat([('isis', system_id)], arrayMap(x -> ('ospfv2', x), router_ids),
    arrayMap(x -> ('ospfv3', x), router_ids), arrayMap(x -> ('bgp', x), addresses))) AS pair, pair.1 AS protocol, pair.2 AS id
  FROM router_inventory FINAL WHERE NOT removed)
WHERE id != ''`);
  return rows as unknown as KnownName[];
}

function hint(expected: readonly ExpectedRow[]): void {
  const anywhere = expected.filter(({ link, removed }) => link === '' && !removed).length;
  if (anywhere > 0) complain(`${anywhere} of them without a link: they count in the view missing_neighbors, not in the column expected of counts`);
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
