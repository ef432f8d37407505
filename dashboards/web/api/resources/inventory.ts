/** Who is who: routers by all their names, and what an administrator has imported. */
import { instant, number, text, texts } from '../columns.ts';
import { byDomain, listResource } from '../list.ts';

export const routers = listResource({
  name: 'listRouters', path: '/routers', summary: 'Each router with its names, from the wire and from the inventory',
  view: 'routers', filters: { ...byDomain, router: '{router:String} IN (router, name)', site: 'site = {site:String}' }, orderBy: 'domain, router',
  columns: {
    domain: text(), router: text(), name: text(), hostname: text(), site: text(), role: text(), protocols: texts(), te_router_id: text(), as_number: number(),
    areas: texts(), addresses: texts(), since_ns: instant('v.since'),
  },
});

export const inventory = listResource({
  name: 'listInventory', path: '/inventory', summary: 'Routers as an administrator imported them',
  from: '(SELECT * FROM routewatch.router_inventory FINAL WHERE NOT removed)',
  filters: { ...byDomain, router: '{router:String} = name', site: 'site = {site:String}' }, orderBy: 'domain, name',
  columns: { domain: text(), name: text(), site: text(), role: text(), system_id: text(), router_ids: texts(), as_number: number(), addresses: texts() },
});

export const interfaces = listResource({
  name: 'listInterfaces', path: '/interfaces', summary: 'Interfaces as an administrator imported them',
  from: '(SELECT * FROM routewatch.interfaces FINAL WHERE NOT removed)',
  filters: { ...byDomain, router: '{router:String} = router_name', link: 'link = {link:String}' }, orderBy: 'domain, router_name, interface_name, address',
  columns: { domain: text(), router_name: text(), interface_name: text(), address: text(), link: text(), description: text() },
});
