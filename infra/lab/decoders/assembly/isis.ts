/** What the decoders with faults leave to the IS-IS decoder as it is. */
import * as isis from '../../../../decoders-wasm/protocols/isis/assembly/index.ts';

export * from '../../../../decoders-wasm/base/assembly/exports';

export function abi_version(): u32 { return isis.abi_version(); }
export function setUp(seed: u64, memoryLimitBytes: u32): void { isis.setUp(seed, memoryLimitBytes); }
export function closeTap(tap: u32, why: u32): i32 { return isis.closeTap(tap, why); }
export function explain(at: usize, length: u32): i32 { return isis.explain(at, length); }
export function query(at: usize, length: u32): i32 { return isis.query(at, length); }
