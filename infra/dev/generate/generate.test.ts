/** What is generated is what is committed, in both modes of the store. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../decoders-wasm/catalogue/index.ts';
import { eventsPage } from './events-page.ts';
import { layoutFile } from './layouts.ts';
import { migrationFile, migrations } from './migrations.ts';
import { otelMapping } from './otel.ts';
import { rowWriters } from './row-writers.ts';
import { tableData } from './tables.ts';

const root = join(import.meta.dirname, '..', '..', '..');

describe('generated files', () => {
  const files = new Map([...rowWriters(), ...layoutFile(), ...tableData(), ...migrationFile(), ...otelMapping(), ...eventsPage()]);
  it.each([...files])('%s is current', (path, content) => {
    expect(existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : 'missing: npm run generate').toBe(content);
  });
});

describe('catalogue', () => {
  it('gives every table an id, a name and column names of its own', () => {
    expect(new Set(catalogue.map((table) => table.id)).size).toBe(catalogue.length);
    expect(new Set(catalogue.map((table) => table.name)).size).toBe(catalogue.length);
    for (const table of catalogue) expect(new Set(table.columns.map((column) => column.name)).size).toBe(table.columns.length);
  });

  it('has every closed list begin with the value that an unset code means', () => {
    for (const column of catalogue.flatMap((table) => table.columns)) {
      if (column.wire === 'enum') expect(['', 'unknown', 'igp']).toContain(column.values?.[0]);
    }
  });
});

describe('migrations', () => {
  it('make the same objects in both modes', () => {
    const objects = (mode: 'embedded' | 'cluster'): string[] => [...new Set(migrations(mode).flatMap((step) => step.statements)
      .map((statement) => /(?:TABLE|VIEW|DICTIONARY|FUNCTION)(?: IF NOT EXISTS)? (?:routewatch\.)?(\w+)/.exec(statement)![1]!.replace(/_local$/, '')))].toSorted();
    expect(objects('cluster')).toEqual(objects('embedded'));
  });

  it('set a deduplication window on every table that holds rows', () => {
    for (const mode of ['embedded', 'cluster'] as const) {
      for (const statement of migrations(mode).flatMap((step) => step.statements)) {
        if (/ENGINE = (Replicated)?(Replacing)?MergeTree/.test(statement)) expect(statement).toContain('deduplication_window = 100000');
      }
    }
  });

  it('can be repeated', () => {
    for (const statement of migrations('embedded').flatMap((step) => step.statements)) expect(statement).toMatch(/^CREATE (OR REPLACE|\w+( VIEW)? IF NOT EXISTS|MATERIALIZED VIEW IF NOT EXISTS)|^ALTER TABLE \S+ (ADD COLUMN IF NOT EXISTS|MODIFY QUERY)/);
  });
});
