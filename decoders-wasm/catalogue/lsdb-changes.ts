/** `lsdb_changes`: each new instance of an LSP or LSA. */
import { defineTable } from './define.ts';
import { igpProtocol } from './enums.ts';

export const lsdbChanges = defineTable({
  id: 12,
  name: 'lsdb_changes',
  meaning: 'A newer instance of an LSP or LSA was adopted: new, changed, refreshed, purged or expired.',
  kind: 'fact',
  eventTypes: [
    { name: 'isis.lsp_received', meaning: 'ietf-isis lsp-received' },
    { name: 'ospf.lsa_received', meaning: 'no YANG notification: RouteWatch' },
  ],
  columns: [
    { name: 'protocol', type: 'LowCardinality(String)', wire: 'enum', values: igpProtocol, constants: 'IGP', meaning: '`isis`, `ospfv2` or `ospfv3`.' },
    { name: 'level', type: 'UInt8', wire: 'u8', meaning: 'IS-IS level; 0 elsewhere.' },
    { name: 'area', type: 'LowCardinality(String)', wire: 'text', meaning: 'OSPF area id; empty for IS-IS and AS scope.' },
    { name: 'lsa_type', type: 'UInt8', wire: 'u8', meaning: 'OSPF LS type; 0 for IS-IS.' },
    { name: 'lsa_id', type: 'String', wire: 'text', meaning: 'LSP id `0000.0000.0001.00-00` or link state id.' },
    { name: 'advertising_router', type: 'LowCardinality(String)', wire: 'text', meaning: 'System id or router id of the originator.' },
    { name: 'change', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'new', 'changed', 'refreshed', 'purged', 'expired'] as const, constants: 'LSDB', meaning: 'What the instance is against the one before.' },
    { name: 'sequence', type: 'UInt32', wire: 'u32', meaning: 'Sequence number, as on the wire.' },
    { name: 'checksum', type: 'UInt16', wire: 'u16', meaning: 'Checksum, as on the wire.' },
    { name: 'lifetime', type: 'UInt16', wire: 'u16', meaning: 'IS-IS: remaining lifetime; OSPF: LS age.', unit: 's' },
    { name: 'pdu', type: 'String', wire: 'text', binary: true, meaning: 'The LSP or LSA itself; empty when refreshed with equal content.', codec: 'ZSTD(3)' },
  ],
  orderBy: ['domain', 'protocol', 'level', 'area', 'lsa_type', 'lsa_id', 'advertising_router', 'time', 'event_id'],
  retentionDays: 400,
  current: [
    {
      name: 'lsdb_state',
      key: ['domain', 'network_instance', 'protocol', 'level', 'area', 'lsa_type', 'lsa_id', 'advertising_router', 'scope_link'],
      made: [{ name: 'scope_link', type: 'LowCardinality(String)', select: "if(protocol = 'ospfv2' AND lsa_type = 9, link, '')" }],
    },
    {
      name: 'lsdb_contents',
      key: ['domain', 'network_instance', 'protocol', 'level', 'area', 'lsa_type', 'lsa_id', 'advertising_router', 'scope_link'],
      made: [{ name: 'scope_link', type: 'LowCardinality(String)', select: "if(protocol = 'ospfv2' AND lsa_type = 9, link, '')" }],
      where: "pdu != ''",
    },
  ],
  rowKey: 'protocol, level or area, type, id, advertising router, sequence',
});
