/** What a replay has left in the store, in a few lines. */
import type { CaptureInputResult } from '../../collectors/inputs/pcap/index.ts';
import { printRows, type Record_ } from './output.ts';
import type { Reader } from './reader.ts';

const questions: readonly { readonly title: string; readonly sql: string }[] = [
  { title: 'Adjacencies now', sql: `SELECT protocol, state, count() AS views, uniqExact(router) AS routers FROM adjacencies GROUP BY protocol, state ORDER BY protocol, state` },
  { title: 'Neighbours now', sql: `SELECT protocol, any(if(router_name = '', router, router_name)) AS name, router, sum(adjacencies) AS adjacencies, sum(neighbors) AS neighbors, sum(full) AS full FROM (SELECT protocol, router, link, level, area, argMax(router_name, time) AS router_name, argMax(adjacencies, time) AS adjacencies, argMax(neighbors, time) AS neighbors, argMax(full, time) AS full FROM neighbor_counts GROUP BY protocol, router, link, level, area) GROUP BY protocol, router ORDER BY protocol, name` },
  { title: 'BGP sessions now', sql: `SELECT router, peer, state, reason, since FROM sessions ORDER BY router, peer` },
  { title: 'Routes now', sql: `SELECT sender, receiver, afi_safi, count() AS routes, countIf(stale) AS stale FROM rib GROUP BY sender, receiver, afi_safi ORDER BY sender, receiver, afi_safi` },
  { title: 'Topology changes', sql: `SELECT protocol, object_type, change, count() AS changes FROM topology_changes WHERE NOT initial GROUP BY protocol, object_type, change ORDER BY protocol, object_type, change` },
  { title: 'Seen and not decoded, and protocol errors', sql: `SELECT * FROM (SELECT 'quarantine' AS what, protocol, error, count() AS times FROM quarantine GROUP BY protocol, error UNION ALL SELECT 'protocol error', protocol, error, sum(count) FROM protocol_errors GROUP BY protocol, error) ORDER BY what, protocol, error` },
  { title: 'What could not be seen', sql: `SELECT time, what, subject, detail FROM coverage_events WHERE what NOT IN ('tap-opened', 'tap-closed') ORDER BY time` },
];

/** Prints the summary; sections without rows say so in one line. */
export async function printSummary(reader: Reader, input: CaptureInputResult | undefined): Promise<void> {
  if (input !== undefined) {
    const passed = Object.entries(input.counters).filter(([, count]) => count > 0)
      .filter(([name]) => name !== 'memoryBytes').map(([name, count]) => `${name} ${count}`).join(', ');
    process.stdout.write(`\n${input.packets} packets read${passed === '' ? '' : `: ${passed}`}\n`);
  }
  for (const { title, sql } of questions) {
    const rows: Record_[] = await reader.rows(sql);
    process.stdout.write(`\n${title}${rows.length === 0 ? ': none\n' : '\n'}`);
    if (rows.length > 0) printRows(rows, 'table');
  }
}
