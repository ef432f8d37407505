/** Entry of ospf.wasm: the exports of the contract, and what each frame goes through. */
import { Chunk, CHUNK_DONE } from '../../../base/assembly/chunk.ts';
import { Contexts, Frame, Taps } from '../../../base/assembly/frame.ts';
import { PROTOCOL_OSPFV2 } from '../../../base/assembly/generated/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { Json } from '../../../base/assembly/json.ts';
import { exportShadow, importShadow } from './checkpoint.ts';
import { flushCounts } from './counts.ts';
import { Now } from './clock.ts';
import { DatabaseDescription } from './database-description.ts';
import { passDeadlines } from './deadlines.ts';
import { Link, setUpEntries } from './entries.ts';
import { ERROR_PACKET_CHECKSUM, reportError, setUpErrors } from './errors.ts';
import { applyDatabaseDescription, applyRequest, applyUpdate, receiverOf } from './exchange.ts';
import { Hello } from './hello.ts';
import {
  PACKET_DATABASE_DESCRIPTION, PACKET_HELLO, PACKET_LINK_STATE_REQUEST, PACKET_LINK_STATE_UPDATE,
} from './iana.ts';
import { LinkStateAcknowledgment } from './link-state-acknowledgment.ts';
import { LinkStateRequest } from './link-state-request.ts';
import { LinkStateUpdate } from './link-state-update.ts';
import { findInterface, linkOfFrame, markBlind } from './links.ts';
import { setUpEdges } from './edges.ts';
import { setUpLsdb } from './lsdb.ts';
import { Packet, PACKET_OK } from './packet.ts';
import { isRepeated } from './repeats.ts';
import { emitQuarantine } from './rows.ts';
import { applyHello } from './shadow.ts';
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
  return Chunk.run(at, length, PROTOCOL_OSPFV2, passDeadlines, onFrame);
}

/** The boot clock of a tap has reached `boot`. */
export function tick(tap: u32, boot: i64): i32 {
  Chunk.tick(tap, boot);
  passDeadlines(tap);
  return CHUNK_DONE;
}

/** The tap holds up no deadline any more. */
export function closeTap(tap: u32, why: u32): i32 {
  if (tap < Taps.count) {
    Taps.setOpen(tap, false);
    markBlind();
  }
  return CHUNK_DONE;
}

/** Writes a checkpoint; its length, -1 when memory refused it. */
export function exportState(): u64 {
  return exportShadow();
}

/** Takes over a checkpoint in a fresh instance whose taps and contexts are known. */
export function importState(at: usize, length: u32): bool {
  return importShadow(at, length);
}

export function explain(at: usize, length: u32): i32 {
  Frame.at = at;
  Json.begin();
  return 0;
}

export function query(at: usize, length: u32): i32 {
  Json.begin();
  return 0;
}

/** Parse and validate first, then apply. */
function onFrame(): void {
  Now.fromFrame();
  const error = parse();
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

/** Reads the frame under the decoder into the static places of its packet type; PACKET_OK or an error. */
export function parse(): i32 {
  const error = Packet.read();
  if (error != PACKET_OK) return error;
  if (Packet.type == PACKET_HELLO) return Hello.read();
  if (Packet.type == PACKET_DATABASE_DESCRIPTION) return DatabaseDescription.read();
  if (Packet.type == PACKET_LINK_STATE_REQUEST) return LinkStateRequest.read();
  if (Packet.type == PACKET_LINK_STATE_UPDATE) return LinkStateUpdate.read();
  return LinkStateAcknowledgment.read();
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
  if (sender === null) return;
  const receiver = receiverOf(link, sender);
  if (receiver === null) return;
  if (Packet.type == PACKET_DATABASE_DESCRIPTION) applyDatabaseDescription(sender, receiver);
  else if (Packet.type == PACKET_LINK_STATE_REQUEST) applyRequest(sender, receiver);
}

/** When the link began to be watched, wall ns. */
function watchedSince(link: Link): i64 {
  return link.firstSeen;
}

/** Contexts known, for tests of the harness. */
export function contextCount(): u32 {
  return Contexts.count;
}
