/** A decoder that says of its rows what is not so at one frame, for tests; else the IS-IS decoder. Compiled by the test. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';
import { FRAME_FRAME_NUMBER, FRAME_PROTOCOL, PROTOCOL_ISIS } from '../../../../decoders-wasm/base/assembly/generated/frame.ts';
import { RowWriter } from '../../../../decoders-wasm/base/assembly/rows.ts';

export * from './isis';
export * from './isis-state';

/** A frame that gives rows. */
const HARM_AT: u64 = 353;

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
