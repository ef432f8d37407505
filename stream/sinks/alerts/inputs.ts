/** Rows of an events record as rules read them: in the order in which they were decided, route changes as counts. */
import { readRows, tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import type { EventsHeader } from '../../contract/events-record.ts';
import { countRoutes, ROUTE_COUNTS } from './route-counts.ts';
import type { Input } from './rule.ts';

/** What of an events record says what its rows are. */
export interface CodedRows {
  readonly header: Pick<EventsHeader, 'sections' | 'contexts' | 'taps'>;
  readonly rows: readonly Uint8Array[];
}

/** The rows of these tables. */
export function inputsOf({ header, rows }: CodedRows, tables: ReadonlySet<string>): Input[] {
  const codes = { contexts: new Map(header.contexts.map((context) => [context.code, context])), taps: new Map(header.taps.map((tap) => [tap.code, tap])) };
  const inputs = header.sections.flatMap((section, index): Input[] => {
    const table = tableOf(section.table).name;
    if (table === 'route_changes' && tables.has(ROUTE_COUNTS)) return countRoutes(section.layout, rows[index]!, codes).map((row) => ({ table: ROUTE_COUNTS, row }));
    return tables.has(table) ? readRows(section.layout, rows[index]!, codes).map((row) => ({ table, row })) : [];
  });
  return inOrder(inputs);
}

/** In the order in which they were decided. */
export function inOrder(inputs: readonly Input[]): Input[] {
  return inputs.toSorted((a, b) => {
    const [left, right] = [a.row['decided_time'] as bigint, b.row['decided_time'] as bigint];
    return left < right ? -1 : left > right ? 1 : Number(a.row['ordinal']) - Number(b.row['ordinal']);
  });
}
