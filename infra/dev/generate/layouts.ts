/** Keeps every published layout of narrow rows: what was written once can be read for ever. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, envelope, type Column, type Table, type Wire } from '../../../decoders-wasm/catalogue/index.ts';

export interface LayoutColumn {
  readonly name: string;
  readonly wire: Wire;
  readonly values?: readonly string[];
}

/** Layout id (`<table id>.<version>`) to the columns of its narrow rows, in order. */
export type Layouts = Readonly<Record<string, readonly LayoutColumn[]>>;

const path = 'decoders-wasm/catalogue/layouts.json';
const root = join(import.meta.dirname, '..', '..', '..');

/** The columns that travel in a narrow row of the table, as the catalogue has them now. */
export function narrowColumns(table: Table): LayoutColumn[] {
  return [...envelope, ...table.columns].filter((column) => column.wire !== 'none').map((column) => layoutColumn(column, table));
}

function layoutColumn(column: Column, table: Table): LayoutColumn {
  const values = column.name === 'event_type' ? ['', ...table.eventTypes.map((type) => type.name)] : column.values;
  return values === undefined ? { name: column.name, wire: column.wire } : { name: column.name, wire: 'enum', values };
}

/** The published layouts and those of the present catalogue behind them; throws when a published one was changed. */
export function layouts(): Layouts {
  const file = join(root, path);
  const published: Layouts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Layouts : {};
  return Object.fromEntries(catalogue.flatMap((table) => extend(table, published)));
}

/** Version of the newest layout of a table. */
export function newestVersion(table: Table, all: Layouts): number {
  return Object.keys(all).filter((id) => id.startsWith(`${table.id}.`)).length;
}

/** The versions of one table, with a new one behind them when columns were added. */
export function extend(table: Table, published: Layouts): [string, readonly LayoutColumn[]][] {
  const versions: (readonly LayoutColumn[])[] = [];
  for (let known = published[`${table.id}.1`]; known !== undefined; known = published[`${table.id}.${versions.length + 1}`]) {
    versions.push(known);
  }
  const now = narrowColumns(table);
  const last = versions.at(-1);
  if (last !== undefined) requireExtension(table, last, now);
  const current = versions.map((version) => version.map((column) => now.find((other) => other.name === column.name)!));
  if (last === undefined || last.length !== now.length) current.push(now);
  return current.map((version, index) => [`${table.id}.${index + 1}`, version]);
}

/** Columns may be added and closed lists may grow at their end; nothing else may change. */
function requireExtension(table: Table, before: readonly LayoutColumn[], now: readonly LayoutColumn[]): void {
  const kept = now.filter((column) => before.some((old) => old.name === column.name));
  before.forEach((old, index) => {
    const column = kept[index];
    const same = column !== undefined && column.name === old.name && column.wire === old.wire
      && (old.values ?? []).every((value, code) => column.values?.[code] === value);
    if (same) return;
    throw new Error(`catalogue: column ${old.name} of ${table.name} differs from the published layout in ${path}; `
      + 'published columns and codes stay as they are: append a column or a value instead');
  });
}

/** The file of layouts by path. */
export function layoutFile(): Map<string, string> {
  const lines = Object.entries(layouts()).map(([id, columns]) => {
    const items = columns.map((column) => `    ${JSON.stringify(column)}`);
    return `  ${JSON.stringify(id)}: [\n${items.join(',\n')}\n  ]`;
  });
  return new Map([[path, `{\n${lines.join(',\n')}\n}\n`]]);
}
