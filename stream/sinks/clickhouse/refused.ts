/** Rows that the store will never take: how that is seen, and the quarantine row that keeps them. */
import { ClickHouseError } from '@clickhouse/client';
import { DECIDED_BY_DEADLINE, writeRow } from '../../../decoders-wasm/contract/row-writer.ts';
import { murmur128 } from '../../../decoders-wasm/contract/murmur.ts';

/** Codes of the engine for data that it cannot read or convert: the same bytes would be refused again and again. */
const REFUSALS = new Set([
  6, 9, 20, 26, 27, 32, 33, 38, 41, 43, 53, 69, 70, 72, 117, 130, 131, 246, 321, 349, 376, 407, 441, 467, 469, 675, 691,
]);
/** So much of a refused record is kept, bytes. */
const MOST_KEPT_BYTES = 1 << 16;

/** Whether the store answered that it cannot read these rows; false for all that may pass (memory, time, network, lock). */
export function isRefusal(error: unknown): error is ClickHouseError {
  return error instanceof ClickHouseError && REFUSALS.has(Number(error.code));
}

export interface RefusedPart {
  readonly log: string;
  readonly partition: number;
  /** Offset of the record. */
  readonly offset: bigint;
  /** Of its rows; empty: the record could not be read at all. */
  readonly layout: string;
  readonly bytes: Uint8Array;
  readonly error: Error;
  /** Time of the cut, ns. */
  readonly ingestTimeNs: string;
}

/** The quarantine row of a refused record: its offset as locator, the first 64 KB of its rows; the same again for the same record. */
export function quarantineRow({ log, partition, offset, layout, bytes, error, ingestTimeNs }: RefusedPart): Uint8Array {
  return writeRow('quarantine', { identity: murmur128(Buffer.from(`${log}/${partition}`)), kind: DECIDED_BY_DEADLINE, number: offset, key: `events-record\n${layout}` }, {
    time: BigInt(ingestTimeNs), frame_offset: offset, error: 'events-record', error_offset: 0,
    source_line: `${layout === '' ? 'unreadable' : `layout ${layout}`}: ${error.message.split('\n')[0]!.slice(0, 300)}`, bytes: Buffer.from(bytes.subarray(0, MOST_KEPT_BYTES)).toString('hex'),
  });
}
