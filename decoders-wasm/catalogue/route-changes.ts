/** `route_changes`: each route that one BGP speaker announced to or withdrew from another. */
import { defineTable } from './define.ts';
import { afiSafi, changeClass } from './enums.ts';

export const routeChanges = defineTable({
  id: 4,
  name: 'route_changes',
  meaning: "One change in what `sender` tells `receiver` (the receiver's Adj-RIB-In, the sender's Adj-RIB-Out).",
  kind: 'fact',
  eventTypes: [{ name: 'bgp.route_change', meaning: 'no YANG notification: RouteWatch' }],
  columns: [
    { name: 'from_higher', type: 'UInt8', wire: 'u8', stored: false, meaning: 'Direction: 0 from the first address of the session key, 1 from the second; becomes sender and receiver.' },
    { name: 'sender', type: 'LowCardinality(String)', wire: 'none', end: 'this', meaning: 'Address of the speaker that sent it.' },
    { name: 'receiver', type: 'LowCardinality(String)', wire: 'none', end: 'other', meaning: 'Address of the speaker that it was sent to.' },
    { name: 'afi_safi', type: 'LowCardinality(String)', wire: 'enum', values: afiSafi, constants: 'FAMILY', meaning: 'Address family as in iana-bgp-types.' },
    { name: 'prefix_address', type: 'IPv6', wire: 'ipv6', meaning: 'Network address, IPv4 mapped.' },
    { name: 'prefix_length', type: 'UInt8', wire: 'u8', meaning: 'Prefix length of the family (IPv4: 0-32).' },
    { name: 'prefix', type: 'String', wire: 'none', clause: "ALIAS concat(if(afi_safi LIKE 'ipv4%', substring(toString(prefix_address), 8), toString(prefix_address)), '/', toString(prefix_length))", meaning: 'Prefix as text.' },
    { name: 'path_id', type: 'UInt32', wire: 'u32', meaning: 'ADD-PATH path identifier (RFC 7911); 0 without.' },
    { name: 'change_class', type: 'LowCardinality(String)', wire: 'enum', values: changeClass, constants: 'CLASS', meaning: 'tup, tdown, aadiff, aadup, wwdup (Labovitz).' },
    { name: 'attributes', type: 'UInt128', wire: 'hash', meaning: 'Content hash of the attribute set; 0 when withdrawn.' },
    { name: 'prev_attributes', type: 'UInt128', wire: 'hash', meaning: 'Content hash of the set before; 0 when there was none.' },
    { name: 'origin_as', type: 'UInt32', wire: 'u32', meaning: 'Last AS of the path; 0 for none (iBGP-originated) or when it ends in a set. A withdrawal has that of the withdrawn route.' },
  ],
  orderBy: ['afi_safi', 'prefix_address', 'prefix_length', 'sender', 'receiver', 'time', 'event_id'],
  extra: ['PROJECTION by_session (SELECT * ORDER BY sender, receiver, time)'],
  retentionDays: 400,
  current: [{
    name: 'rib_paths',
    key: ['afi_safi', 'prefix_address', 'prefix_length', 'path_id', 'sender', 'receiver', 'domain', 'network_instance', 'session_link'],
    made: [{ name: 'session_link', type: 'LowCardinality(String)', select: "if(startsWith(sender, 'fe80:'), link, '')" }],
  }],
  rowKey: 'session key (code of the context), direction, family, prefix, path id',
});
