/** Writes frame records (layout: bpf/frame.h) into the output area. */
import * as frame from '../../base/assembly/generated/frame.ts';
import { Key } from './keys.ts';
import { NO_OFFSET, Packet, c } from './packet.ts';

/** Offsets beyond this do not fit the record. */
export const MOST_OFFSET: u32 = 0xfffe;

@unmanaged
export class Records {
  static at: usize = 0;
  static bytes: u32 = 0;
  static used: u32 = 0;

  /** Whether a record of `captured` bytes fits. */
  @inline static fits(captured: u32): bool {
    return captured + frame.FRAME_BYTES + 8 <= Records.bytes - Records.used;
  }

  /** Writes the record of the packet whose PDU lies at the cursor; false when its key was refused. */
  static write(protocol: u8): bool {
    const key = Key.number(protocol);
    if (key == 0) return false;
    const at = Records.at + Records.used;
    const raw = frame.FRAME_BYTES + Packet.captured;
    const length = (raw + 7) & ~7;
    const payload = (Packet.declared - c.position) as u32;
    store<u32>(at, length, frame.FRAME_LENGTH);
    store<u16>(at, Packet.tap as u16, frame.FRAME_TAP_ID);
    store<u8>(at, Packet.direction, frame.FRAME_DIRECTION);
    store<u8>(at, protocol, frame.FRAME_PROTOCOL);
    store<u64>(at, Packet.boot, frame.FRAME_BOOT_NS);
    store<u64>(at, Packet.number, frame.FRAME_FRAME_NUMBER);
    store<u32>(at, key - 1, frame.FRAME_KEY_INDEX);
    store<u32>(at, Packet.original, frame.FRAME_ORIGINAL_LENGTH);
    store<u32>(at, Packet.captured, frame.FRAME_CAPTURED_LENGTH);
    store<u32>(at, payload, frame.FRAME_PAYLOAD_LENGTH);
    store<u16>(at, offset(Packet.link), frame.FRAME_LINK_OFFSET);
    store<u16>(at, offset(Packet.network), frame.FRAME_NETWORK_OFFSET);
    store<u16>(at, Packet.offset() as u16, frame.FRAME_PAYLOAD_OFFSET);
    store<u16>(at, flags(), frame.FRAME_FLAGS);
    encapsulation(at);
    memory.copy(at + frame.FRAME_BYTES, Packet.start, Packet.captured);
    memory.fill(at + raw, 0, length - raw);
    Records.used += length;
    return true;
  }
}

function offset(value: u32): u16 {
  return value == NO_OFFSET ? frame.OFFSET_NONE : value as u16;
}

function flags(): u16 {
  let flags: u16 = 0;
  if (Packet.reassembled) flags |= frame.FLAG_REASSEMBLED;
  if (Packet.declared > c.end) flags |= frame.FLAG_TRUNCATED;
  if (Packet.multicast) flags |= frame.FLAG_MULTICAST_LINK;
  return flags;
}

function encapsulation(at: usize): void {
  const vlans = Packet.vlanCount;
  store<u16>(at, vlans > 0 ? load<u16>(Packet.vlans) : frame.OFFSET_NONE, frame.FRAME_VLAN_OUTER);
  store<u16>(at, vlans > 1 ? load<u16>(Packet.vlans, 2) : frame.OFFSET_NONE, frame.FRAME_VLAN_INNER);
  store<u8>(at, vlans as u8, frame.FRAME_VLAN_COUNT);
  const depth = Packet.tunnelCount;
  const inner = depth > 0 ? Packet.tunnel(depth - 1) : 0;
  const outer = depth > 1 ? Packet.tunnel(0) : 0;
  store<u8>(at, depth as u8, frame.FRAME_TUNNEL_DEPTH);
  store<u8>(at, inner != 0 ? load<u8>(inner) : frame.TUNNEL_NONE, frame.FRAME_TUNNEL_KIND);
  store<u8>(at, outer != 0 ? load<u8>(outer) : frame.TUNNEL_NONE, frame.FRAME_OUTER_TUNNEL_KIND);
  store<u32>(at, inner != 0 ? load<u32>(inner, 4) : 0, frame.FRAME_TUNNEL_ID);
  store<u32>(at, outer != 0 ? load<u32>(outer, 4) : 0, frame.FRAME_OUTER_TUNNEL_ID);
}
