/** Route changes as counts: the same as of the rows one by one, by layout and for the labs. */
import { expect, it } from 'vitest';
import { layouts } from '../../../decoders-wasm/contract/generated/tables.ts';
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { decodeToRows } from '../../../infra/lab/decode.ts';
import { countRoutes, ROUTE_COUNTS } from './route-counts.ts';
import { text } from './rule.ts';
import { capturesOf, inputsOfCaptures } from './testing.ts';

const sessionOf = (row: Row): string => ['sender', 'receiver', 'afi_safi'].map((column) => text(row, column)).join(' ');

it('every layout of route_changes that ever was can be counted', () => {
  const known = Object.keys(layouts).filter((layout) => layout.startsWith('4.'));
  expect(known.length).toBeGreaterThan(0);
  for (const layout of known) expect(countRoutes(layout, new Uint8Array(), { contexts: new Map(), taps: new Map() })).toEqual([]);
});

it('counts of bgp-basic are those of its rows, by session, family and class', async () => {
  const captures = capturesOf('bgp-basic', /\.full\.pcap\.gz$/);
  const totals = (rows: readonly (readonly [string, number])[]): [string, number][] => {
    const sums = new Map<string, number>();
    for (const [key, value] of rows) sums.set(key, (sums.get(key) ?? 0) + value);
    return [...sums].filter(([, sum]) => sum > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  };
  const { rows } = await decodeToRows(captures);
  const wanted = totals(rows.get('route_changes')!.map((row) => [`${sessionOf(row)} ${text(row, 'change_class')}`, 1] as const).filter(([key]) => !/aadup|wwdup/.test(key)));
  const counted = await inputsOfCaptures(captures, new Set([ROUTE_COUNTS]));
  const found = totals(counted.flatMap(({ row }) => ['tup', 'tdown', 'aadiff'].map((word) => [`${sessionOf(row)} ${word}`, Number(row[word])] as const)));
  expect(found).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(8);
});
