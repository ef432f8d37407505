/** Rows that the host itself makes: whether we could see, and frames that a decoder could not take. */
import type { BatchTap, FrameBatch, FrameBatchHeader } from '../contract/batch.ts';
import * as layout from '../contract/generated/frame.ts';
import { DECIDED_BY_DEADLINE, DECIDED_BY_FRAME, writeRow } from '../contract/row-writer.ts';
import { tableOf } from '../contract/row-reader.ts';
import type { CodedContext, CodedTap } from './codes.ts';
import type { RowBlock } from './instance.ts';
import type { SkippedFrame } from './stretch.ts';

/** A row with the codes it uses. */
export interface HostRow extends RowBlock {
  readonly context: number;
  readonly tap: number;
}

const protocolNames = new Map<number, string>([
  [layout.PROTOCOL_ISIS, 'isis'],
  [layout.PROTOCOL_OSPFV2, 'ospfv2'],
  [layout.PROTOCOL_OSPFV3, 'ospfv3'],
  [layout.PROTOCOL_BGP, 'bgp'],
]);

/** `coverage_events` of a batch header: taps that opened or closed, gaps. Ids come from the tap and its boot time. */
export function coverageRows(offset: bigint, header: FrameBatchHeader, taps: readonly CodedTap[], contexts: readonly CodedContext[]): HostRow[] {
  const row = (tap: BatchTap, coded: CodedTap, what: string, at: string, values: { to?: string; lost?: bigint; detail: string }): HostRow => {
    const context = contexts[tap.key!]!.code;
    const time = BigInt(at) + coded.wallOffset;
    return {
      table: tableOf('coverage_events').id, layout: tableOf('coverage_events').layout, rows: 1, context, tap: coded.code,
      bytes: writeRow('coverage_events', { identity: coded.identity, kind: DECIDED_BY_DEADLINE, number: BigInt(at), key: `${what}\n${tap.name}` }, {
        time, context, tap: coded.code, frame_offset: offset, what, subject: tap.name,
        from: time, to: values.to === undefined ? 0n : BigInt(values.to) + coded.wallOffset, lost: values.lost ?? 0n, detail: values.detail,
      }),
    };
  };
  const rows: HostRow[] = [];
  header.taps.forEach((tap, index) => {
    const coded = taps[index]!;
    if (tap.key === undefined || coded.isRefused) return;
    if (tap.openedNs !== undefined) rows.push(row(tap, coded, 'tap-opened', tap.openedNs, { detail: 'first frame of this tap' }));
    for (const gap of header.gaps.filter((one) => one.tap === index)) {
      rows.push(row(tap, coded, 'gap', gap.fromNs, { to: gap.toNs, lost: BigInt(gap.lost), detail: gap.detail }));
    }
    for (const { isUp, fromNs, atNs, changes } of (header.carriers ?? []).filter((one) => one.tap === index)) {
      const hidden = changes > 1 ? `; its state changed ${changes} times since it was read before` : '';
      // Down and up again between two readings: an interval that is over.
      const flapped = isUp && changes > 1;
      rows.push(row(tap, coded, isUp && !flapped ? 'carrier-restored' : 'carrier-lost', flapped ? fromNs : atNs, { ...(flapped ? { to: atNs } : {}), detail: `the tapped interface has ${isUp ? 'its' : 'no'} carrier${hidden}` }));
    }
    if (tap.closedNs !== undefined) rows.push(row(tap, coded, 'tap-closed', tap.closedNs, { detail: tap.closedBy ?? 'end of the capture or graceful stop' }));
  });
  return rows;
}

/** The `quarantine` row of a frame that trapped its decoder or kept it too long; `place` is its locator, `at` its first byte, `coded` holds codes, `raw` the header's indices. */
export function quarantineRow(place: { readonly offset: bigint; readonly index: number }, coded: Uint8Array, raw: FrameBatch['frames'], frame: SkippedFrame & { readonly at: number }, taps: readonly CodedTap[]): HostRow {
  const { at } = frame;
  const view = new DataView(coded.buffer, coded.byteOffset + at, layout.FRAME_BYTES);
  const tap = taps[view.getUint16(layout.FRAME_TAP_ID, true)]!;
  const context = view.getUint32(layout.FRAME_KEY_INDEX, true);
  const captured = view.getUint32(layout.FRAME_CAPTURED_LENGTH, true);
  return {
    table: tableOf('quarantine').id, layout: tableOf('quarantine').layout, rows: 1, context, tap: tap.code,
    bytes: writeRow('quarantine', { identity: tap.identity, kind: DECIDED_BY_FRAME, number: view.getBigUint64(layout.FRAME_FRAME_NUMBER, true), key: frame.error }, {
      time: view.getBigUint64(layout.FRAME_BOOT_NS, true) + tap.wallOffset, context, tap: tap.code,
      frame_offset: place.offset, frame_index: place.index,
      protocol: protocolNames.get(raw[at + layout.FRAME_PROTOCOL]!) ?? '', error: frame.error, error_offset: 0, source_line: frame.sourceLine,
      bytes: Buffer.from(coded.subarray(at + layout.FRAME_BYTES, at + layout.FRAME_BYTES + captured)).toString('hex'),
    }),
  };
}

/** The `quarantine` row of a record of the log that is no frame batch. Its id comes from log, partition and offset. */
export function spoiledRow(offset: bigint, { time, error, bytes }: { readonly time: bigint; readonly error: string; readonly bytes: Uint8Array }, tap: CodedTap, context: CodedContext): HostRow {
  return {
    table: tableOf('quarantine').id, layout: tableOf('quarantine').layout, rows: 1, context: context.code, tap: tap.code,
    bytes: writeRow('quarantine', { identity: tap.identity, kind: DECIDED_BY_DEADLINE, number: offset, key: 'frame-batch' }, {
      time, context: context.code, tap: tap.code, frame_offset: offset, frame_index: 0,
      protocol: '', error: 'frame-batch', error_offset: 0, source_line: error, bytes: Buffer.from(bytes).toString('hex'),
    }),
  };
}
