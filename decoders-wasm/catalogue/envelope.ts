/** The columns that begin every event row. */
import type { Column } from './define.ts';

export const evidenceValues = ['', 'declared', 'received', 'timer', 'inferred', 'lsdb'] as const;
export const confidenceValues = ['', 'observed', 'inferred', 'assumed'] as const;

/** In the order in which they are written; `none` columns are made by the sink from the cut, the codes and the layout. */
export const envelope: readonly Column[] = [
  { name: 'event_id', type: 'UUID', wire: 'uuid', meaning: 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.' },
  { name: 'event_type', type: 'LowCardinality(String)', wire: 'u8', meaning: 'Protocol and IETF YANG notification.' },
  { name: 'time', type: "DateTime64(9, 'UTC')", wire: 'i64', meaning: 'Effective time; may be earlier than the frame that decided it.', codec: 'Delta, ZSTD(1)' },
  { name: 'decided_time', type: "DateTime64(9, 'UTC')", wire: 'i64', meaning: 'When it was known: time of the frame or deadline that decided it.', codec: 'Delta, ZSTD(1)' },
  { name: 'ingest_time', type: "DateTime64(9, 'UTC')", wire: 'none', meaning: "The cut's own time, written into the log by the worker.", codec: 'Delta, ZSTD(1)' },
  { name: 'context', type: 'UInt32', wire: 'u32', stored: false, meaning: 'Code of (shadow key, link); becomes domain, network_instance and link.' },
  { name: 'domain', type: 'LowCardinality(String)', wire: 'none', meaning: 'Routing universe named by the administrator.' },
  { name: 'network_instance', type: 'LowCardinality(String)', wire: 'none', meaning: 'Network instance (RFC 8529): `default`, or the tunnel it was seen in.' },
  { name: 'link', type: 'LowCardinality(String)', wire: 'none', meaning: 'The link the frame was on: tap and tags unless declared.' },
  { name: 'tap', type: 'LowCardinality(String)', wire: 'u16', meaning: 'Where we looked; for a fact the first tap to see it.' },
  { name: 'collector', type: 'LowCardinality(String)', wire: 'none', meaning: 'Collector of the tap.' },
  { name: 'evidence', type: 'LowCardinality(String)', wire: 'enum', values: evidenceValues, meaning: 'How we know: declared by the router itself, received, timer, inferred, lsdb.' },
  { name: 'confidence', type: 'LowCardinality(String)', wire: 'enum', values: confidenceValues, meaning: 'observed, inferred or assumed.' },
  { name: 'initial', type: 'Bool', wire: 'bool', meaning: 'First sight of something that was there before us; no change.' },
  { name: 'late', type: 'Bool', wire: 'bool', meaning: 'From a frame that arrived late: history, not news.' },
  { name: 'decoder_version', type: 'LowCardinality(String)', wire: 'none', meaning: 'Module and version that made the row.' },
  { name: 'schema_version', type: 'UInt16', wire: 'none', meaning: 'Layout of the row.' },
  { name: 'frame_partition', type: 'UInt16', wire: 'none', meaning: 'Locator: partition of the frames log.' },
  { name: 'frame_offset', type: 'UInt64', wire: 'u64', meaning: 'Locator: offset of the frame batch.', codec: 'Delta, ZSTD(1)' },
  { name: 'frame_index', type: 'UInt32', wire: 'u32', meaning: 'Locator: index of the frame in the batch.' },
  { name: 'ordinal', type: 'UInt32', wire: 'u32', meaning: 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.' },
];
