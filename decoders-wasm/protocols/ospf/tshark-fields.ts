/** An explained packet in tshark's field names, value by value, so that both can be compared. */
import type { ExplainedPacket } from './testing.ts';

/** Values by tshark's field (without `ospf.`), each list in the order of the packet. */
export type Fields = Map<string, string[]>;

/** The fields compared; tshark has more names for the same bytes. */
export const comparedFields = [
  'version', 'srcrouter', 'area_id', 'checksum', 'auth.type', 'auth.crypt.key_id', 'auth.crypt.data_length', 'auth.crypt.seq_nbr',
  'hello.network_mask', 'hello.hello_interval', 'hello.router_priority', 'hello.router_dead_interval', 'hello.designated_router',
  'hello.backup_designated_router', 'hello.active_neighbor', 'db.interface_mtu', 'dbd', 'db.dd_sequence', 'v2.options',
  'ls.number_of_lsas', 'lsa.age', 'lsa', 'lsa.id', 'link_state_id', 'advrouter', 'lsa.seqnum', 'lsa.chksum', 'lsa.length', 'lsid_opaque_type',
  'lsa.number_of_links', 'lsa.router.linkid', 'lsa.router.linkdata', 'lsa.router.linktype', 'lsa.router.metric0',
  'lsa.network.netmask', 'lsa.network.attchrtr', 'lsa.asbr.netmask', 'lsa.asext.netmask', 'lsa.asext.type', 'lsa.asext.fwdaddr',
  'lsa.asext.extrttag', 'metric', 'v2.grace.period', 'v2.grace.reason', 'v2.grace.ip',
] as const;

type Tree = Record<string, unknown>;
const hex = (value: unknown, digits: number) => `0x${Number(value).toString(16).padStart(digits, '0')}`;

/** Fields of a `k=v;k=v` column; tshark prints a DoNotAge age without the bit. */
export function fieldsOfTruth(column: string): Fields {
  const fields: Fields = new Map();
  for (const pair of column.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0) add(fields, pair.slice(0, at), pair.slice(at + 1));
  }
  return fields;
}

/** Fields of an explanation. */
export function fieldsOfExplained(packet: ExplainedPacket): Fields {
  const fields: Fields = new Map();
  add(fields, 'version', String(packet['version']));
  add(fields, 'srcrouter', String(packet['router-id']));
  add(fields, 'area_id', String(packet['area-id']));
  add(fields, 'checksum', hex(packet['checksum'], 4));
  add(fields, 'auth.type', String(packet['auth-type']));
  const authentication = packet['authentication'] as Tree | undefined;
  if (packet['auth-type'] === 2 && authentication !== undefined) {
    add(fields, 'auth.crypt.key_id', String(authentication['key-id']));
    add(fields, 'auth.crypt.data_length', String(authentication['auth-data-length']));
    add(fields, 'auth.crypt.seq_nbr', String(authentication['crypto-sequence-number']));
  }
  if (packet['hello'] !== undefined) addHello(fields, packet['hello'] as Tree);
  if (packet['database-description'] !== undefined) addDatabaseDescription(fields, packet['database-description'] as Tree);
  for (const request of (packet['link-state-request'] ?? []) as Tree[]) {
    add(fields, 'lsa', String(request['type']));
    add(fields, 'link_state_id', String(request['lsa-id']));
    add(fields, 'advrouter', String(request['adv-router']));
  }
  const update = packet['link-state-update'] as Tree[] | undefined;
  if (update !== undefined) {
    add(fields, 'ls.number_of_lsas', String(update.length));
    for (const lsa of update) addLsa(fields, lsa);
  }
  for (const header of (packet['link-state-ack'] ?? []) as Tree[]) addHeader(fields, header);
  return fields;
}

function add(fields: Fields, name: string, value: string): void {
  fields.set(name, [...(fields.get(name) ?? []), value]);
}

function addHello(fields: Fields, hello: Tree): void {
  add(fields, 'hello.network_mask', String(hello['network-mask']));
  add(fields, 'hello.hello_interval', String(hello['hello-interval']));
  add(fields, 'v2.options', hex(hello['options'], 2));
  add(fields, 'hello.router_priority', String(hello['priority']));
  add(fields, 'hello.router_dead_interval', String(hello['dead-interval']));
  add(fields, 'hello.designated_router', String(hello['dr-ip-addr']));
  add(fields, 'hello.backup_designated_router', String(hello['bdr-ip-addr']));
  for (const neighbor of hello['neighbor'] as string[]) add(fields, 'hello.active_neighbor', neighbor);
}

function addDatabaseDescription(fields: Fields, description: Tree): void {
  add(fields, 'db.interface_mtu', String(description['interface-mtu']));
  add(fields, 'v2.options', hex(description['options'], 2));
  const flags = description['flags'] as string[];
  add(fields, 'dbd', hex((flags.includes('i') ? 4 : 0) | (flags.includes('m') ? 2 : 0) | (flags.includes('ms') ? 1 : 0), 2));
  add(fields, 'db.dd_sequence', String(description['dd-sequence-number']));
  for (const header of description['lsa-header'] as Tree[]) addHeader(fields, header);
}

function addHeader(fields: Fields, header: Tree): void {
  add(fields, 'lsa.age', String(Number(header['age']) & 0x7fff));
  add(fields, 'v2.options', hex(header['options'], 2));
  add(fields, 'lsa', String(header['type']));
  if (header['opaque-type'] === undefined) add(fields, 'lsa.id', String(header['lsa-id']));
  else add(fields, 'lsid_opaque_type', String(header['opaque-type']));
  add(fields, 'advrouter', String(header['adv-router']));
  add(fields, 'lsa.seqnum', hex(header['seq-num'], 8));
  add(fields, 'lsa.chksum', hex(header['checksum'], 4));
  add(fields, 'lsa.length', String(header['length']));
}

function addLsa(fields: Fields, lsa: Tree): void {
  addHeader(fields, lsa);
  const router = lsa['router'] as Tree | undefined;
  if (router !== undefined) addRouter(fields, router);
  const network = lsa['network'] as Tree | undefined;
  if (network !== undefined) {
    add(fields, 'lsa.network.netmask', String(network['network-mask']));
    for (const attached of network['attached-router'] as string[]) add(fields, 'lsa.network.attchrtr', attached);
  }
  const summary = lsa['summary'] as Tree | undefined;
  if (summary !== undefined) {
    add(fields, 'lsa.asbr.netmask', String(summary['network-mask']));
    add(fields, 'metric', String(summary['metric']));
  }
  const external = lsa['external'] as Tree | undefined;
  if (external !== undefined) {
    add(fields, 'lsa.asext.netmask', String(external['network-mask']));
    add(fields, 'lsa.asext.type', String(Number(external['metric-type']) - 1));
    add(fields, 'metric', String(external['metric']));
    add(fields, 'lsa.asext.fwdaddr', String(external['forwarding-address']));
    add(fields, 'lsa.asext.extrttag', String(external['external-route-tag']));
  }
  const opaque = lsa['opaque'] as Tree | undefined;
  if (opaque?.['grace-period'] !== undefined) add(fields, 'v2.grace.period', String(opaque['grace-period']));
  if (opaque?.['graceful-restart-reason'] !== undefined) add(fields, 'v2.grace.reason', String(opaque['graceful-restart-reason']));
  if (opaque?.['ip-interface-address'] !== undefined) add(fields, 'v2.grace.ip', String(opaque['ip-interface-address']));
}

function addRouter(fields: Fields, router: Tree): void {
  add(fields, 'lsa.number_of_links', String(router['num-of-links']));
  for (const link of router['link'] as Tree[]) {
    add(fields, 'lsa.router.linkid', String(link['link-id']));
    add(fields, 'lsa.router.linkdata', String(link['link-data']));
    add(fields, 'lsa.router.linktype', String(link['type']));
    add(fields, 'lsa.router.metric0', String(link['metric']));
  }
}
