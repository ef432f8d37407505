/** Capture files straight to rows, without log and store: for `routewatch decode` and for tests. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Batcher } from '../../collectors/batching/index.ts';
import { type CaptureInputResult, type OpenCapture, openCapture, readCaptures } from '../../collectors/inputs/pcap/index.ts';
import { type RowBlock, ShadowSet, type ShadowSetOptions, type Stretch, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { type Row, readRows, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { decodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';

export interface DecodeOptions {
  readonly tapNames?: readonly string[];
  readonly domain?: string;
  readonly shiftNs?: bigint;
  readonly untilNs?: bigint;
  readonly batchBytes?: number;
  /** `onRows` keeps no bytes of the rows beyond its end: their memory is used again. */
  readonly lendRows?: boolean;
  readonly seed?: bigint;
  readonly memoryLimitBytes?: number;
  /** Called after each batch: may look into the shadows or reload them. */
  readonly afterBatch?: (set: ShadowSet, offset: bigint) => void;
  /** Instead of the shadows: gets each batch as it is. */
  readonly onBatch?: (batch: FrameBatch) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Told now and then: packets read, capture time reached. */
  readonly progress?: (packets: number, timeNs: bigint) => void;
  /** Opened already, instead of by their names. */
  readonly captures?: readonly OpenCapture[];
}

/** Tap name of a capture file: its base name without pcap, pcapng, cap and gz endings. */
export function tapNameOf(file: string): string {
  return file === '-' ? 'stdin' : basename(file).replace(/(\.(pcap|pcapng|cap|gz))+$/, '');
}

/** Decodes the captures as taps of one domain; `onRows` gets each batch's rows in order. One partition, one thread. */
export async function decodeCaptures(files: readonly string[], options: DecodeOptions, onRows: (stretch: Stretch) => void | Promise<void>): Promise<CaptureInputResult> {
  const captures = options.captures ?? await Promise.all(files.map((file) => openCapture(file)));
  const settings: ShadowSetOptions = {
    modules: registry.map(loadModule), seed: options.seed ?? 1n, memoryLimitBytes: options.memoryLimitBytes ?? 2 ** 31 - 65536,
  };
  const set = new ShadowSet(settings);
  let offset = 0n;
  const batcher = new Batcher({
    collector: 'decode', epoch: '1', partitions: 1, batchBytes: options.batchBytes ?? 1 << 20,
    send: async (_partition, record) => {
      const batch = decodeFrameBatch(record);
      if (options.onBatch === undefined) {
        const stretch = set.process(offset, batch);
        await onRows(stretch);
        if (options.lendRows === true) set.giveBack(stretch);
        options.afterBatch?.(set, offset);
      } else await options.onBatch(batch);
      offset += 1n;
    },
  });
  return readCaptures({
    captures, tapNames: options.tapNames ?? files.map(tapNameOf), domain: options.domain ?? 'default', shiftNs: options.shiftNs ?? 0n,
    ...(options.untilNs === undefined ? {} : { untilNs: options.untilNs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  }, batcher);
}

/** The rows of a block with every name filled in. */
export function rowsOf(block: RowBlock, stretch: Stretch): Row[] {
  return readRows(block.layout, block.bytes, {
    contexts: new Map(stretch.contexts.map((context) => [context.code, context])),
    taps: new Map(stretch.taps.map((tap) => [tap.code, { tap: tap.name, collector: tap.collector }])),
  });
}

/** Adds the rows of a stretch to those by table name. */
export function addRows(rows: Map<string, Row[]>, stretch: Stretch): void {
  for (const block of stretch.blocks) {
    const { name } = tableOf(block.table);
    rows.set(name, [...(rows.get(name) ?? []), ...rowsOf(block, stretch)]);
  }
}

/** All rows of the captures by table name, in the order in which they were decided. */
export async function decodeToRows(files: readonly string[], options: DecodeOptions = {}): Promise<{ rows: Map<string, Row[]>; result: CaptureInputResult }> {
  const rows = new Map<string, Row[]>();
  const result = await decodeCaptures(files, options, (stretch) => { addRows(rows, stretch); });
  return { rows, result };
}

/** Whether a path is there: tests over ../shared say so when it is not. */
export function isThere(path: string): boolean {
  try {
    readFileSync(path, { flag: 'r' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
}
