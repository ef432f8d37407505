/** The graph as the link-state databases have it, now and at a time. */
import { z } from 'zod';
import { type Columns, fields, flag, instant, optionalNumber, number, rowSchema, selectList, text } from '../columns.ts';
import { at, page, yesOrNo } from '../inputs.ts';
import { byDomain, filterInputs, filterValues, viewAt, where } from '../list.ts';
import { resource } from '../resource.ts';

const scope: Columns = { domain: text(), network_instance: text(), protocol: text(), level: number(), area: text() };
const changed: Columns = { fields: fields(), since_ns: instant('v.since'), changed_ns: instant('v.changed') };
const metric = optionalNumber("accurateCastOrNull(v.metric, 'UInt32')");

const nodes: Columns = { ...scope, node: text(), name: text(), site: text(), role: text(), overload: flag(), ...changed };
const links: Columns = { ...scope, link_key: text(), router: text(), router_name: text(), neighbor: text(), neighbor_name: text(), metric, ...changed };
const prefixes: Columns = { ...scope, router: text(), router_name: text(), prefix: text(), metric, ...changed };

const filters = { ...byDomain, protocol: 'protocol = {protocol:String}', area: 'area = {area:String}' };
const order = 'domain, network_instance, protocol, level, area';

export const topology = resource({
  name: 'getTopology', method: 'get', path: '/topology', role: 'read', summary: 'Nodes and links of the graph; with prefixes=yes also what is announced where',
  query: z.strictObject({ ...filterInputs(filters), ...page(), ...at, prefixes: yesOrNo('no') }),
  answer: z.strictObject({
    nodes: z.array(rowSchema(nodes)), links: z.array(rowSchema(links)), prefixes: z.array(rowSchema(prefixes)),
    more: z.boolean().meta({ description: 'whether any of the three has more rows behind this page' }),
  }),
  async handle({ store }, { query: asked, signal }) {
    const { limit, offset, at: instant_, prefixes: wanted, ...rest } = asked as { limit: number; offset: number; at?: bigint; prefixes: string } & Record<string, unknown>;
    const read = (view: string, columns: Columns, last: string) => store.page(
      `SELECT ${selectList(columns)} FROM ${viewAt(view, instant_)} AS v ${where(filters, rest)} ORDER BY ${order}, ${last}`, filterValues(filters, rest), { limit, offset }, signal);
    const none = { rows: [], more: false };
    const [n, l, p] = await Promise.all([read('nodes', nodes, 'node'), read('links', links, 'link_key'), wanted === 'yes' ? read('prefixes', prefixes, 'router, prefix') : none]);
    return { nodes: n.rows, links: l.rows, prefixes: p.rows, more: n.more || l.more || p.more };
  },
});
