/** Entry of isis.wasm: the exports of the contract, wired to the shadow. */
import { Chunk, CHUNK_DONE } from '../../../base/assembly/chunk.ts';
import { Envelope } from '../../../base/assembly/envelope.ts';
import { TAP_GAP, Taps } from '../../../base/assembly/frame.ts';
import { PROTOCOL_ISIS } from '../../../base/assembly/generated/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { setUpCauses } from './cause.ts';
import { blindUnwatched, passDeadlines, tapClosed } from './deadlines.ts';
import { tellDifferences } from './differences.ts';
import { explainFrame } from './explain.ts';
import { setUpGraph } from './graph.ts';
import { leaveTap } from './lsdb-taps.ts';
import { setUpLsdb } from './lsdb.ts';
import { Names } from './names.ts';
import { setUpPendings } from './pendings.ts';
import { answer } from './query.ts';
import { handleFrame } from './shadow.ts';
import { OLDEST_STATE_VERSION, readState, STATE_VERSION, writeState } from './state.ts';
import { setUpTables } from './tables.ts';
import { Timers } from './timers.ts';

export * from '../../../base/assembly/exports';

/** Version of the contract between host and module. */
export function abi_version(): u32 {
  return 1;
}

/** Once, first: the seed places entries and never shows in rows. */
export function setUp(seed: u64, memoryLimitBytes: u32): void {
  Hash.seed = seed;
  Memory.setLimit(memoryLimitBytes as usize);
  Timers.setUp();
  setUpTables();
  setUpCauses();
  setUpLsdb();
  setUpGraph();
  setUpPendings();
  Names.setUp();
}

export function process(at: usize, length: u32): i32 {
  return Chunk.run(at, length, PROTOCOL_ISIS, passDeadlines, handleFrame);
}

export function tick(tap: u32, boot: i64): i32 {
  Chunk.tick(tap, boot);
  passDeadlines(tap);
  return CHUNK_DONE;
}

/** The tap's file ended, or it is idle or lost: it holds up no deadline any more. After a gap it goes on at once. */
export function closeTap(tap: u32, why: u32): i32 {
  if (tap < Taps.count) {
    Taps.setOpen(tap, false);
    Envelope.beginDecision();
    if (why == TAP_GAP) {
      blindUnwatched();
      leaveTap(tap);
    } else tapClosed(tap);
  }
  return CHUNK_DONE;
}

/** Versions of checkpoints that are written and read. */
export function stateVersion(): u32 {
  return STATE_VERSION;
}

export function oldestStateVersion(): u32 {
  return OLDEST_STATE_VERSION;
}

/** Writes a checkpoint of that version (0: the newest); its length, -1 when memory refused it. */
export function exportState(version: u32): u64 {
  return writeState(version);
}

/** Takes over a checkpoint in a fresh instance. */
export function importState(at: usize, length: u32): bool {
  return readState(at, length);
}

/** Rows of what this module reads otherwise in the LSPs than the one that wrote the state. */
export function differences(identity: usize): i32 {
  return tellDifferences(identity);
}

/** Writes one frame record as a JSON object. 0, or the code of what is wrong with its PDU. */
export function explain(at: usize, length: u32): i32 {
  return explainFrame(at, length);
}

/** Answers a read for the API. */
export function query(at: usize, length: u32): i32 {
  return answer(at, length);
}
