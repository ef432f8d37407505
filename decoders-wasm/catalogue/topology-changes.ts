/** `topology_changes`: what changed in the graph that the link-state databases describe. */
import { defineTable } from './define.ts';
import { igpProtocol, stateReason } from './enums.ts';

export const topologyChanges = defineTable({
  id: 3,
  name: 'topology_changes',
  meaning: 'One field of one object of the graph: a node, link, prefix or LAN appeared, vanished or changed.',
  kind: 'fact',
  eventTypes: [
    { name: 'isis.topology_change', meaning: 'no YANG notification: RouteWatch' },
    { name: 'ospf.topology_change', meaning: 'no YANG notification: RouteWatch' },
    { name: 'isis.dis_change', meaning: 'no YANG notification: RouteWatch' },
    { name: 'isis.database_overload', meaning: 'ietf-isis database-overload', snmpTrap: '1.3.6.1.2.1.138.0.1' },
  ],
  columns: [
    { name: 'protocol', type: 'LowCardinality(String)', wire: 'enum', values: igpProtocol, constants: 'IGP', meaning: '`isis`, `ospfv2` or `ospfv3`.' },
    { name: 'level', type: 'UInt8', wire: 'u8', meaning: 'IS-IS level; 0 elsewhere.' },
    { name: 'area', type: 'LowCardinality(String)', wire: 'text', meaning: 'OSPF area id; empty for IS-IS and AS scope.' },
    { name: 'object_type', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'node', 'link', 'prefix', 'lan'] as const, constants: 'OBJECT', meaning: '`node`, `link`, `prefix` or `lan`.' },
    { name: 'object_key', type: 'String', wire: 'text', meaning: 'node: its id; link: `A -> B` (pseudonodes resolved), with `#n` for parallel ones; prefix: `router prefix`; lan: id.' },
    { name: 'router', type: 'LowCardinality(String)', wire: 'text', meaning: 'The advertising router (for a lan: the reporter or empty).' },
    { name: 'router_name', type: 'LowCardinality(String)', wire: 'text', meaning: 'Its hostname learned from the wire.' },
    { name: 'neighbor', type: 'LowCardinality(String)', wire: 'text', meaning: 'Far end of a link; else empty.' },
    { name: 'prefix', type: 'String', wire: 'text', meaning: 'For a prefix: address/length; else empty.' },
    { name: 'change', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'added', 'removed', 'changed'] as const, constants: 'CHANGE', meaning: '`added`, `removed` or `changed`.' },
    { name: 'field', type: 'LowCardinality(String)', wire: 'text', meaning: 'What changed: `exists` when the object appeared or vanished (its metric as the number; other fields that it has are rows of the same frame), `metric`, `overload`, `hostname`, `dis`, ... as in the YANG modules.' },
    { name: 'old_number', type: 'Nullable(Int64)', wire: 'i64', meaning: 'Old value where it is a number.' },
    { name: 'new_number', type: 'Nullable(Int64)', wire: 'i64', meaning: 'New value where it is a number.' },
    { name: 'old_text', type: 'String', wire: 'text', meaning: 'Old value where it is text.' },
    { name: 'new_text', type: 'String', wire: 'text', meaning: 'New value where it is text.' },
    { name: 'reason', type: 'LowCardinality(String)', wire: 'enum', values: stateReason, constants: 'STATE_REASON', migration: 7, meaning: '`decoder-upgrade`: another decoder read the same packets otherwise; else empty.' },
  ],
  orderBy: ['domain', 'protocol', 'object_type', 'object_key', 'time', 'event_id'],
  current: [{
    name: 'topology_state',
    key: ['domain', 'network_instance', 'protocol', 'level', 'area', 'object_type', 'object_key', 'field'],
  }],
  severity: { column: 'change', values: { removed: 'warn' } },
  rowKey: 'protocol, level or area, object type, object key, field',
});
