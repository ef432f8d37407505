/** How many neighbours each router has on each link, now and at a time, and which of the expected ones are missing. */
import { instant, number, optionalNumber, text, uuid } from '../columns.ts';
import { byDomain, byRouter, listResource } from '../list.ts';

const filters = { ...byDomain, ...byRouter, link: 'link = {link:String}', protocol: 'protocol = {protocol:String}' };

export const neighbors = listResource({
  name: 'listNeighbors', path: '/neighbors', summary: 'How many neighbours each router has on each link, and how many are expected',
  view: 'neighbor_counts_now', atView: 'neighbor_counts_at', filters,
  orderBy: 'protocol, domain, network_instance, router, level, area, link, event_id',
  columns: {
    domain: text(), network_instance: text(), protocol: text(), router: text(), router_name: text(), level: number(), area: text(), link: text(),
    adjacencies: number(), neighbors: number(), full: number(), two_way: number(), expected: optionalNumber(), coverage: text(),
    time_ns: instant('v.time'), event_id: uuid('v.event_id'),
  },
});

export const missingNeighbors = listResource({
  name: 'listMissingNeighbors', path: '/missing-neighbors', summary: 'Expected neighbours that are not there',
  view: 'missing_neighbors', filters,
  orderBy: 'domain, protocol, router, neighbor, link',
  columns: {
    domain: text(), protocol: text(), router: text(), router_name: text(), neighbor: text(), neighbor_name: text(), link: text(), state: text(), reason: text(),
    since_ns: { ...instant('v.since'), sql: "if(v.since IS NULL, '0', toString(toUnixTimestamp64Nano(assumeNotNull(v.since))))" },
  },
});
