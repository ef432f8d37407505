/** `adjacency_events`: each transition of one router's view of one IGP neighbour. */
import { defineTable } from './define.ts';
import { adjacencyReason, adjacencyState, igpProtocol } from './enums.ts';

export const adjacencyEvents = defineTable({
  id: 1,
  name: 'adjacency_events',
  meaning: "One transition of what one router believes of one neighbour (a directed view), IS-IS and OSPF.",
  kind: 'fact',
  eventTypes: [
    { name: 'isis.adjacency_state_change', meaning: 'ietf-isis adjacency-state-change', snmpTrap: '1.3.6.1.2.1.138.0.17' },
    { name: 'ospf.nbr_state_change', meaning: 'ietf-ospf nbr-state-change', snmpTrap: '1.3.6.1.2.1.14.16.2.2' },
  ],
  columns: [
    { name: 'protocol', type: 'LowCardinality(String)', wire: 'enum', values: igpProtocol, constants: 'IGP', meaning: '`isis`, `ospfv2` or `ospfv3`.' },
    { name: 'level', type: 'UInt8', wire: 'u8', meaning: 'IS-IS level 1 or 2; 0 elsewhere.', yang: 'level' },
    { name: 'area', type: 'LowCardinality(String)', wire: 'text', meaning: 'OSPF area id as a dotted quad; empty for IS-IS.' },
    { name: 'router', type: 'LowCardinality(String)', wire: 'text', meaning: 'Whose view changed: system id `0000.0000.0001` or router id.' },
    { name: 'neighbor', type: 'LowCardinality(String)', wire: 'text', meaning: 'Whom the view is of.', yang: 'neighbor-system-id' },
    { name: 'router_name', type: 'LowCardinality(String)', wire: 'text', meaning: 'Hostname of `router` learned from the wire, empty before.' },
    { name: 'neighbor_name', type: 'LowCardinality(String)', wire: 'text', meaning: 'Hostname of `neighbor` learned from the wire, empty before.' },
    { name: 'local_address', type: 'LowCardinality(String)', wire: 'text', meaning: 'Interface address of `router`; empty where unknown.' },
    { name: 'neighbor_address', type: 'LowCardinality(String)', wire: 'text', meaning: 'Interface address of `neighbor`; empty where unknown.' },
    { name: 'neighbor_snpa', type: 'LowCardinality(String)', wire: 'text', meaning: 'SNPA (MAC address) of the neighbour; empty for OSPF.', yang: 'neighbor-snpa' },
    { name: 'circuit_id', type: 'UInt32', wire: 'u32', meaning: "IS-IS: the neighbour's (extended) local circuit id; 0 where unknown.", yang: 'neighbor-extended-circuit-id' },
    { name: 'vlan', type: 'UInt16', wire: 'u16', meaning: 'VLAN id of the outermost tag; 0 untagged.' },
    { name: 'prev_state', type: 'LowCardinality(String)', wire: 'enum', values: adjacencyState, constants: 'ADJACENCY', meaning: 'State before; `unknown` at first sight.' },
    { name: 'state', type: 'LowCardinality(String)', wire: 'enum', values: adjacencyState, constants: 'ADJACENCY', meaning: 'State after.', yang: 'state' },
    { name: 'reason', type: 'LowCardinality(String)', wire: 'enum', values: adjacencyReason, constants: 'REASON', meaning: 'Why, from a closed list.' },
    { name: 'detail', type: 'LowCardinality(String)', wire: 'text', meaning: 'For config-mismatch the YANG `error`; else empty or a flag such as restart, suppressed.' },
    { name: 'hold_time', type: 'UInt32', wire: 'u32', meaning: "Hold time (OSPF: dead interval) in force for the view.", unit: 's', yang: 'hold-timer' },
    { name: 'last_hello', type: "DateTime64(9, 'UTC')", wire: 'i64', meaning: "Time of the neighbour's last hello that the router accepted; 1970 where there was none." },
  ],
  orderBy: ['domain', 'protocol', 'router', 'neighbor', 'link', 'time', 'event_id'],
  current: [{
    name: 'adjacencies_state',
    key: ['domain', 'network_instance', 'protocol', 'router', 'neighbor', 'link', 'level', 'view_address'],
    made: [{ name: 'view_address', type: 'LowCardinality(String)', select: "if(protocol = 'isis', neighbor_snpa, neighbor_address)" }],
  }],
  transitions: [
    { of: 'IS-IS', steps: ['unknown → down, init, up (first sight)', 'down → init, up', 'init → up, down', 'up → init, down', 'up → up (moved to another circuit)', 'any → failed'] },
    { of: 'OSPF', steps: ['unknown → any state (first sight)', 'down → attempt, init, 2-way', 'attempt → init, 2-way, down', 'init → 2-way, exstart, down', '2-way → exstart, init, down', 'exstart → exchange, init, 2-way, down', 'exchange → loading, full, exstart, init, 2-way, down', 'loading → full, exstart, init, 2-way, down', 'full → exstart, init, 2-way, down'] },
  ],
  severity: { column: 'state', values: { down: 'error', failed: 'error', init: 'warn', exstart: 'warn' } },
  rowKey: 'protocol, network instance and link (codes of the context), level, router, neighbour, SNPA or interface address',
});
