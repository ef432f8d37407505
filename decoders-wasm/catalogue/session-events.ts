/** `session_events`: each transition of one end's view of a BGP session. */
import { defineTable } from './define.ts';
import { capabilitySource, sessionReason, sessionState } from './enums.ts';

export const sessionEvents = defineTable({
  id: 7,
  name: 'session_events',
  meaning: "One transition of one end's view of a BGP session; two ends, two rows.",
  kind: 'fact',
  eventTypes: [
    { name: 'bgp.established', meaning: 'ietf-bgp established', snmpTrap: '1.3.6.1.2.1.15.0.1' },
    { name: 'bgp.backward_transition', meaning: 'ietf-bgp backward-transition', snmpTrap: '1.3.6.1.2.1.15.0.2' },
    { name: 'bgp.session_state_change', meaning: 'no YANG notification: transitions below established' },
  ],
  columns: [
    { name: 'from_higher', type: 'UInt8', wire: 'u8', stored: false, meaning: 'Whose view: 0 the first address of the session key, 1 the second; becomes router and peer.' },
    { name: 'router', type: 'LowCardinality(String)', wire: 'none', end: 'this', meaning: 'Address of the end whose view changed.' },
    { name: 'peer', type: 'LowCardinality(String)', wire: 'none', end: 'other', meaning: 'Address of the other end.' },
    { name: 'router_as', type: 'UInt32', wire: 'u32', meaning: "The end's AS from its OPEN; 0 unknown." },
    { name: 'peer_as', type: 'UInt32', wire: 'u32', meaning: "The other end's AS; 0 unknown." },
    { name: 'router_id', type: 'LowCardinality(String)', wire: 'text', meaning: 'BGP identifier from the OPEN; empty unknown.' },
    { name: 'peer_id', type: 'LowCardinality(String)', wire: 'text', meaning: "The other end's BGP identifier." },
    { name: 'prev_state', type: 'LowCardinality(String)', wire: 'enum', values: sessionState, constants: 'SESSION', meaning: 'State before.' },
    { name: 'state', type: 'LowCardinality(String)', wire: 'enum', values: sessionState, constants: 'SESSION', meaning: 'State after.' },
    { name: 'reason', type: 'LowCardinality(String)', wire: 'enum', values: sessionReason, constants: 'SESSION_REASON', meaning: 'Why, from a closed list.' },
    { name: 'code', type: 'UInt8', wire: 'u8', meaning: 'NOTIFICATION error code; 0 none.' },
    { name: 'subcode', type: 'UInt8', wire: 'u8', meaning: 'NOTIFICATION error subcode.' },
    { name: 'shutdown_text', type: 'String', wire: 'text', meaning: 'Shutdown communication (RFC 9003); empty none.' },
    { name: 'capability_source', type: 'LowCardinality(String)', wire: 'enum', values: capabilitySource, constants: 'CAPABILITY', meaning: 'Whether capabilities come from the OPENs, from what parses, or are assumed.' },
    { name: 'hold_time', type: 'UInt16', wire: 'u16', meaning: 'Negotiated hold time; 0 none or unknown.', unit: 's' },
    { name: 'coverage', type: 'LowCardinality(String)', wire: 'enum', values: ['', 'full', 'partial', 'suspect', 'none', 'router-silent'] as const, constants: 'COVERAGE', meaning: 'full: both directions seen; partial: one.' },
    { name: 'capabilities', type: 'String', wire: 'text', meaning: 'Capabilities in force, as comma-separated names; empty unknown.' },
  ],
  orderBy: ['domain', 'router', 'peer', 'link', 'time', 'event_id'],
  current: [{
    name: 'sessions_state',
    key: ['domain', 'network_instance', 'router', 'peer', 'session_link'],
    made: [{ name: 'session_link', type: 'LowCardinality(String)', select: "if(startsWith(router, 'fe80:'), link, '')" }],
  }],
  transitions: [
    { of: 'BGP', steps: ['unknown → any state (first sight)', 'idle → connect', 'connect → opensent, idle', 'opensent → openconfirm, idle', 'openconfirm → established, idle', 'established → idle; `active` cannot be seen on the wire'] },
  ],
  severity: { column: 'state', values: { idle: 'error' } },
  rowKey: 'session key (code of the context), end, new state',
});
