/** A decoder that traps at several frames, for tests; else the IS-IS decoder. Compiled by the test. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';
import { FRAME_FRAME_NUMBER, FRAME_PROTOCOL, PROTOCOL_ISIS } from '../../../../decoders-wasm/base/assembly/generated/frame.ts';

export * from '../../../../decoders-wasm/base/assembly/exports';

/** Frames of the capture vlan-twins: 166 is of VLAN 20, the others of VLAN 10. */
function trapsAt(number: u64): bool {
  return number == 138 || number == 140 || number == 166 || number == 201 || number == 227 || number == 256;
}

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
    if (load<u8>(record, FRAME_PROTOCOL) == PROTOCOL_ISIS && trapsAt(load<u64>(record, FRAME_FRAME_NUMBER))) unreachable();
    isis.process(record, load<u32>(record));
  }
  return 0;
}
