/** `coverage_events`: whether we could see. */
import { defineTable } from './define.ts';
import { coverageWhat } from './enums.ts';

export const coverageEvents = defineTable({
  id: 9,
  name: 'coverage_events',
  meaning: 'A tap opened, closed, was lost, has a gap, or came back. Blind is not down.',
  kind: 'sighting',
  eventTypes: [{ name: 'coverage.change', meaning: 'no YANG notification: RouteWatch' }],
  columns: [
    { name: 'what', type: 'LowCardinality(String)', wire: 'enum', values: coverageWhat, constants: 'COVERAGE_WHAT', meaning: 'tap-opened, tap-closed, coverage-lost, coverage-suspect, gap, state-reset, restored.' },
    { name: 'subject', type: 'String', wire: 'text', meaning: 'The tap, or the session or link that it concerns.' },
    { name: 'from', type: "DateTime64(9, 'UTC')", wire: 'i64', meaning: 'Begin of the interval.' },
    { name: 'to', type: "DateTime64(9, 'UTC')", wire: 'i64', meaning: 'End of the interval; 1970 while it lasts.' },
    { name: 'lost', type: 'UInt64', wire: 'u64', meaning: 'Frames or bytes that are known to be missing.' },
    { name: 'detail', type: 'String', wire: 'text', meaning: 'What happened, for people.' },
  ],
  orderBy: ['domain', 'tap', 'time', 'event_id'],
  severity: { column: 'what', values: { 'coverage-lost': 'warn', 'coverage-suspect': 'warn', 'gap': 'warn', 'state-reset': 'warn', 'carrier-lost': 'warn' } },
  rowKey: 'tap, what, subject',
});
