/** For the tests of this folder: captures through ospf.wasm alone, to rows by table or to the frames themselves. */
import { join } from 'node:path';
import { decodeCaptures, rowsOf } from '../../../infra/lab/decode.ts';
import { loadModule, registry, ShadowSet } from '../../contract/host.ts';
import { type Row, tableOf } from '../../contract/row-reader.ts';

/** RW_PROTOCOL_OSPFV2 of bpf/frame.h. */
export const OSPFV2 = 2;
export const repository = join(import.meta.dirname, '..', '..', '..');

export interface OspfDecoding {
  /** Rows by table, in the order in which they were decided. */
  readonly rows: Map<string, Row[]>;
  readonly lastNs: bigint;
  readonly set: ShadowSet;
}

export interface OspfOptions {
  readonly seed?: bigint;
  readonly batchBytes?: number;
  /** Called after each batch with its number from 0. */
  readonly afterBatch?: (set: ShadowSet, batch: number) => void;
}

/** A shadow set with this module alone. */
export function ospfShadow(seed = 1n): ShadowSet {
  const modules = registry.filter((one) => one.protocol === OSPFV2).map(loadModule);
  return new ShadowSet({ modules, seed, memoryLimitBytes: 1 << 30 });
}

/** Decodes capture files as taps of one domain. */
export async function decodeOspf(files: readonly string[], options: OspfOptions = {}): Promise<OspfDecoding> {
  const set = ospfShadow(options.seed);
  const rows = new Map<string, Row[]>();
  let batches = 0;
  const result = await decodeCaptures(files, {
    ...(options.batchBytes === undefined ? {} : { batchBytes: options.batchBytes }),
    onBatch: (batch) => {
      const stretch = set.process(BigInt(batches), batch);
      for (const block of stretch.blocks) {
        const table = tableOf(block.table).name;
        rows.set(table, [...(rows.get(table) ?? []), ...rowsOf(block, stretch)]);
      }
      options.afterBatch?.(set, batches);
      batches += 1;
    },
  }, () => undefined);
  return { rows, lastNs: result.lastNs ?? 0n, set };
}

/** A row without what depends on batches: locator and ingest time. */
export function withoutLocator(row: Row): Record<string, unknown> {
  const rest: Record<string, unknown> = { ...row };
  for (const column of ['ingest_time', 'frame_partition', 'frame_offset', 'frame_index', 'context']) delete rest[column];
  return rest;
}
