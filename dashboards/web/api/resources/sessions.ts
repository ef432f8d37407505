/** Each end's view of each BGP session. */
import { type Columns, instant, number, text, uuid } from '../columns.ts';
import { byDomain, byRouter, listResource } from '../list.ts';
import { troubleFirst } from './adjacencies.ts';

/** Columns of a view. */
export const sessionColumns: Columns = {
  domain: text(), network_instance: text(), link: text(), router: text(), router_name: text(), peer: text(), peer_name: text(), router_as: number(),
  peer_as: number(), router_id: text(), peer_id: text(), prev_state: text(), state: text(), reason: text(), code: number(), subcode: number(),
  shutdown_text: text(), capability_source: text(), capabilities: text(), hold_time: number(), coverage: text(), tap: text(),
  since_ns: instant('v.since'), event_id: uuid('v.event_id'),
};

export const sessions = listResource({
  name: 'listSessions', path: '/sessions', summary: 'Each end\'s view of each BGP session, those in trouble first',
  view: 'sessions', atView: 'sessions_at', states: true,
  filters: { ...byDomain, ...byRouter, peer: '{peer:String} IN (peer, peer_name)', state: 'state = {state:String}' },
  orderBy: `${troubleFirst}, if(router_name = '', router, router_name), peer, link, domain, network_instance, router, event_id`,
  columns: sessionColumns,
});
