/** The two kinds of inventory CSV: routers with their interfaces, and the neighbours that are expected. */
import { isIP } from 'node:net';
import { parseCsv } from './csv.ts';
import { UsageError } from './output.ts';

/** Columns of a file of routers; a router with several interfaces has several lines. */
export const routerColumns = ['name', 'site', 'role', 'system_id', 'router_ids', 'as_number', 'addresses', 'interface', 'interface_address', 'link', 'description', 'domain'] as const;
/** Columns of a file of expected neighbours, a line each. */
export const neighborColumns = ['protocol', 'router', 'neighbor', 'link', 'domain', 'removed'] as const;

const protocols = ['isis', 'ospfv2', 'ospfv3', 'bgp'] as const;
type Protocol = (typeof protocols)[number];

/** A row of `router_inventory`. */
export interface RouterRow {
  readonly domain: string;
  readonly name: string;
  readonly site: string;
  readonly role: string;
  readonly system_id: string;
  readonly as_number: number;
  readonly router_ids: readonly string[];
  readonly addresses: readonly string[];
}

/** A row of `interfaces`. */
export interface InterfaceRow {
  readonly domain: string;
  readonly router_name: string;
  readonly interface_name: string;
  readonly address: string;
  readonly link: string;
  readonly description: string;
}

/** A row of `expected_neighbors`, its routers as the file names them. */
export interface ExpectedRow {
  readonly domain: string;
  readonly protocol: Protocol;
  readonly router: string;
  readonly neighbor: string;
  readonly link: string;
  readonly removed: boolean;
  /** Where it stands, for messages. */
  readonly place: string;
}

export type InventoryFile =
  | { readonly kind: 'routers'; readonly routers: readonly RouterRow[]; readonly interfaces: readonly InterfaceRow[] }
  | { readonly kind: 'neighbors'; readonly expected: readonly ExpectedRow[] };

/** Fields of one line by column; empty ones are left out. */
interface Line {
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly place: string;
}

/** Reads a file of either kind, told apart by the column `neighbor`; UsageError names the line of a mistake. */
export function readInventory(text: string, file: string, domain: string): InventoryFile {
  const [header, ...rows] = parseCsv(text);
  if (header === undefined) throw new UsageError(`${file} is empty; its first line must name columns: ${routerColumns.join(', ')}; or ${neighborColumns.join(', ')}`);
  const names = header.map((name) => name.trim().toLowerCase());
  const ofNeighbors = names.includes('neighbor');
  checkHeader(names, `${file}, line 1`, ofNeighbors ? neighborColumns : routerColumns, ofNeighbors ? ['protocol', 'router', 'neighbor'] : ['name']);
  const lines = rows.map((row, index): Line => {
    const place = `${file}, line ${index + 2}`;
    if (row.length !== names.length) throw new UsageError(`${place}: ${row.length} fields where the header has ${names.length}`);
    return { place, fields: Object.fromEntries(names.map((name, i) => [name, row[i]!.trim()] as const).filter(([, value]) => value !== '')) };
  });
  if (ofNeighbors) return { kind: 'neighbors', expected: lines.map((line) => expectedRow(line, domain)) };
  return routerFile(lines, domain);
}

function checkHeader(names: readonly string[], place: string, known: readonly string[], needed: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UsageError(`${place}: unknown columns ${unknown.join(', ')}; known are ${known.join(', ')}`);
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  if (twice.length > 0) throw new UsageError(`${place}: the column ${twice.join(', ')} stands there twice`);
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new UsageError(`${place}: the column "${missing.join('", "')}" is missing`);
}

function expectedRow({ fields, place }: Line, domain: string): ExpectedRow {
  const { protocol, router, neighbor, link = '', removed = '' } = fields;
  const known = protocols.find((name) => name === protocol);
  if (known === undefined) throw new UsageError(`${place}: protocol "${protocol ?? ''}" is not known; known are ${protocols.join(', ')}`);
  if (router === undefined || neighbor === undefined) throw new UsageError(`${place}: ${router === undefined ? 'router' : 'neighbor'} is empty`);
  if (!['', 'true', 'false'].includes(removed)) throw new UsageError(`${place}: removed "${removed}" is neither true nor false`);
  return { domain: fields['domain'] ?? domain, protocol: known, router, neighbor, link, removed: removed === 'true', place };
}

function routerFile(lines: readonly Line[], domain: string): InventoryFile {
  for (const { fields, place } of lines) checkRouter(fields, place);
  const domainOf = ({ fields }: Line): string => fields['domain'] ?? domain;
  const nameOf = ({ fields }: Line): string => fields['name']!;
  const byName = Map.groupBy(lines, (line) => `${domainOf(line)}\n${nameOf(line)}`);
  const routers = [...byName.values()].map((group) => ({
    domain: domainOf(group[0]!), name: nameOf(group[0]!), site: first(group, 'site'), role: first(group, 'role'),
    system_id: first(group, 'system_id').toLowerCase(), as_number: Number(first(group, 'as_number') || 0),
    router_ids: words(group, 'router_ids'), addresses: [...new Set([...words(group, 'addresses'), ...words(group, 'interface_address')])],
  }));
  const interfaces = lines.filter(({ fields }) => fields['interface'] !== undefined).map((line) => ({
    domain: domainOf(line), router_name: nameOf(line), interface_name: line.fields['interface']!,
    address: line.fields['interface_address'] ?? '', link: line.fields['link'] ?? '', description: line.fields['description'] ?? '',
  }));
  return { kind: 'routers', routers, interfaces };
}

function checkRouter(fields: Line['fields'], place: string): void {
  const { name, as_number: asNumber, system_id: systemId } = fields;
  if (name === undefined) throw new UsageError(`${place}: the name is empty`);
  if (asNumber !== undefined && !(/^\d{1,10}$/.test(asNumber) && Number(asNumber) < 2 ** 32)) throw new UsageError(`${place}: as_number "${asNumber}" is no AS number`);
  if (systemId !== undefined && !isSystemId(systemId)) throw new UsageError(`${place}: system_id "${systemId}" is none: those look like 0000.0000.0001`);
  for (const column of ['router_ids', 'addresses', 'interface_address']) {
    const wrong = (fields[column] ?? '').split(/[\s;]+/).find((word) => word !== '' && isIP(word) === 0);
    if (wrong !== undefined) throw new UsageError(`${place}: ${column} holds "${wrong}", which is no address`);
  }
}

function first(group: readonly Line[], column: string): string {
  return group.find(({ fields }) => fields[column] !== undefined)?.fields[column] ?? '';
}

function words(group: readonly Line[], column: string): string[] {
  return [...new Set(group.flatMap(({ fields }) => (fields[column] ?? '').split(/[\s;]+/).filter((word) => word !== '')))];
}

/** A name by which routers are known to a protocol. */
export interface KnownName {
  readonly domain: string;
  readonly protocol: string;
  readonly name: string;
  readonly id: string;
}

/** The rows with every router by the protocol's own identity; UsageError where a name has none, or more than one. */
export function identified(expected: readonly ExpectedRow[], known: readonly KnownName[]): Omit<ExpectedRow, 'place'>[] {
  return expected.map(({ place, ...row }) => {
    const id = (text: string): string => {
      if (isIdentity(row.protocol, text)) return row.protocol === 'isis' ? text.toLowerCase() : text;
      const found = [...new Set(known.filter((one) => one.domain === row.domain && one.protocol === row.protocol && one.name === text).map((one) => one.id))];
      if (found.length === 1) return found[0]!;
      const form = row.protocol === 'isis' ? 'system id (0000.0000.0001)' : row.protocol === 'bgp' ? 'address' : 'router id (192.0.2.1)';
      throw new UsageError(found.length === 0
        ? `${place}: "${text}" is no ${form}, and no ${row.protocol} router of the domain "${row.domain}" is known by that name: import the routers first, or write the ${form}`
        : `${place}: "${text}" may be ${found.join(' or ')} in ${row.protocol}: write the ${form}`);
    };
    return { ...row, router: id(row.router), neighbor: id(row.neighbor) };
  });
}

function isIdentity(protocol: Protocol, text: string): boolean {
  if (protocol === 'isis') return isSystemId(text);
  return protocol === 'bgp' ? isIP(text) !== 0 : isIP(text) === 4;
}

function isSystemId(text: string): boolean {
  return /^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i.test(text);
}
