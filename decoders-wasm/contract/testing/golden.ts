/** For tests of every protocol: its folders vectors/ and scenarios/, held against what the decoder says. UPDATE_GOLDEN=1 rewrites. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Row } from '../row-reader.ts';

const update = process.env['UPDATE_GOLDEN'] === '1';

/** What each file of vectors/ holds beside its input. */
export interface Vector {
  /** One line for people. */
  readonly about: string;
  /** Where the input comes from. */
  readonly source: string;
  expected: unknown;
}

/** A test for each .json of `folder`: what `tell` makes of it is what it expects. */
export function testVectors<V extends Vector>(folder: string, tell: (vector: V) => V['expected']): void {
  describe('vectors', () => {
    for (const [file, vector] of readVectors<V>(folder)) {
      it(`${file}: ${vector.about}`, () => {
        const told = tell(vector);
        if (update) writeFileSync(join(folder, file), `${JSON.stringify({ ...vector, expected: told }, null, 1)}\n`);
        else expect(told).toEqual(vector.expected);
      });
    }
  });
}

/** The vectors of a folder by file name. */
export function readVectors<V extends Vector>(folder: string): Map<string, V> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(files.map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as V]));
}

/**
 * A test for each scenario of `folder`: a module that says in two lines what happens and exports `frames()`. The lines
 * that `tell` makes of the module are those of its .expected.txt. `pair.ts` holds what most of them are about.
 */
export function testScenarios(folder: string, tell: (scenario: unknown) => Promise<readonly string[]> | readonly string[]): void {
  const names = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'pair.ts').map((file) => file.slice(0, -3));
  describe('scenarios', () => {
    for (const name of names) {
      it(name, async () => {
        const text = `${(await tell(await import(join(folder, `${name}.ts`)))).join('\n')}\n`;
        const file = join(folder, `${name}.expected.txt`);
        if (update) writeFileSync(file, text);
        expect(existsSync(file), `${file} is not there: run with UPDATE_GOLDEN=1 and read what it wrote`).toBe(true);
        expect(text).toBe(readFileSync(file, 'utf8'));
      });
    }
  });
}

/** A point in time as a scenario counts it. */
export type TimeText = (time: unknown) => string;
type RowsByTable = ReadonlyMap<string, readonly Row[]>;

const level = (row: Row): string => (row['level'] === 0 ? '' : ` L${String(row['level'])}`);
const initial = (row: Row): string => (row['initial'] === true ? ' initial' : '');

/** All rows of an IGP but names, a line each, table by table in the order of decision. */
export function igpLines(rows: RowsByTable, at: TimeText): string[] {
  const of = (table: string): readonly Row[] => rows.get(table) ?? [];
  const or = (value: unknown, other: unknown): string => String(value === '' || value === null ? other ?? '' : value);
  return [
    ...of('adjacency_events').map((row) => adjacencyLine(row, at)),
    ...of('topology_changes').map((row) => `${String(row['object_type'])} ${String(row['object_key'])}${level(row)} ${String(row['change'])} ${String(row['field'])} ${or(row['old_text'], row['old_number'])} => ${or(row['new_text'], row['new_number'])}${initial(row)} @${at(row['time'])}`),
    ...of('lsdb_changes').map((row) => `${row['protocol'] === 'isis' ? 'LSP' : `LSA ${String(row['lsa_type'])}`} ${String(row['lsa_id'])}${level(row)} of ${String(row['advertising_router'])} ${String(row['change'])} ${Number(row['sequence']).toString(16)}${initial(row)} @${at(row['time'])}`),
    ...troubleLines(rows),
    ...of('coverage_events').filter((row) => row['what'] === 'coverage-suspect' || row['what'] === 'restored').map((row) => `${String(row['what'])} of ${String(row['subject'])} @${at(row['time'])} decided @${at(row['decided_time'])}`),
    ...new Set(of('neighbor_counts').map((row) => `count ${String(row['router'])}${level(row)} adjacencies ${String(row['adjacencies'])} full ${String(row['full'])} two-way ${String(row['two_way'])} ${String(row['coverage'])}`)),
  ];
}

/** `1.1.1.1 -> 2.2.2.2: down -> init hello-received @0`; `decided` where it is later. */
function adjacencyLine(row: Row, at: TimeText): string {
  const detail = row['detail'] === '' ? '' : ` (${String(row['detail'])})`;
  const late = row['decided_time'] === row['time'] ? '' : ` decided @${at(row['decided_time'])}`;
  return `${String(row['router'])} -> ${String(row['neighbor'])}${level(row)}: ${String(row['prev_state'])} -> ${String(row['state'])} ${String(row['reason'])}${detail}${initial(row)} @${at(row['time'])}${late}`;
}

/** Errors as `sender receiver error detail xcount`, then what went to quarantine. */
export function troubleLines(rows: RowsByTable): string[] {
  return [
    ...(rows.get('protocol_errors') ?? []).map((row) => `${String(row['sender'])} ${String(row['receiver'])} ${String(row['error'])} ${String(row['detail'])} x${String(row['count'])}`),
    ...(rows.get('quarantine') ?? []).map((row) => `quarantine ${String(row['error'])} at ${String(row['error_offset'])}`),
  ];
}
