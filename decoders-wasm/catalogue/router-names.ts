/** `router_names`: who is who, as learned from the wire (IS-IS hostnames, router ids, BGP identifiers). */
import { defineTable } from './define.ts';
import { stateReason } from './enums.ts';

export const routerNames = defineTable({
  id: 11,
  name: 'router_names',
  meaning: 'One identity of a router learned from the wire; feeds `routers`.',
  kind: 'fact',
  eventTypes: [{ name: 'router.identity', meaning: 'no YANG notification: RouteWatch' }],
  columns: [
    { name: 'protocol', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'isis', 'ospfv2', 'ospfv3', 'bgp'] as const, constants: 'PROTOCOL_NAME', meaning: 'Where it was learned.' },
    { name: 'router', type: 'LowCardinality(String)', wire: 'text', meaning: 'System id, router id or BGP identifier.' },
    { name: 'attribute', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'hostname', 'te-router-id', 'interface-address', 'area', 'as-number'] as const, constants: 'IDENTITY', meaning: 'What is said of it.' },
    { name: 'value', type: 'String', wire: 'text', meaning: 'The value; empty: withdrawn.' },
    { name: 'reason', type: 'LowCardinality(String)', wire: 'enum', values: stateReason, constants: 'STATE_REASON', migration: 7, meaning: '`decoder-upgrade`: another decoder read the same packets otherwise; else empty.' },
  ],
  orderBy: ['domain', 'protocol', 'router', 'attribute', 'value', 'time', 'event_id'],
  current: [{
    name: 'router_names_state',
    key: ['domain', 'network_instance', 'protocol', 'router', 'attribute', 'value'],
  }],
  rowKey: 'protocol, router, attribute, value',
});
