/** From the catalogue the plain data that the row reader, the row writer and the sink's statements work from. */
import { catalogue, envelope, type Column, type Table } from '../../../decoders-wasm/catalogue/index.ts';
import { layouts, newestVersion, type LayoutColumn, type Layouts } from './layouts.ts';

/** The generated file by path. */
export function tableData(): Map<string, string> {
  const all = layouts();
  const text = `// Generated from decoders-wasm/catalogue by \`npm run generate\`; do not edit.
import type { LayoutColumn, TableData } from '../table-data.ts';

/** Narrow columns by layout id (\`<table id>.<version>\`), every published layout. */
export const layouts: Readonly<Record<string, readonly LayoutColumn[]>> = {
${Object.entries(all).map(([id, columns]) => `  '${id}': [\n${columns.map(layoutLine).join('')}  ],\n`).join('')}};

/** Every table of the catalogue with its stored columns. */
export const tables: readonly TableData[] = [
${catalogue.map((table) => tableText(table, all)).join('')}];
`;
  return new Map([['decoders-wasm/contract/generated/tables.ts', text]]);
}

function layoutLine(column: LayoutColumn): string {
  return `    ${literal({ name: column.name, wire: column.wire, values: column.values })},\n`;
}

function tableText(table: Table, all: Layouts): string {
  const version = newestVersion(table, all);
  const columns = [...envelope, ...table.columns].filter((column) => column.stored !== false);
  return `  {
    id: ${table.id}, name: '${table.name}', kind: '${table.kind}',${table.source === undefined ? '' : ` source: '${table.source}',`} version: ${version}, layout: '${table.id}.${version}',
    eventTypes: ${literal(table.eventTypes.map((type) => type.name))},
    columns: [
${columns.map((column) => `      ${columnText(column)},\n`).join('')}    ],
  },
`;
}

function columnText(column: Column): string {
  return literal({
    name: column.name, type: column.type, wire: column.wire, end: column.end, text: column.text, joined: column.joined, binary: column.binary,
    computed: column.wire === 'none' && column.clause !== undefined ? true : undefined,
  });
}

/** A TypeScript literal; undefined members are left out. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{ ${members.map(([name, member]) => `${name}: ${literal(member)}`).join(', ')} }`;
}
