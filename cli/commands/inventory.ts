/** `routewatch inventory import`: names, sites, roles, ids, addresses and interfaces from CSV. */
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { quietClient } from '../lib/client.ts';
import { UsageError } from '../lib/output.ts';
import { defaultDataDir } from '../lib/reader.ts';
import { System } from '../lib/system.ts';
import { parseCsv } from '../lib/csv.ts';

/** Columns of the file; a router with several interfaces has several lines. */
const columns = ['name', 'site', 'role', 'system_id', 'router_ids', 'as_number', 'addresses', 'interface', 'interface_address', 'link', 'description', 'domain'] as const;

type Line = Partial<Record<(typeof columns)[number], string>> & { readonly line: number };

export function inventory(program: Command): void {
  const command = program.command('inventory').description('who is who: names, sites, roles, ids, addresses, interfaces');
  command.command('import')
    .summary('import a CSV file')
    .description('import a CSV file with a header line; a router with several interfaces has several lines, and a later import goes before an earlier one')
    .argument('<file>', 'CSV file, or - for standard input')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--domain <name>', 'domain of lines without one', 'default')
    .option('--json', 'the result as JSON')
    .addHelpText('after', `
Columns: ${columns.join(', ')}.
Only name is needed. Several router_ids or addresses are separated by spaces. IS-IS routers are found by
system_id (0000.0000.0001), OSPF routers by router_ids, BGP routers by addresses, interfaces by their address.

Example file:
  name,site,role,system_id,router_ids,interface,interface_address
  ams1,Amsterdam,core,0000.0000.0001,192.0.2.1,ge-0/0/0,198.51.100.1
  ams1,,,,,ge-0/0/1,198.51.100.5

Examples:
  routewatch inventory import routers.csv
  mysql -B ... | tr '\\t' , | routewatch inventory import -`)
    .action(run);
}

async function run(file: string, options: { data: string; domain: string; json?: boolean }): Promise<void> {
  const lines = readInventory(readText(file), file);
  const words = (text: string | undefined): string[] => (text ?? '').split(/[\s;]+/).filter((word) => word !== '');
  const byName = Map.groupBy(lines, (line) => `${line.domain ?? options.domain}\n${line.name}`);
  const routers = [...byName.values()].map((group) => ({
    domain: group[0]!.domain ?? options.domain, name: group[0]!.name, site: first(group, 'site'), role: first(group, 'role'),
    system_id: first(group, 'system_id').toLowerCase(), as_number: Number(first(group, 'as_number') || 0),
    router_ids: [...new Set(group.flatMap((line) => words(line.router_ids)))],
    addresses: [...new Set(group.flatMap((line) => [...words(line.addresses), ...words(line.interface_address)]))],
  }));
  const interfaces = lines.filter((line) => line.interface !== undefined).map((line) => ({
    domain: line.domain ?? options.domain, router_name: line.name, interface_name: line.interface,
    address: line.interface_address ?? '', link: line.link ?? '', description: line.description ?? '',
  }));
  const system = await System.start({ dataDir: options.data });
  const client = quietClient({ url: system.store.url, username: 'writer', password: system.store.writerToken });
  try {
    await client.insert({ table: 'routewatch.router_inventory', values: routers, format: 'JSONEachRow' });
    if (interfaces.length > 0) await client.insert({ table: 'routewatch.interfaces', values: interfaces, format: 'JSONEachRow' });
    process.stdout.write(options.json === true ? `${JSON.stringify({ routers: routers.length, interfaces: interfaces.length })}\n` : `${routers.length} routers and ${interfaces.length} interfaces imported\n`);
  } finally {
    await client.close();
    await system.stop();
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function first(group: readonly Line[], column: 'site' | 'role' | 'system_id' | 'as_number'): string {
  return group.find((line) => line[column] !== undefined)?.[column] ?? '';
}

/** The lines by column name; every mistake is told with its line. */
function readInventory(text: string, file: string): Line[] {
  const [header, ...rows] = parseCsv(text);
  if (header === undefined) throw new UsageError(`${file} is empty; its first line must name columns: ${columns.join(', ')}`);
  const names = header.map((name) => name.trim().toLowerCase());
  const unknown = names.filter((name) => !columns.includes(name as (typeof columns)[number]));
  if (unknown.length > 0) throw new UsageError(`${file}, line 1: unknown columns ${unknown.join(', ')}; known are ${columns.join(', ')}`);
  if (!names.includes('name')) throw new UsageError(`${file}, line 1: the column "name" is missing`);
  return rows.map((row, index) => {
    const line = index + 2;
    if (row.length !== names.length) throw new UsageError(`${file}, line ${line}: ${row.length} fields where the header has ${names.length}`);
    const fields = Object.fromEntries(names.map((name, i) => [name, row[i]!.trim()]).filter(([, value]) => value !== ''));
    if (fields['name'] === undefined) throw new UsageError(`${file}, line ${line}: the name is empty`);
    if (fields['as_number'] !== undefined && !/^\d{1,10}$/.test(fields['as_number'])) throw new UsageError(`${file}, line ${line}: as_number "${fields['as_number']}" is no number`);
    return { ...fields, line } as Line;
  });
}
