/** What tests across stages share: rows of a log, rows made comparable, batches of a capture. */
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { loadModule, registry, ShadowSet } from '../../decoders-wasm/contract/host.ts';
import { readRows, tableOf, type Row } from '../../decoders-wasm/contract/row-reader.ts';
import { EventsReader } from '../../stream/contract/events-reader.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { eventsTopic, type Log } from '../../stream/contract/log.ts';
import { addRows, decodeCaptures } from './decode.ts';

/** Every column but the locator, as text, in canonical order. */
export function comparable(rows: ReadonlyMap<string, readonly Row[]>): string[] {
  return [...rows].flatMap(([table, list]) => list.map(({ frame_offset: _offset, frame_index: _index, frame_partition: _partition, ...row }) => (
    `${table} ${JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}`))).toSorted();
}

/** The same of rows that each name their table. */
export function comparableRows(rows: readonly { readonly table: string; readonly row: Row }[]): string[] {
  return comparable(new Map([...Map.groupBy(rows, ({ table }) => table)].map(([table, list]) => [table, list.map(({ row }) => row)])));
}

/** Table and event id of every row, in canonical order. */
export function ids(rows: ReadonlyMap<string, readonly Row[]>): string[] {
  return [...rows].flatMap(([table, list]) => list.map((row) => `${table} ${String(row['event_id'])}`)).toSorted();
}

/** The rows that count in an events log. */
export async function loggedRows(log: Log, partitions: number): Promise<Map<string, Row[]>> {
  const rows = new Map<string, Row[]>();
  for (let partition = 0; partition < partitions; partition++) {
    const { first } = await log.bounds(eventsTopic, partition);
    const reader = new EventsReader(`partition ${partition}`, undefined, first > 0n);
    for await (const logged of log.read(eventsTopic, partition, first)) {
      const placed = reader.take(logged);
      placed?.record.header.sections.forEach((section, index) => {
        const { name } = tableOf(section.table);
        const codes = {
          contexts: new Map(placed.record.header.contexts.map((context) => [context.code, context])),
          taps: new Map(placed.record.header.taps.map((tap) => [tap.code, tap])),
        };
        rows.set(name, [...(rows.get(name) ?? []), ...readRows(section.layout, placed.record.rows[index]!, codes)]);
      });
    }
  }
  return rows;
}

/** Rows by table of batches that go through fresh shadows; every so many batches these are reloaded, as by a restart. */
export function decodeBatches(batches: readonly FrameBatch[], { seed = 1n, reloadEvery }: { readonly seed?: bigint; readonly reloadEvery?: number } = {}): Map<string, Row[]> {
  const set = new ShadowSet({ modules: registry.map(loadModule), seed, memoryLimitBytes: 1 << 28 });
  const rows = new Map<string, Row[]>();
  batches.forEach((batch, index) => {
    addRows(rows, set.process(BigInt(index), batch));
    if (reloadEvery !== undefined && index % reloadEvery === 0) set.reload(seed + BigInt(index));
  });
  return rows;
}

/** The rows of coverage that say `what`. */
export function coverage(rows: ReadonlyMap<string, readonly Row[]>, what: string): readonly Row[] {
  return (rows.get('coverage_events') ?? []).filter((row) => row['what'] === what);
}

/** Boot time of the last record of a batch. */
export function lastBoot({ frames }: FrameBatch): bigint {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  let last = 0n;
  for (let at = 0; at < frames.length; at += view.getUint32(at, true)) last = view.getBigUint64(at + layout.FRAME_BOOT_NS, true);
  return last;
}

/** The frame batches of a capture, at most of so many bytes. */
export async function batchesOf(file: string, batchBytes: number): Promise<FrameBatch[]> {
  const batches: FrameBatch[] = [];
  await decodeCaptures([file], { batchBytes, onBatch: (batch) => { batches.push({ header: batch.header, frames: batch.frames.slice() }); } }, () => undefined);
  return batches;
}
