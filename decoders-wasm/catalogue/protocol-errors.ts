/** `protocol_errors`: what a router did wrong in a frame that we could read. */
import { defineTable } from './define.ts';

export const protocolErrors = defineTable({
  id: 8,
  name: 'protocol_errors',
  meaning: 'A refused hello, a bad TLV or attribute, an RFC 7606 case: once per cause and minute, with a count.',
  kind: 'fact',
  eventTypes: [
    { name: 'isis.protocol_error', meaning: 'ietf-isis rejected-adjacency, area-mismatch, id-len-mismatch, ...' },
    { name: 'ospf.protocol_error', meaning: 'ietf-ospf if-config-error, nbr ... error' },
    { name: 'bgp.protocol_error', meaning: 'no YANG notification: RFC 7606 cases' },
  ],
  columns: [
    { name: 'protocol', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'isis', 'ospfv2', 'ospfv3', 'bgp'] as const, constants: 'PROTOCOL_NAME', meaning: 'Protocol.' },
    { name: 'sender', type: 'LowCardinality(String)', wire: 'text', meaning: 'System id, router id or address of who did it.' },
    { name: 'receiver', type: 'LowCardinality(String)', wire: 'text', meaning: 'Who had to refuse it; empty: everyone.' },
    { name: 'error', type: 'LowCardinality(String)', wire: 'text', meaning: 'YANG `error` value or one of our list, such as `isis.area_mismatch`.' },
    { name: 'detail', type: 'String', wire: 'text', meaning: 'What was found and what was expected.' },
    { name: 'count', type: 'UInt32', wire: 'u32', meaning: 'How often since the last row of the same cause.' },
  ],
  orderBy: ['domain', 'protocol', 'sender', 'error', 'time', 'event_id'],
  retentionDays: 400,
  severity: { column: 'protocol', values: { isis: 'warn', ospfv2: 'warn', ospfv3: 'warn', bgp: 'warn' } },
  rowKey: 'protocol, link, sender, receiver, error',
});
