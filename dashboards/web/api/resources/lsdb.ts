/** The link-state databases: each LSP and LSA that is there. */
import { z } from 'zod';
import { type Columns, instant, listSchema, number, selectList, text, uuid } from '../columns.ts';
import { page, yesOrNo } from '../inputs.ts';
import { byDomain, filterInputs, filterValues, where } from '../list.ts';
import { resource } from '../resource.ts';

const columns: Columns = {
  domain: text(), network_instance: text(), protocol: text(), level: number(), area: text(), lsa_type: number(), lsa_id: text(), advertising_router: text(),
  advertising_router_name: text(), sequence: number(), checksum: number(), lifetime: number(), change: text(), link: text(), tap: text(),
  pdu: text('if({pdu:UInt8} = 1, lower(hex(v.pdu)), \'\')'), since_ns: instant('v.since'), event_id: uuid('v.event_id'),
};

const filters = {
  ...byDomain, protocol: 'protocol = {protocol:String}', area: 'area = {area:String}', lsa_id: 'lsa_id = {lsa_id:String}',
  router: '{router:String} IN (advertising_router, advertising_router_name)',
};

export const lsdb = resource({
  name: 'listLsdb', method: 'get', path: '/lsdb', role: 'read', summary: 'The LSPs and LSAs that are there; with pdu=yes also their bytes in hex',
  query: z.strictObject({ ...filterInputs(filters), ...page(), pdu: yesOrNo('no') }),
  answer: listSchema(columns),
  async handle({ store }, { query: asked, signal }) {
    const { limit, offset, pdu, ...rest } = asked as { limit: number; offset: number; pdu: string } & Record<string, unknown>;
    return store.page(`SELECT ${selectList(columns)} FROM routewatch.lsdb AS v ${where(filters, rest)}
      ORDER BY domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, event_id`,
    { ...filterValues(filters, rest), pdu: pdu === 'yes' ? 1 : 0 }, { limit, offset }, signal);
  },
});
