/** Every scenario of scenarios/: its PDUs give the rows of its .expected.txt, times in seconds. */
import { join } from 'node:path';
import type { Row } from '../../contract/row-reader.ts';
import { igpLines, testScenarios } from '../../contract/testing/golden.ts';
import { Bench } from './testing.ts';

testScenarios(join(import.meta.dirname, 'scenarios'), (scenario) => {
  const rows = new Map<string, Row[]>();
  for (const row of (scenario as { frames(): Bench }).frames().rows) rows.set(row.table, [...(rows.get(row.table) ?? []), row]);
  return igpLines(rows, (time) => String(Bench.seconds(time)));
});
