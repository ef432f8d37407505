/** C8: several taps on one link see the same PDU; the first to see it counts. */
import { Frame } from '../../../base/assembly/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { linkAt, PDU_RING } from './link.ts';
import { Pdu } from './pdu.ts';

/** Equal PDUs of two taps within this time are one. */
const WINDOW: i64 = 2_000_000_000;
/** hash u64, wall i64, tap bits u32, pad u32 */
export const PDU_RING_ENTRY: u32 = 24;

/** Whether another tap of the link has shown this PDU already; remembers it otherwise. `tap`: index within the link. */
export function seenElsewhere(link: u32, tap: i32): bool {
  const l = linkAt(link);
  if (l.tapCount < 2 || tap < 0) return false;
  if (l.ring == 0) {
    l.ring = Blocks.take(PDU_RING * PDU_RING_ENTRY) as u32;
    if (l.ring == 0) return false;
    memory.fill(l.ring as usize, 0, PDU_RING * PDU_RING_ENTRY);
  }
  Hash.murmur128(Pdu.at, Pdu.here);
  const wall = Frame.time();
  const bit: u32 = 1 << tap;
  for (let i: u32 = 0; i < PDU_RING; i++) {
    const at = ringEntry(l.ring, (l.ringNext + i) % PDU_RING);
    if (load<u64>(at) != Hash.low || load<u32>(at, 16) == 0) continue;
    const apart = wall - load<i64>(at, 8);
    if (apart > WINDOW || apart < -WINDOW || (load<u32>(at, 16) & bit) != 0) continue;
    store<u32>(at, load<u32>(at, 16) | bit, 16);
    return true;
  }
  const at = ringEntry(l.ring, l.ringNext);
  store<u64>(at, Hash.low);
  store<i64>(at, wall, 8);
  store<u32>(at, bit, 16);
  l.ringNext = (l.ringNext + 1) % PDU_RING;
  return false;
}

export function ringEntry(ring: u32, index: u32): usize {
  return ring as usize + (index * PDU_RING_ENTRY) as usize;
}
