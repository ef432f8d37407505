/** From the catalogue the mapping of rows to OpenTelemetry log records: event names, attributes, severities. */
import { catalogue, envelope, type Column, type Severity, type Table } from '../../../decoders-wasm/catalogue/index.ts';
import { literal } from './tables.ts';

/** Attributes that the semantic conventions already name, by column; all others are `routewatch.<column>`. */
const conventions: Readonly<Record<string, string>> = {
  protocol: 'network.protocol.name',
  local_address: 'network.local.address',
  neighbor_address: 'network.peer.address',
  event_id: 'log.record.uid',
};

/** Severity numbers of the OpenTelemetry log data model. */
const severityNumber: Readonly<Record<Severity, number>> = { info: 9, warn: 13, error: 17 };

/** Columns that say nothing outside the store. */
const left = new Set(['event_type', 'time', 'decided_time', 'ingest_time', 'schema_version', 'frame_partition', 'frame_offset', 'frame_index', 'ordinal']);

/** The generated file by path. */
export function otelMapping(): Map<string, string> {
  const text = `// Generated from decoders-wasm/catalogue by \`npm run generate\`; do not edit.

export interface OtelMapping {
  /** Attribute name by column; the event's name is \`event_type\`, its timestamp \`time\`, its observed timestamp \`decided_time\`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Severity number by the value of a column; 9 (INFO) otherwise. */
  readonly severity?: { readonly column: string; readonly numbers: Readonly<Record<string, number>> };
  /** SNMP notification by event type, where the MIBs have one. */
  readonly snmpTraps: Readonly<Record<string, string>>;
}

/** Mapping by table name. */
export const otel: Readonly<Record<string, OtelMapping>> = {
${catalogue.map(tableText).join('')}};
`;
  return new Map([['decoders-wasm/contract/generated/otel.ts', text]]);
}

function tableText(table: Table): string {
  const columns = [...envelope, ...table.columns].filter((column) => column.stored !== false && column.binary !== true && !left.has(column.name));
  const lines = columns.map((column) => `      ${column.name}: ${literal(attribute(column))},\n`);
  const severity = table.severity === undefined ? '' : `    severity: { column: ${literal(table.severity.column)}, numbers: { ${Object.entries(table.severity.values)
    .map(([value, name]) => `${literal(value)}: ${severityNumber[name]}`).join(', ')} } },\n`;
  const traps = table.eventTypes.filter((type) => type.snmpTrap !== undefined).map((type) => `${literal(type.name)}: ${literal(type.snmpTrap)}`);
  return `  ${table.name}: {\n    attributes: {\n${lines.join('')}    },\n${severity}    snmpTraps: {${traps.length === 0 ? '' : ` ${traps.join(', ')} `}},\n  },\n`;
}

function attribute(column: Column): string {
  return conventions[column.name] ?? `routewatch.${column.name}`;
}
