/** Published layouts stay as they are. */
import { describe, expect, it } from 'vitest';
import { catalogue, type Table } from '../../../decoders-wasm/catalogue/index.ts';
import { extend, layouts, narrowColumns, type Layouts } from './layouts.ts';

const table = catalogue.find((candidate) => candidate.name === 'rib_marks')!;
const id = `${table.id}.1`;
const published: Layouts = { [id]: narrowColumns(table) };

function changed(change: (columns: Table['columns']) => Table['columns']): Table {
  return { ...table, columns: change(table.columns) };
}

describe('layouts', () => {
  it('are unchanged where the catalogue is', () => {
    expect(extend(table, published)).toEqual([[id, published[id]]]);
    expect(Object.keys(layouts()).length).toBeGreaterThanOrEqual(catalogue.length);
  });

  it('get a version when a column is added', () => {
    const more = changed((columns) => [...columns, { name: 'more', type: 'UInt8', wire: 'u8', meaning: 'More.' }]);
    expect(extend(more, published).map(([version]) => version)).toEqual([id, `${table.id}.2`]);
    expect(extend(more, published)[0]![1]).toEqual(published[id]);
  });

  it('take a new value at the end of a closed list', () => {
    const longer = changed((columns) => columns.map((column) => (column.name === 'mark' ? { ...column, values: [...column.values!, 'new'] } : column)));
    expect(extend(longer, published).length).toBe(1);
  });

  it.each([
    ['a column taken away', changed((columns) => columns.filter((column) => column.name !== 'routes'))],
    ['columns in another order', changed((columns) => columns.toReversed())],
    ['another type', changed((columns) => columns.map((column) => (column.name === 'routes' ? { ...column, wire: 'u64' as const } : column)))],
    ['a value taken from a closed list', changed((columns) => columns.map((column) => (column.name === 'mark' ? { ...column, values: ['', 'stale'] } : column)))],
  ])('refuse %s', (_, other) => {
    expect(() => extend(other, published)).toThrow('differs from the published layout');
  });
});
