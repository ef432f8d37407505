/** Time and state of the decoders with faults that leave them to the IS-IS decoder as they are. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';

export function tick(tap: u32, boot: i64): i32 { return isis.tick(tap, boot); }
export function exportState(): i64 { return isis.exportState(0); }
export function importState(at: usize, length: u32): i32 { return isis.importState(at, length) ? 1 : 0; }
