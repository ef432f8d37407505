/** `path_attributes`: each BGP attribute set once, found by its content hash. */
import { defineTable } from './define.ts';
import { bgpOrigin, stateReason } from './enums.ts';

export const pathAttributes = defineTable({
  id: 5,
  name: 'path_attributes',
  meaning: 'One attribute set, written at its first use by a shadow; equal sets have equal hashes everywhere. Of several rows of one set the newest counts: another decoder may have read it anew.',
  kind: 'fact',
  eventTypes: [{ name: 'bgp.path_attributes', meaning: 'no YANG notification: RouteWatch' }],
  columns: [
    { name: 'attributes', type: 'UInt128', wire: 'hash', meaning: 'Content hash (MurmurHash3 x64-128 of the canonical set: attributes by code, flags masked, next hop of the family).' },
    { name: 'origin', type: 'LowCardinality(String)', wire: 'enum', values: bgpOrigin, constants: 'ORIGIN', meaning: '`igp`, `egp`, `incomplete`; empty when absent.' },
    { name: 'as_path_plain', type: 'Bool', wire: 'bool', stored: false, meaning: 'The path has sequences only: its text is its numbers, and the row leaves it to the reader.' },
    { name: 'as_path', type: 'Array(UInt32)', wire: 'u32-array', meaning: 'All AS numbers in order, members of sets included.' },
    { name: 'as_path_text', type: 'String', wire: 'text', joined: { items: 'as_path', where: 'as_path_plain' }, meaning: '`65002 65001 {64999}`; confederations in parentheses.' },
    { name: 'origin_as', type: 'UInt32', wire: 'u32', meaning: 'Last AS of the path; 0 where there is none.' },
    { name: 'first_as', type: 'UInt32', wire: 'u32', meaning: 'First AS of the path; 0 where there is none.' },
    { name: 'next_hop', type: 'String', wire: 'text', meaning: 'Next hop address (global one of two).' },
    { name: 'next_hop_link_local', type: 'String', wire: 'text', meaning: 'Link-local next hop (RFC 2545); else empty.' },
    { name: 'med', type: 'Nullable(UInt32)', wire: 'nullable-u32', meaning: 'MULTI_EXIT_DISC.' },
    { name: 'local_pref', type: 'Nullable(UInt32)', wire: 'nullable-u32', meaning: 'LOCAL_PREF.' },
    { name: 'atomic_aggregate', type: 'Bool', wire: 'bool', meaning: 'ATOMIC_AGGREGATE present.' },
    { name: 'aggregator', type: 'String', wire: 'text', meaning: '`AS address`; else empty.' },
    { name: 'communities', type: 'Array(String)', wire: 'bytes4-array', text: 'community', meaning: '`65002:1`, as sent.' },
    { name: 'large_communities', type: 'Array(String)', wire: 'bytes12-array', text: 'large-community', meaning: '`65002:1:2`, as sent.' },
    { name: 'ext_communities', type: 'Array(String)', wire: 'bytes8-array', text: 'ext-community', meaning: '`rt:65000:99`, `soo:...`, or 16 hex digits.' },
    { name: 'originator_id', type: 'String', wire: 'text', meaning: 'ORIGINATOR_ID (RFC 4456); else empty.' },
    { name: 'cluster_list', type: 'Array(String)', wire: 'bytes4-array', text: 'dotted-quad', meaning: 'CLUSTER_LIST as dotted quads.' },
    { name: 'other', type: 'Array(String)', wire: 'none', clause: 'DEFAULT []', meaning: 'Reserved for attributes with columns of their own later.' },
    { name: 'raw', type: 'String', wire: 'text', binary: true, meaning: 'The canonical attribute bytes, unknown attributes included.', codec: 'ZSTD(3)' },
    { name: 'reason', type: 'LowCardinality(String)', wire: 'enum', values: stateReason, constants: 'STATE_REASON', migration: 8, meaning: '`decoder-upgrade`: another decoder read the same attributes otherwise; else empty.' },
  ],
  orderBy: ['attributes', 'event_id'],
  rowKey: 'content hash',
});
