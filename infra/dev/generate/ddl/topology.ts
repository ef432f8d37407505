/** Views of the link-state databases and of the graph that they describe. */
import { global, type Mode } from './engine.ts';
import { newest, view, type Newest } from './views.ts';

const objectRows: Newest = { current: 'topology_state' };

/**
 * One row an object that exists, with its fields as a map but for the metric, which `exists` may have told (it is a column);
 * fields from before the frame in which it appeared do not count.
 */
function objects(type: string, at: boolean): string {
  return `(
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM ${newest(objectRows, at)}
    WHERE object_type = '${type}'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
)`;
}

const scope = 'o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area';
const ends = 'o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id';

/** Nodes of every graph with name, site and overload, now or (`at`) at a time. */
export function nodes(mode: Mode, at: boolean): string {
  return `SELECT
    ${scope}, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, ${ends}
FROM ${objects('node', at)} AS o
${global(mode)}LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key`;
}

/** Directed links with their metric, now or (`at`) at a time. */
export function links(mode: Mode, at: boolean): string {
  const join = `${global(mode)}LEFT ANY JOIN routewatch.router_identities`;
  return `SELECT
    ${scope}, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, ${ends}
FROM ${objects('link', at)} AS o
${join} AS r ON r.domain = o.domain AND r.identity = o.router
${join} AS n ON n.domain = o.domain AND n.identity = o.neighbor`;
}

function prefixes(mode: Mode, at: boolean): string {
  return `SELECT
    ${scope}, o.router AS router, if(o.router_name != '', toString(o.router_name), r.name) AS router_name, o.prefix AS prefix,
    o.metric AS metric, ${ends}
FROM ${objects('prefix', at)} AS o
${global(mode)}LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router`;
}

function lsdb(mode: Mode): string {
  const key = ['domain', 'network_instance', 'protocol', 'level', 'area', 'lsa_type', 'lsa_id', 'advertising_router', 'scope_link'];
  return `SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.lsa_type AS lsa_type, s.lsa_id AS lsa_id, s.advertising_router AS advertising_router, r.name AS advertising_router_name,
    s.sequence AS sequence, s.checksum AS checksum, s.lifetime AS lifetime, s.change AS change, s.time AS since,
    if(s.pdu != '', s.pdu, c.pdu) AS pdu, s.link AS link, s.tap AS tap, s.event_id AS event_id
FROM (SELECT * FROM routewatch.lsdb_state FINAL) AS s
${global(mode)}LEFT ANY JOIN (SELECT * FROM routewatch.lsdb_contents FINAL) AS c ON ${key.map((column) => `c.${column} = s.${column}`).join(' AND ')}
${global(mode)}LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.advertising_router
WHERE s.change NOT IN ('purged', 'expired')`;
}

/** lsdb, nodes, links, prefixes; the graph also at a time. */
export function topologyViews(mode: Mode): string[] {
  return [
    view(mode, 'lsdb', lsdb(mode)),
    view(mode, 'nodes', nodes(mode, false)),
    view(mode, 'nodes_at', nodes(mode, true)),
    view(mode, 'links', links(mode, false)),
    view(mode, 'links_at', links(mode, true)),
    view(mode, 'prefixes', prefixes(mode, false)),
    view(mode, 'prefixes_at', prefixes(mode, true)),
  ];
}
