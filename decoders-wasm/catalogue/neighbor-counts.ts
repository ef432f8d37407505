/** `neighbor_counts`: how many neighbours a router has on a link, on change and once a minute. */
import { defineTable } from './define.ts';
import { coverage, igpProtocol } from './enums.ts';

export const neighborCounts = defineTable({
  id: 2,
  name: 'neighbor_counts',
  meaning: 'Neighbours of one router on one link, written on change and once a minute.',
  kind: 'fact',
  eventTypes: [
    { name: 'isis.neighbor_count', meaning: 'no YANG notification: RouteWatch' },
    { name: 'ospf.neighbor_count', meaning: 'no YANG notification: RouteWatch' },
  ],
  columns: [
    { name: 'protocol', type: 'LowCardinality(String)', wire: 'enum', values: igpProtocol, constants: 'IGP', meaning: '`isis`, `ospfv2` or `ospfv3`.' },
    { name: 'router', type: 'LowCardinality(String)', wire: 'text', meaning: 'System id or router id.' },
    { name: 'router_name', type: 'LowCardinality(String)', wire: 'text', meaning: 'Hostname learned from the wire.' },
    { name: 'level', type: 'UInt8', wire: 'u8', meaning: 'IS-IS level; 0 elsewhere.' },
    { name: 'area', type: 'LowCardinality(String)', wire: 'text', meaning: 'OSPF area id; empty for IS-IS.' },
    { name: 'adjacencies', type: 'UInt32', wire: 'u32', meaning: 'Views that are up (IS-IS) or at least 2-way (OSPF).' },
    { name: 'neighbors', type: 'UInt32', wire: 'u32', meaning: 'Distinct neighbours among them.' },
    { name: 'full', type: 'UInt32', wire: 'u32', meaning: 'OSPF: views that are full; IS-IS: views that are up.' },
    { name: 'two_way', type: 'UInt32', wire: 'u32', meaning: 'OSPF: views that rest at 2-way; IS-IS: 0.' },
    { name: 'coverage', type: 'LowCardinality(String)', wire: 'enum', values: coverage, constants: 'COVERAGE', meaning: 'Whether the count can be believed.' },
    { name: 'expected', type: 'Nullable(UInt32)', wire: 'none', clause: "ALIAS dictGetOrNull('routewatch.expected_counts_dictionary', 'expected', (toString(domain), toString(protocol), toString(router), toString(link)))", meaning: 'Neighbours that the inventory expects on the link, joined when read; NULL: it says nothing.' },
  ],
  orderBy: ['domain', 'protocol', 'router', 'link', 'level', 'area', 'time', 'event_id'],
  retentionDays: 400,
  current: [{
    name: 'neighbor_counts_state',
    key: ['domain', 'network_instance', 'protocol', 'router', 'link', 'level', 'area'],
  }],
  rowKey: 'protocol, link, level, area, router',
});
