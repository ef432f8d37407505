/** From the catalogue the AssemblyScript row writers: one class a table, fields to set, then `emit`. */
import { catalogue as all, type Column, type Table } from '../../../decoders-wasm/catalogue/index.ts';
import { layouts, newestVersion } from './layouts.ts';

/** The tables whose rows decoders make. */
const catalogue = all.filter((table) => table.source === undefined);

const ENVELOPE_BYTES = 64;

/** Fixed bytes that a column may take in a row; texts and arrays add theirs. */
const fixedBytes: Record<Column['wire'], number> = {
  'u8': 1, 'u16': 2, 'u32': 4, 'u64': 8, 'i64': 8, 'bool': 1, 'enum': 1, 'text': 5, 'ipv6': 16, 'hash': 16, 'uuid': 16,
  'nullable-u32': 5, 'u32-array': 5, 'bytes4-array': 5, 'bytes8-array': 5, 'bytes12-array': 5, 'none': 0,
};

/** Path to content: a file a table and one with the constants of the closed lists. */
export function rowWriters(): Map<string, string> {
  const files = new Map<string, string>();
  for (const table of catalogue) files.set(path(table.name.replaceAll('_', '-')), writer(table));
  files.set(path('constants'), constants());
  files.set(path('layouts'), layoutVersions());
  return files;
}

function path(name: string): string {
  return `decoders-wasm/base/assembly/generated/${name}.ts`;
}

/** What tells the host in which layout a module writes: its own, however new the host's catalogue is. */
function layoutVersions(): string {
  const published = layouts();
  const later = catalogue.filter((table) => newestVersion(table, published) > 1);
  return `${head()}
/** Version of the layout in which this module writes rows of the table. */
export function layoutVersionOf(table: u32): u32 {
${later.map((table) => `  if (table == ${table.id}) return ${newestVersion(table, published)};\n`).join('')}  return 1;
}
`;
}

function head(): string {
  return '// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.\n';
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function pascal(name: string): string {
  const text = camel(name);
  return text[0]!.toUpperCase() + text.slice(1);
}

function writer(table: Table): string {
  const columns = table.columns.filter((c) => c.wire !== 'none');
  const variable = columns.map((c) => variableBytes(c)).filter((text) => text !== '');
  const fixed = ENVELOPE_BYTES + columns.reduce((sum, c) => sum + fixedBytes[c.wire], 0);
  const text = `${head()}import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_${table.name.toUpperCase()}: u32 = ${table.id};

/** ${table.meaning} Row key: ${table.rowKey}. */
@unmanaged
export class ${pascal(table.name)} {
${columns.flatMap(fields).join('\n')}

  /** Sets every column to zero or empty. */
  static clear(): void {
${columns.flatMap(clears).join('\n')}
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(${table.id}, ${[fixed, ...variable].join(' + ')})) return false;
    let at = Envelope.write(${table.id}, key, keyLength, ordinal);
${writes(columns).join('\n')}
    return true;
  }
${columns.filter((c) => c.wire === 'text').map(textHelper).join('')}}
`;
  const used = text.includes('Text.start') ? text : text.replace("import { Text } from '../text.ts';\n", '');
  return used.replaceAll('@.', `${pascal(table.name)}.`);
}

function variableBytes(column: Column): string {
  const name = camel(column.name);
  if (column.wire === 'text') return `@.${name}Length`;
  const bytes = itemBytes[column.wire];
  return bytes === undefined ? '' : `@.${name}Count * ${bytes}`;
}

/** Bytes of an item, where a column holds as many as there are. */
const itemBytes: Partial<Record<Column['wire'], number>> = { 'text': 1, 'u32-array': 4, 'bytes4-array': 4, 'bytes8-array': 8, 'bytes12-array': 12 };

const scalar: Partial<Record<Column['wire'], string>> = {
  'u8': 'u8', 'u16': 'u16', 'u32': 'u32', 'u64': 'u64', 'i64': 'i64', 'bool': 'bool', 'enum': 'u8',
};

function fields(column: Column): string[] {
  const name = camel(column.name);
  const says = `  /** ${column.meaning}${column.unit === undefined ? '' : ` Unit: ${column.unit}.`} */`;
  const type = scalar[column.wire];
  if (type !== undefined) return [says, `  static ${name}: ${type} = ${zero(column)};`];
  if (column.wire === 'nullable-u32') return [says, `  static ${name}: u32 = 0;`, `  static ${name}Set: bool = false;`];
  if (column.wire === 'text') return [says, `  static ${name}At: usize = 0;`, `  static ${name}Length: u32 = 0;`];
  if (column.wire === 'ipv6') return [says, `  /** Address of 16 bytes. */`, `  static ${name}At: usize = 0;`];
  if (column.wire === 'hash') return [says, `  static ${name}Low: u64 = 0;`, `  static ${name}High: u64 = 0;`];
  return [says, `  /** Address of ${column.wire === 'u32-array' ? 'u32s, little endian' : 'items as on the wire'}. */`, `  static ${name}At: usize = 0;`, `  static ${name}Count: u32 = 0;`];
}

/** The empty value of a scalar; the lowest i64 stands for NULL. */
function zero(column: Column): string {
  if (column.wire === 'bool') return 'false';
  return column.wire === 'i64' && column.type.startsWith('Nullable') ? 'i64.MIN_VALUE' : '0';
}

function clears(column: Column): string[] {
  const name = camel(column.name);
  const of = (field: string, value = '0') => `    @.${field} = ${value};`;
  const type = scalar[column.wire];
  if (type !== undefined) return [of(name, zero(column))];
  if (column.wire === 'nullable-u32') return [of(`${name}Set`, 'false')];
  if (column.wire === 'text') return [of(`${name}Length`)];
  if (column.wire === 'ipv6') return [of(`${name}At`)];
  if (column.wire === 'hash') return [of(`${name}Low`), of(`${name}High`)];
  return [of(`${name}Count`)];
}

/** Stores for all columns: those of fixed width at offsets from `at`, which moves on where a column's width is not fixed. */
function writes(columns: readonly Column[]): string[] {
  let offset = 0;
  const behind = (bytes: number) => (bytes === 0 ? 'at' : `at + ${bytes}`);
  const lines = columns.flatMap((column) => {
    const name = camel(column.name);
    const here = offset;
    const item = itemBytes[column.wire];
    if (item !== undefined) {
      offset = 0;
      return [column.wire === 'text' ? `    at = RowWriter.counted(${behind(here)}, @.${name}Length, @.${name}At, @.${name}Length);`
        : `    at = RowWriter.counted(${behind(here)}, @.${name}Count, @.${name}At, @.${name}Count * ${item});`];
    }
    if (column.wire === 'nullable-u32') {
      offset = 0;
      return [`    store<u8>(at, @.${name}Set ? 0 : 1${here === 0 ? '' : `, ${here}`});`, `    store<u32>(at, @.${name}, ${here + 1});`, `    at += @.${name}Set ? ${here + 5} : ${here + 1};`];
    }
    offset += fixedBytes[column.wire];
    return fixedWrite(column, name, here);
  });
  return [...lines, `    RowWriter.end(${behind(offset)});`];
}

function fixedWrite(column: Column, name: string, offset: number): string[] {
  const at = offset === 0 ? '' : `, ${offset}`;
  if (column.wire === 'hash') return [`    store<u64>(at, @.${name}Low${at});`, `    store<u64>(at, @.${name}High, ${offset + 8});`];
  if (column.wire === 'ipv6') return [`    v128.store(at, v128.load(@.${name}At)${at});`];
  if (column.wire === 'bool') return [`    store<u8>(at, @.${name} ? 1 : 0${at});`];
  const type = scalar[column.wire];
  return type === undefined ? [] : [`    store<${type}>(at, @.${name}${at});`];
}

function textHelper(column: Column): string {
  const name = camel(column.name);
  return `
  /** Takes the text written since Text.begin() as \`${column.name}\`. */
  static ${name}Text(): void {
    @.${name}At = Text.start;
    @.${name}Length = Text.length();
  }
`;
}

function constants(): string {
  const lists = new Map<string, readonly string[]>();
  for (const column of catalogue.flatMap((table) => table.columns)) {
    if (column.constants === undefined || column.values === undefined) continue;
    const known = lists.get(column.constants);
    if (known !== undefined && known.join() !== column.values.join()) {
      throw new Error(`catalogue: columns with constants ${column.constants} have different values`);
    }
    lists.set(column.constants, column.values);
  }
  const lines = [...lists].flatMap(([prefix, values]) => values.map((value, code) => {
    const name = value === '' ? 'UNSET' : value.toUpperCase().replaceAll('-', '_');
    return `export const ${prefix}_${name}: u8 = ${code};`;
  }));
  return `${head()}${lines.join('\n')}\n`;
}
