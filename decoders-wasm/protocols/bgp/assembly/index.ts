/** Entry of bgp.wasm. */
import { Chunk } from '../../../base/assembly/chunk.ts';
import { TAP_GAP, Taps } from '../../../base/assembly/frame.ts';
import { PROTOCOL_BGP, TAP_ALL } from '../../../base/assembly/generated/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { RowWriter } from '../../../base/assembly/rows.ts';
import { AttributeSets } from './attribute-set.ts';
import { Deadlines } from './deadlines.ts';
import { tellDifferences } from './differences.ts';
import { Errors } from './errors.ts';
import { Rib } from './rib.ts';
import { Rows } from './rows.ts';
import { Sessions } from './state.ts';
import { Shadow } from './shadow.ts';
import { Checkpoint, OLDEST_STATE_VERSION, STATE_VERSION } from './checkpoint.ts';
import { Explain } from './explain.ts';
import { Query } from './query.ts';

export {
  input, addTap, addContext, batch, consumed, rowDescriptors, rowDescriptorCount, usedContexts, usedContextCount, usedTaps,
  usedTapCount, frameIndex, drained, layoutVersion,
  statePiece, stateDrained, textAddress, textLength,
} from '../../../base/assembly/exports';

/** Version of the contract between host and module. */
export function abi_version(): u32 {
  return 1;
}

export function setUp(seed: u64, memoryLimitBytes: u32): void {
  Hash.seed = seed;
  Memory.setLimit(memoryLimitBytes as usize);
  Sessions.setUp();
  AttributeSets.setUp();
  Errors.setUp();
  Rib.setUp();
}

export function process(at: usize, length: u32): i32 {
  return Chunk.run(at, length, PROTOCOL_BGP, onTime, onFrame);
}

export function tick(tap: u32, boot: i64): i32 {
  Chunk.tick(tap, boot);
  Deadlines.advance(tap);
  return RowWriter.full() ? 1 : 0;
}

export function closeTap(tap: u32, why: u32): i32 {
  if (tap < Taps.count) Taps.setOpen(tap, false);
  if (why == TAP_GAP) Deadlines.suspendUnwatched();
  Deadlines.changed();
  return 0;
}

/** Versions of checkpoints that are written and read. */
export function stateVersion(): u32 {
  return STATE_VERSION;
}

export function oldestStateVersion(): u32 {
  return OLDEST_STATE_VERSION;
}

/** Writes a checkpoint of that version (0: the newest). */
export function exportState(version: u32): i64 {
  return Checkpoint.write(version);
}

export function importState(at: usize, length: u32): bool {
  Deadlines.mayBeSuspended = true;
  return Checkpoint.read(at, length);
}

/** Rows of what this module reads otherwise in the attribute sets than the one that wrote the state. */
export function differences(identity: usize): i32 {
  return tellDifferences(identity);
}

export function explain(at: usize, length: u32): i32 {
  return Explain.frame(at, length);
}

export function query(at: usize, length: u32): i32 {
  return Query.answer(at, length);
}

/**
 * The shared counters, and: 16 sessions, 17 connections, 18 IPv4 routes without path id, 19 other routes, 20 attribute
 * sets, 21 refused connects, 22 refused sessions, 23 refused routes, 24 UPDATEs, 25 overflow buckets.
 */
export function counter(index: u32): u64 {
  if (index == 0) return Chunk.frames;
  if (index == 1) return RowWriter.refused as u64;
  if (index == 2) return Memory.refused as u64;
  if (index == 3) return (memory.size() as u64) << 16;
  if (index == 16) return Sessions.table.count as u64;
  if (index == 17) return Sessions.connections as u64;
  if (index == 18) return Rib.narrow.count as u64;
  if (index == 19) return Rib.wide.count as u64;
  if (index == 20) return AttributeSets.table.count as u64;
  if (index == 21) return Shadow.refusedConnects;
  if (index == 22) return Shadow.refusedSessions;
  if (index == 23) return (Rib.narrow.refused + Rib.wide.refused + AttributeSets.table.refused) as u64;
  if (index == 24) return Shadow.updates;
  if (index == 25) return (Rib.narrow.overflowCount + Rib.wide.overflowCount) as u64;
  return 0;
}

function onTime(tap: u32): void {
  Deadlines.advance(tap == TAP_ALL ? 0xffffffff : tap);
}

function onFrame(): void {
  Shadow.onFrame();
  Rows.frame();
}
