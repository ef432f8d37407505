/** A decoder with a fault, for tests: the IS-IS decoder, which traps or loops at one frame. Compiled by the test. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';
import { FRAME_FRAME_NUMBER } from '../../../../decoders-wasm/base/assembly/generated/frame.ts';
import { PROTOCOL_ISIS, FRAME_PROTOCOL } from '../../../../decoders-wasm/base/assembly/generated/frame.ts';

export * from './isis';
export * from './isis-state';

/** Frame numbers at which it traps and loops. */
const TRAPS_AT: u64 = 100;
const LOOPS_AT: u64 = 200;
let used: u32 = 0;

/** One record at a time, so that the fault comes amid the rows of a batch. */
export function process(at: usize, length: u32): i32 {
  const end = at + length;
  for (let record = at; record < end; record += load<u32>(record)) {
    const number = load<u64>(record, FRAME_FRAME_NUMBER);
    if (load<u8>(record, FRAME_PROTOCOL) == PROTOCOL_ISIS) {
      if (number == TRAPS_AT) unreachable();
      while (number == LOOPS_AT) used += 1;
    }
    isis.process(record, load<u32>(record));
  }
  return 0;
}
