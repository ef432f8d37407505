/** A decoder that says of its rows what is not so at one frame, for tests; else the IS-IS decoder. Compiled by the test. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';
import { FRAME_FRAME_NUMBER, FRAME_PROTOCOL, PROTOCOL_ISIS } from '../../../../decoders-wasm/base/assembly/generated/frame.ts';
import { RowWriter } from '../../../../decoders-wasm/base/assembly/rows.ts';

export * from '../../../../decoders-wasm/base/assembly/exports';

/** A frame that gives rows. */
const HARM_AT: u64 = 353;

export function abi_version(): u32 { return isis.abi_version(); }
export function setUp(seed: u64, memoryLimitBytes: u32): void { isis.setUp(seed, memoryLimitBytes); }
export function tick(tap: u32, boot: i64): i32 { return isis.tick(tap, boot); }
export function closeTap(tap: u32, why: u32): i32 { return isis.closeTap(tap, why); }
export function exportState(): i64 { return isis.exportState(0); }
export function importState(at: usize, length: u32): i32 { return isis.importState(at, length) ? 1 : 0; }
export function explain(at: usize, length: u32): i32 { return isis.explain(at, length); }
export function query(at: usize, length: u32): i32 { return isis.query(at, length); }

/** One record at a time, so that the fault comes amid the rows of a batch. */
export function process(at: usize, length: u32): i32 {
  const end = at + length;
  for (let record = at; record < end; record += load<u32>(record)) {
    const isHarmful = load<u64>(record, FRAME_FRAME_NUMBER) == HARM_AT && load<u8>(record, FRAME_PROTOCOL) == PROTOCOL_ISIS;
    isis.process(record, load<u32>(record));
    if (isHarmful && RowWriter.descriptorCount != 0) {
      store<u32>(RowWriter.descriptors, load<u32>(RowWriter.descriptors, 4) + 1, 4);
      return 0;
    }
  }
  return 0;
}
