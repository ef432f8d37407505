/** A decoder that one frame spoils, so that it traps at every tick from then on, for tests; else the IS-IS decoder. Compiled by the test. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';
import { FRAME_FRAME_NUMBER, FRAME_PROTOCOL, PROTOCOL_ISIS, PROTOCOL_TICK } from '../../../../decoders-wasm/base/assembly/generated/frame.ts';
import { StateWriter } from '../../../../decoders-wasm/base/assembly/state.ts';

export * from './isis';

const SPOILS_AT: u64 = 400;
let isSpoiled: u8 = 0;

export function tick(tap: u32, boot: i64): i32 {
  if (isSpoiled != 0) unreachable();
  return isis.tick(tap, boot);
}
export function exportState(): i64 {
  if ((isis.exportState(0) as i64) < 0) return -1;
  StateWriter.u8(isSpoiled);
  return StateWriter.length() as i64;
}
export function importState(at: usize, length: u32): i32 {
  isSpoiled = load<u8>(at + length - 1);
  return isis.importState(at, length - 1) ? 1 : 0;
}

/** One record at a time, so that the fault comes amid the rows of a batch. */
export function process(at: usize, length: u32): i32 {
  const end = at + length;
  for (let record = at; record < end; record += load<u32>(record)) {
    const protocol = load<u8>(record, FRAME_PROTOCOL);
    if (protocol == PROTOCOL_TICK && isSpoiled != 0) unreachable();
    isis.process(record, load<u32>(record));
    if (protocol == PROTOCOL_ISIS && load<u64>(record, FRAME_FRAME_NUMBER) == SPOILS_AT) isSpoiled = 1;
  }
  return 0;
}
