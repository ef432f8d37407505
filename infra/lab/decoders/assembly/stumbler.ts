/** A decoder that traps at several frames, for tests; else the IS-IS decoder. Compiled by the test. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';
import { FRAME_FRAME_NUMBER, FRAME_PROTOCOL, PROTOCOL_ISIS } from '../../../../decoders-wasm/base/assembly/generated/frame.ts';

export * from './isis';
export * from './isis-state';

/** Frames of the capture vlan-twins: 166 is of VLAN 20, the others of VLAN 10. */
function trapsAt(number: u64): bool {
  return number == 138 || number == 140 || number == 166 || number == 201 || number == 227 || number == 256;
}

/** One record at a time, so that the fault comes amid the rows of a batch. */
export function process(at: usize, length: u32): i32 {
  const end = at + length;
  for (let record = at; record < end; record += load<u32>(record)) {
    if (load<u8>(record, FRAME_PROTOCOL) == PROTOCOL_ISIS && trapsAt(load<u64>(record, FRAME_FRAME_NUMBER))) unreachable();
    isis.process(record, load<u32>(record));
  }
  return 0;
}
