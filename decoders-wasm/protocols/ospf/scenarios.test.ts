/** Every scenario of scenarios/: its frames give the rows of its .expected.txt. UPDATE_GOLDEN=1 rewrites those. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../contract/row-reader.ts';
import { adjacencyLines, errorLines, msOf, type Wire } from './testing-wire.ts';

const folder = join(import.meta.dirname, 'scenarios');
const names = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'pair.ts').map((file) => file.slice(0, -3));

interface Scenario {
  frames(): Wire;
  readonly oneLink?: string;
}

/** All rows but counts and names, a line each, table by table. */
function lines(rows: Map<string, Row[]>): string[] {
  const of = (table: string) => rows.get(table) ?? [];
  const or = (value: unknown, other: unknown) => String(value === '' || value === null ? other ?? '' : value);
  return [
    ...adjacencyLines(rows),
    ...of('topology_changes').map((row) => `${String(row['object_type'])} ${String(row['object_key'])} ${String(row['change'])} ${String(row['field'])} ${or(row['old_text'], row['old_number'])} => ${or(row['new_text'], row['new_number'])}${row['initial'] === true ? ' initial' : ''} @${msOf(row['time'])}`),
    ...of('lsdb_changes').map((row) => `LSA ${String(row['lsa_type'])} ${String(row['lsa_id'])} of ${String(row['advertising_router'])} ${String(row['change'])} ${Number(row['sequence']).toString(16)}${row['initial'] === true ? ' initial' : ''} @${msOf(row['time'])}`),
    ...errorLines(rows),
    ...of('quarantine').map((row) => `quarantine ${String(row['error'])} at ${String(row['error_offset'])}`),
    ...new Set(of('neighbor_counts').map((row) => `count ${String(row['router'])} adjacencies ${String(row['adjacencies'])} full ${String(row['full'])} two-way ${String(row['two_way'])} ${String(row['coverage'])}`)),
  ];
}

describe('scenarios', () => {
  for (const name of names) {
    it(name, async () => {
      const scenario = await import(join(folder, `${name}.ts`)) as Scenario;
      const rows = await scenario.frames().decode(scenario.oneLink === undefined ? {} : { oneLink: scenario.oneLink });
      const text = `${lines(rows).join('\n')}\n`;
      const file = join(folder, `${name}.expected.txt`);
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
      expect(existsSync(file), `${file} is not there: run with UPDATE_GOLDEN=1 and read what it wrote`).toBe(true);
      expect(text).toBe(readFileSync(file, 'utf8'));
    });
  }
});
