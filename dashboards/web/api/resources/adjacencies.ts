/** Each router's view of each IGP neighbour. */
import { type Columns, flag, instant, number, text, uuid } from '../columns.ts';
import { byDomain, byRouter, listResource } from '../list.ts';

/** Views in trouble stand before those that are well. */
export const troubleFirst = "state IN ('up', 'full', '2-way', 'established')";

/** Columns of a view. */
export const adjacencyColumns: Columns = {
  domain: text(), network_instance: text(), link: text(), protocol: text(), level: number(), area: text(), router: text(), router_name: text(),
  neighbor: text(), neighbor_name: text(), interface_name: text(), local_address: text(), neighbor_address: text(), vlan: number(), expected: flag(),
  prev_state: text(), state: text(), reason: text(), detail: text(), evidence: text(), confidence: text(), hold_time: number(), tap: text(),
  since_ns: instant('v.since'), event_id: uuid('v.event_id'),
};

export const adjacencies = listResource({
  name: 'listAdjacencies', path: '/adjacencies', summary: 'Each router\'s view of each neighbour, those in trouble first',
  view: 'adjacencies', atView: 'adjacencies_at', states: true,
  filters: {
    ...byDomain, ...byRouter, neighbor: '{neighbor:String} IN (neighbor, neighbor_name)', link: 'link = {link:String}',
    protocol: 'protocol = {protocol:String}', state: 'state = {state:String}',
  },
  orderBy: `${troubleFirst}, if(router_name = '', router, router_name), neighbor_name, link, level, domain, network_instance, protocol, area, router, neighbor, event_id`,
  columns: adjacencyColumns,
});
