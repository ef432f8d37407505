/** Entry of ospf.wasm: the exports of the contract, and what each frame goes through. */
import { Chunk, CHUNK_DONE } from '../../../base/assembly/chunk.ts';
import { Frame, TAP_GAP, Taps } from '../../../base/assembly/frame.ts';
import { PROTOCOL_OSPFV2 } from '../../../base/assembly/generated/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { exportShadow, importShadow, OLDEST_STATE_VERSION, STATE_VERSION } from './checkpoint.ts';
import { flushCounts } from './counts.ts';
import { Now } from './clock.ts';
import { passDeadlines, watchOffsets } from './deadlines.ts';
import { tellDifferences } from './differences.ts';
import { Due } from './due.ts';
import { Link, setUpEntries } from './entries.ts';
import { ERROR_PACKET_CHECKSUM, reportError, setUpErrors } from './errors.ts';
import { applyDatabaseDescription, applyRequest, applyUpdate, receiverOf } from './exchange.ts';
import { explainFrame } from './explain.ts';
import {
  PACKET_DATABASE_DESCRIPTION, PACKET_HELLO, PACKET_LINK_STATE_ACKNOWLEDGMENT, PACKET_LINK_STATE_UPDATE,
} from './iana.ts';
import { findInterface, linkOfFrame, markBlind } from './links.ts';
import { setUpEdges } from './graph.ts';
import { setUpLsdb } from './lsdb.ts';
import { leaveTap } from './lsdb-taps.ts';
import { Packet, PACKET_OK } from './packet.ts';
import { parsePacket } from './parse.ts';
import { answer } from './query.ts';
import { isRepeated } from './repeats.ts';
import { emitQuarantine } from './rows.ts';
import { applyHello } from './shadow.ts';
import { Told } from './told.ts';
import { applyLsas } from './update-rules.ts';

export * from '../../../base/assembly/exports';

/** Version of the contract between host and module. */
export function abi_version(): u32 {
  return 1;
}

/** Once, first: hash seed and the most bytes that memory may grow to. */
export function setUp(seed: u64, memoryLimitBytes: u32): void {
  Hash.seed = seed;
  Memory.setLimit(memoryLimitBytes as usize);
  setUpEntries();
  setUpErrors();
  setUpLsdb();
  setUpEdges();
}

/** Handles frame records. */
export function process(at: usize, length: u32): i32 {
  watchOffsets();
  Told.forget();
  return Chunk.run(at, length, PROTOCOL_OSPFV2, passDeadlines, onFrame);
}

/** The boot clock of a tap has reached `boot`. */
export function tick(tap: u32, boot: i64): i32 {
  watchOffsets();
  Chunk.tick(tap, boot);
  passDeadlines(tap);
  return CHUNK_DONE;
}

/** The tap holds up no deadline any more; after a gap it goes on at once. */
export function closeTap(tap: u32, why: u32): i32 {
  if (tap < Taps.count) {
    Taps.setOpen(tap, false);
    markBlind();
    leaveTap(tap);
    if (why != TAP_GAP) Due.reconsider(tap);
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
  return exportShadow(version);
}

/** Takes over a checkpoint in a fresh instance whose taps and contexts are known. */
export function importState(at: usize, length: u32): bool {
  return importShadow(at, length);
}

/** Rows of what this module reads otherwise in the LSAs than the one that wrote the state. */
export function differences(identity: usize): i32 {
  return tellDifferences(identity);
}

/** Writes the frame record at `at` as a JSON object; 0, or the code of the error that ends the packet. */
export function explain(at: usize, length: u32): i32 {
  return explainFrame(at);
}

/** Answers a read of the state: {"what":"lsdb"}, {"what":"neighbors"} or {"what":"links"}. */
export function query(at: usize, length: u32): i32 {
  return answer(at, length);
}

/** Parse and validate first, then apply. */
function onFrame(): void {
  Now.fromFrame();
  const error = parsePacket();
  if (error != PACKET_OK) {
    emitQuarantine(error);
    return;
  }
  if (!Packet.checksumHolds) {
    reportError(ERROR_PACKET_CHECKSUM, Frame.context(), Packet.router, 0, Packet.checksum as u32, 0);
  }
  apply();
  flushCounts();
}

function apply(): void {
  if (Packet.type == PACKET_HELLO) {
    applyHello();
    return;
  }
  const link = linkOfFrame(false, 0, 0);
  if (link === null || isRepeated(link)) return;
  const sender = findInterface(link, Packet.area, Packet.router, Packet.source);
  if (Packet.type == PACKET_LINK_STATE_UPDATE) {
    if (sender !== null) applyUpdate(link, sender);
    applyLsas(link, sender, watchedSince(link));
    return;
  }
  if (sender === null || Packet.type == PACKET_LINK_STATE_ACKNOWLEDGMENT) return;
  const receiver = receiverOf(link, sender);
  if (receiver === null) return;
  if (Packet.type == PACKET_DATABASE_DESCRIPTION) applyDatabaseDescription(sender, receiver);
  else applyRequest(sender, receiver);
}

/** When the link began to be watched, wall ns. */
function watchedSince(link: Link): i64 {
  return link.firstSeen;
}
