/** `quarantine`: frames that we could not use, with their bytes. */
import { defineTable } from './define.ts';

export const quarantine = defineTable({
  id: 10,
  name: 'quarantine',
  meaning: 'A frame that could not be used: PDU-level parse error, trap, watchdog, mad time.',
  kind: 'sighting',
  eventTypes: [{ name: 'quarantine.frame', meaning: 'no YANG notification: RouteWatch' }],
  columns: [
    { name: 'protocol', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'isis', 'ospfv2', 'ospfv3', 'bgp'] as const, constants: 'PROTOCOL_NAME', meaning: 'Protocol of the frame.' },
    { name: 'error', type: 'LowCardinality(String)', wire: 'text', meaning: 'Code from a closed list: `isis.pdu-short`, `trap`, `watchdog`, `mad-time`, ...' },
    { name: 'error_offset', type: 'UInt32', wire: 'u32', meaning: 'Byte of the PDU where it was found.' },
    { name: 'source_line', type: 'LowCardinality(String)', wire: 'text', meaning: 'For a trap: source file and line of the decoder.' },
    { name: 'bytes', type: 'String', wire: 'text', binary: true, meaning: 'The raw bytes of the frame.', codec: 'ZSTD(3)' },
  ],
  orderBy: ['domain', 'protocol', 'error', 'time', 'event_id'],
  retentionDays: 90,
  rowKey: 'error',
});
