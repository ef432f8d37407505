/** For tests: frame batches through one decoder up to some point and through another one from there. */
import { type RegisteredModule, loadModule, ShadowSet, type Stretch } from '../../decoders-wasm/contract/host.ts';
import { type Row, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { rowsOf } from './decode.ts';

export interface TakenRow {
  readonly table: string;
  /** Number of the batch that gave it; of a difference, of the batch before it. */
  readonly batch: number;
  readonly row: Row;
}

/** A shadow set with this module alone. */
export function shadowOf(module: RegisteredModule, seed = 1n): ShadowSet {
  return new ShadowSet({ modules: [loadModule(module)], seed, memoryLimitBytes: 1 << 30 });
}

/** The rows when `modules[n]` takes over behind the batches before `cuts[n - 1]`. */
export function takeOvers(batches: readonly FrameBatch[], modules: readonly RegisteredModule[], cuts: readonly number[]): TakenRow[] {
  const rows: TakenRow[] = [];
  let set = shadowOf(modules[0]!);
  const keep = (stretch: Stretch, batch: number): void => {
    for (const block of stretch.blocks) for (const row of rowsOf(block, stretch)) rows.push({ table: tableOf(block.table).name, batch, row });
  };
  batches.forEach((batch, index) => {
    cuts.forEach((cut, which) => {
      if (cut !== index) return;
      const state = set.exportState();
      set = shadowOf(modules[which + 1]!, BigInt(which) + 77n);
      set.importState(state);
      keep(set.differences([{ protocol: modules[which + 1]!.protocol, identity: new Uint8Array(16).fill(which + 1) }], { next: BigInt(index), turn: BigInt(which) }), index - 1);
    });
    keep(set.process(BigInt(index), batch), index);
  });
  return rows;
}
