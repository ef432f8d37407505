/** The packet behind an event: found by the event's row, read from the log, explained by its decoder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NO_FRAME_INDEX } from '../../decoders-wasm/contract/abi.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { ShadowSet, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { decodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { eventsTopic, framesTopic } from '../../stream/contract/log.ts';
import { openAll } from '../../stream/log/embedded/manifest.ts';
import type { KafkaSettings } from '../../stream/log/kafka/index.ts';
import { openKafka } from './kafka.ts';
import { UsageError } from './output.ts';
import type { Reader } from './reader.ts';
import { timeText } from './time.ts';

/** Where the frame of an event stands, and what the event says of itself. */
export interface Locator {
  /** The log of its cut; undefined where the ledger does not have it (yet). */
  readonly log_id: string | undefined;
  readonly table_name: string;
  readonly frame_partition: number;
  readonly frame_offset: string;
  readonly frame_index: number;
  readonly event_type: string;
  readonly event_time: string;
  readonly evidence: string;
}

/** Tables whose rows name a frame. */
const tables = ['adjacency_events', 'topology_changes', 'route_changes', 'rib_marks', 'session_events', 'protocol_errors', 'quarantine', 'lsdb_changes', 'path_attributes', 'router_names', 'neighbor_counts', 'coverage_events'];

/** UsageError if the text is no event_id. */
export function checkEventId(eventId: string): void {
  if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(eventId)) throw new UsageError(`${eventId} is no event_id: those look like 1b4e28ba-2fa1-11d2-883f-0016d3cca427`);
}

/** Where the packet of an event is; undefined when there is no such event, UsageError when there is no packet behind it. */
export async function findPacket(reader: Reader, eventId: string): Promise<Locator | undefined> {
  const one = (table: string): string => `SELECT '${table}' AS table_name, frame_partition, toString(frame_offset) AS frame_offset, frame_index, toString(event_type) AS event_type, toString(time) AS event_time, toString(evidence) AS evidence, toString(toUnixTimestamp64Nano(ingest_time)) AS cut FROM ${table} WHERE event_id = {id:UUID}`;
  const [row] = await reader.rows(`${tables.map(one).join(' UNION ALL ')} LIMIT 1`, { id: eventId });
  if (row === undefined) return undefined;
  // Partition and offset count within the log that the row came from; its cut says which.
  const [cut] = await reader.rows(`SELECT log_id FROM routewatch.ledger WHERE partition = ${Number(row['frame_partition'])} AND toUnixTimestamp64Nano(ingest_time) = ${BigInt(String(row['cut']))} LIMIT 1`);
  const locator = { ...row, log_id: cut === undefined ? undefined : String(cut['log_id']).split('/').at(-1) } as unknown as Locator;
  if (locator.table_name === 'coverage_events') throw new UsageError(`${eventId} is a row of coverage_events: it tells of a tap, so no packet is behind it`);
  if (locator.frame_index >= NO_FRAME_INDEX) throw new UsageError(`${eventId} tells what another decoder reads otherwise (reason decoder-upgrade): no packet is behind it`);
  return locator;
}

/** Bytes, layers and fields; UsageError where the frame is gone. */
export async function showPacket(locator: Locator, dataDir: string, kafka: KafkaSettings | undefined): Promise<object> {
  const directory = kafka === undefined ? join(dataDir, 'log') : `Kafka at ${kafka.brokers.join(', ')}`;
  if (kafka === undefined && !existsSync(directory)) throw new UsageError(`${directory} is not there: the frames of ${dataDir} are gone`);
  const generations = kafka === undefined ? await openAll(directory) : [await openKafka(kafka)];
  try {
    for (const { log } of generations) {
      if (locator.log_id !== undefined && locator.log_id !== await log.identity(eventsTopic)) continue;
      for await (const { offset, value } of log.read(framesTopic, locator.frame_partition, BigInt(locator.frame_offset))) {
        if (offset === BigInt(locator.frame_offset)) return explained(decodeFrameBatch(value), locator);
        break;
      }
      throw new UsageError(`frames record ${locator.frame_offset} of partition ${locator.frame_partition} is gone from the log`);
    }
    throw new UsageError(`the log ${locator.log_id ?? ''} that the event came from is not in ${directory}: its frames are gone`);
  } finally {
    for (const { log } of generations) await log.close();
  }
}

function explained(batch: FrameBatch, locator: Locator): object {
  const view = new DataView(batch.frames.buffer, batch.frames.byteOffset, batch.frames.length);
  let at = 0;
  for (let index = 0; index < locator.frame_index; index++) at += view.getUint32(at, true);
  const length = view.getUint32(at, true);
  const protocol = view.getUint8(at + layout.FRAME_PROTOCOL);
  const tap = batch.header.taps[view.getUint16(at + layout.FRAME_TAP_ID, true)]!;
  const captured = view.getUint32(at + layout.FRAME_CAPTURED_LENGTH, true);
  const set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 29 });
  return {
    table: locator.table_name, event_type: locator.event_type, event_time: locator.event_time, evidence: locator.evidence, tap: tap.name, frame: Number(view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true)),
    time: timeText(view.getBigUint64(at + layout.FRAME_BOOT_NS, true) + BigInt(tap.wallOffsetNs)),
    bytes: Buffer.from(batch.frames.subarray(at + layout.FRAME_BYTES, at + layout.FRAME_BYTES + captured)).toString('hex'),
    explained: JSON.parse(set.explain(protocol, batch.frames.slice(at, at + length))) as unknown,
  };
}
