/** A decoder that takes memory without end at one frame, for tests; else the IS-IS decoder. Compiled by the test. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';
import { FRAME_FRAME_NUMBER, FRAME_PROTOCOL, PROTOCOL_ISIS } from '../../../../decoders-wasm/base/assembly/generated/frame.ts';

export * from './isis';
export * from './isis-state';

const HARM_AT: u64 = 150;

/** One record at a time, so that the fault comes amid the rows of a batch. */
export function process(at: usize, length: u32): i32 {
  const end = at + length;
  for (let record = at; record < end; record += load<u32>(record)) {
    const isHarmful = load<u64>(record, FRAME_FRAME_NUMBER) == HARM_AT && load<u8>(record, FRAME_PROTOCOL) == PROTOCOL_ISIS;
    if (isHarmful) memory.grow(4000);
    isis.process(record, load<u32>(record));
  }
  return 0;
}
