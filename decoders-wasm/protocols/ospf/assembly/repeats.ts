/** C8: a content-equal PDU on another tap of the link within 2 s is the same PDU. The last PDUs, in a ring. */
import { Frame } from '../../../base/assembly/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { StateReader, StateWriter } from '../../../base/assembly/state.ts';
import { Now, SECOND } from './clock.ts';
import { Link } from './entries.ts';
import { Packet } from './packet.ts';

const KEPT: u32 = 256;
/** hash u64, wall time i64, tap u32, shadow u32, link u32, pad u32 */
const ENTRY_BYTES: u32 = 32;
const SAME_PDU: i64 = 2 * SECOND;
const ring: usize = memory.data(256 * 32, 8);
let written: u32 = 0;

/** Whether the packet under the decoder was seen on another tap of its link just before; notes it when not. */
export function isRepeated(link: Link): bool {
  Hash.murmur128(Packet.start, min<u32>(Packet.length + (Packet.digestLength as u32), Frame.payloadHere()));
  const hash = Hash.low;
  if (link.tapCount > 1 && isKept(link, hash)) return true;
  const at = ring + ((written % KEPT) * ENTRY_BYTES) as usize;
  written += 1;
  store<u64>(at, hash);
  store<i64>(at, Now.time, 8);
  store<u32>(at, Now.tap, 16);
  store<u32>(at, link.shadow, 20);
  store<u32>(at, link.link, 24);
  return false;
}

function isKept(link: Link, hash: u64): bool {
  for (let i: u32 = 0; i < min<u32>(written, KEPT); i++) {
    const at = ring + (i * ENTRY_BYTES) as usize;
    if (load<u64>(at) != hash || load<u32>(at, 24) != link.link || load<u32>(at, 20) != link.shadow) continue;
    const age = Now.time - load<i64>(at, 8);
    if (load<u32>(at, 16) != Now.tap && age < SAME_PDU && age > -SAME_PDU) return true;
  }
  return false;
}

export function exportRecent(): void {
  StateWriter.u32(written);
  StateWriter.bytes(ring, KEPT * ENTRY_BYTES);
}

export function importRecent(): void {
  written = StateReader.u32();
  const at = StateReader.bytes(KEPT * ENTRY_BYTES);
  if (at != 0) memory.copy(ring, at, KEPT * ENTRY_BYTES);
}
