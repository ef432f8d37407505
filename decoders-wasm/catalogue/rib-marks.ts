/** `rib_marks`: one row for each flush, stale mark or sweep of one direction and family of a session. */
import { defineTable } from './define.ts';
import { afiSafi, ribMarkReason } from './enums.ts';

export const ribMarks = defineTable({
  id: 6,
  name: 'rib_marks',
  meaning: 'All routes of a sender, receiver and family were dropped, marked stale, or swept of what stayed stale.',
  kind: 'fact',
  eventTypes: [{ name: 'bgp.rib_mark', meaning: 'no YANG notification: RouteWatch' }],
  columns: [
    { name: 'from_higher', type: 'UInt8', wire: 'u8', stored: false, meaning: 'Direction, as in route_changes.' },
    { name: 'sender', type: 'LowCardinality(String)', wire: 'none', end: 'this', meaning: 'Address of the speaker.' },
    { name: 'receiver', type: 'LowCardinality(String)', wire: 'none', end: 'other', meaning: 'Address of its peer.' },
    { name: 'afi_safi', type: 'LowCardinality(String)', wire: 'enum', values: afiSafi, constants: 'FAMILY', meaning: 'Address family.' },
    { name: 'mark', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'flush', 'stale', 'sweep'] as const, constants: 'MARK', meaning: '`flush`: all gone; `stale`: kept, stale; `sweep`: those still stale are gone.' },
    { name: 'reason', type: 'LowCardinality(String)', wire: 'enum', values: ribMarkReason, constants: 'MARK_REASON', meaning: 'Why.' },
    { name: 'routes', type: 'UInt32', wire: 'u32', meaning: 'How many routes it concerned.' },
  ],
  orderBy: ['sender', 'receiver', 'afi_safi', 'time', 'event_id'],
  severity: { column: 'mark', values: { flush: 'warn', stale: 'warn', sweep: 'warn' } },
  rowKey: 'session key (code of the context), direction, family, mark',
});
