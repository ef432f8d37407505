/** For the tests of this folder: captures through ospf.wasm alone, to rows by table or to the frames themselves. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addRows, decodeCaptures } from '../../../infra/lab/decode.ts';
import type { FrameBatch } from '../../contract/batch.ts';
import * as layout from '../../contract/generated/frame.ts';
import { loadModule, registry, ShadowSet } from '../../contract/host.ts';
import type { Row } from '../../contract/row-reader.ts';

/** RW_PROTOCOL_OSPFV2 of bpf/frame.h. */
export const OSPFV2 = 2;
export const repository = join(import.meta.dirname, '..', '..', '..');

/** What several projects share beside a checkout: captures of others, for tests only. */
export const shared = join(repository, '../shared');
export const hasShared = existsSync(join(shared, 'corpus'));
if (!hasShared) console.warn(`not run: tests over captures of others, as ${shared} is not there`);

export interface OspfDecoding {
  /** Rows by table, in the order in which they were decided. */
  readonly rows: Map<string, Row[]>;
  readonly lastNs: bigint;
  readonly set: ShadowSet;
}

export interface OspfOptions {
  readonly seed?: bigint;
  readonly batchBytes?: number;
  /** All taps look at one link of this name. */
  readonly oneLink?: string;
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
    onBatch: (read) => {
      const batch = options.oneLink === undefined ? read : onOneLink(read, options.oneLink);
      const stretch = set.process(BigInt(batches), batch);
      addRows(rows, stretch);
      options.afterBatch?.(set, batches);
      batches += 1;
    },
  }, () => undefined);
  return { rows, lastNs: result.lastNs ?? 0n, set };
}

function onOneLink(batch: FrameBatch, link: string): FrameBatch {
  return { ...batch, header: { ...batch.header, keys: batch.header.keys.map((key) => ({ ...key, link })) } };
}

/** A row without what depends on batches: locator and ingest time. */
export function withoutLocator(row: Row): Record<string, unknown> {
  const rest: Record<string, unknown> = { ...row };
  for (const column of ['ingest_time', 'frame_partition', 'frame_offset', 'frame_index', 'context']) delete rest[column];
  return rest;
}

/** Each OSPF frame of a capture by packet number, as `explain` writes it. */
export async function explainCapture(file: string): Promise<Map<number, Explained>> {
  const set = ospfShadow();
  const explained = new Map<number, Explained>();
  await decodeCaptures([file], {
    onBatch: ({ frames }) => {
      const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
      for (let at = 0; at < frames.length; at += view.getUint32(at, true)) {
        if (view.getUint8(at + layout.FRAME_PROTOCOL) !== OSPFV2) continue;
        const record = frames.subarray(at, at + view.getUint32(at, true));
        explained.set(Number(view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true)), JSON.parse(set.explain(OSPFV2, record)) as Explained);
      }
    },
  }, () => undefined);
  return explained;
}

/** What these tests read of an explanation. */
export interface Explained {
  readonly ipv4?: { readonly source: string; readonly destination: string; readonly ttl: number };
  readonly ospf: ExplainedPacket;
}

export interface ExplainedPacket {
  readonly 'packet-type'?: string;
  readonly error?: { readonly code: string; readonly offset: number };
  readonly [name: string]: unknown;
}
