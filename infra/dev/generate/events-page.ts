/** From the catalogue EVENTS.md: every table, column, event type and closed list, for people. */
import { catalogue, envelope, type Column, type Table } from '../../../decoders-wasm/catalogue/index.ts';
import { layouts, newestVersion } from './layouts.ts';

/** The generated page by path. */
export function eventsPage(): Map<string, string> {
  const text = `<!-- Generated from decoders-wasm/catalogue by \`npm run generate\`; do not edit. -->
# Events

What RouteWatch writes, table by table; database \`routewatch\`. Names follow the IETF YANG modules. Times are \`DateTime64(9, 'UTC')\`:
\`time\` is effective, \`decided_time\` is when it was known. A *fact* is written once however many taps saw it, a *sighting* once for each tap.
\`event_id\` is a hash of frame identity, table, row key and ordinal: the same frames give the same ids.
A row with \`initial\` is the first sight of something that was there before us, not a change.

| table | what |
|---|---|
${catalogue.map((table) => `| [\`${table.name}\`](#${table.name}) | ${cell(table.meaning)} |\n`).join('')}
## The envelope
The columns that begin every row.

${columnTable(envelope)}
${catalogue.map(tableSection).join('\n')}
## Views
What is current: \`adjacencies\`, \`sessions\`, \`rib\`, \`lsdb\`, \`nodes\`, \`links\`, \`prefixes\`, \`neighbor_counts_now\`, \`routers\`, \`missing_neighbors\`;
\`adj_rib_in_pre\` and \`adj_rib_out_post\` are \`rib\` with BMP's names \`router\` and \`peer\`.
The same at a time: \`adjacencies_at(at = '2026-01-01 00:00:00')\`, likewise \`sessions_at\`, \`rib_at\`, \`neighbor_counts_at\`, \`nodes_at\`, \`links_at\`, \`prefixes_at\`.
What fires: \`open_alerts\`, \`open_alerts_at(at = ...)\`.
One line for everything: \`timeline\` (time, domain, router, router_name, kind, subject, prev, new, reason, event_id).
For Grafana: \`grafana_node_graph_nodes\`, \`grafana_node_graph_edges\`, \`grafana_adjacency_states\`, \`grafana_session_states\` (each also with \`_at\`), \`grafana_annotations\`.
Functions: \`covered_by(prefix_address, prefix_length, '10.0.0.0/8')\` (inside it), \`covers(prefix_address, prefix_length, '10.1.2.3/32')\` (it is inside),
\`row_order(decided_time, frame_offset, frame_index, ordinal)\` (of two rows of one thing the higher came last).
Tables of current rows (\`adjacencies_state\`, \`sessions_state\`, \`rib_paths\`, ...) never expire. Inventory: \`router_inventory\`, \`interfaces\`, \`expected_neighbors\`. Inserted cuts: \`ledger\`.
`;
  return new Map([['EVENTS.md', text]]);
}

function tableSection(table: Table): string {
  const all = layouts();
  const retention = table.retentionDays === undefined ? 'never expires' : `kept ${table.retentionDays} days from \`ingest_time\``;
  const types = table.eventTypes.map((type) => `| \`${type.name}\` | ${cell(type.meaning)} | ${type.snmpTrap ?? ''} |\n`).join('');
  const transitions = (table.transitions ?? []).map((list) => `Transitions, ${list.of}: ${list.steps.join('; ')}.\n\n`).join('');
  const current = (table.current ?? []).map((list) => `\`${list.name}\` (newest row for each ${list.key.join(', ')})`);
  return `## ${table.name}
${table.meaning}

A ${table.kind}; ${retention}; layout \`${table.id}.${newestVersion(table, all)}\`; ordered by ${table.orderBy.map((name) => `\`${name}\``).join(', ')}.
Row key: ${table.rowKey}.${current.length === 0 ? '' : `\nCurrent: ${current.join('; ')}.`}

| event type | after | SNMP notification |
|---|---|---|
${types}
${transitions}${columnTable(table.columns)}`;
}

function columnTable(columns: readonly Column[]): string {
  const rows = columns.filter((column) => column.stored !== false).map((column) => {
    const values = column.values?.filter((value) => value !== '').map((value) => `\`${value}\``).join(' ') ?? '';
    return `| \`${column.name}\` | \`${column.type}\` | ${cell(column.meaning)} | ${column.unit ?? ''} | ${values} |\n`;
  });
  return `| column | type | meaning | unit | values |\n|---|---|---|---|---|\n${rows.join('')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
