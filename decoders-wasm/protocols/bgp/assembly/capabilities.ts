/** What holds on a connection: negotiated by both OPENs, or inferred where they were not seen. */
import { CAPABILITY_ASSUMED, CAPABILITY_INFERRED, CAPABILITY_OPEN, CAPABILITY_UNSET } from '../../../base/assembly/generated/constants.ts';
import { Text } from '../../../base/assembly/text.ts';
import {
  Connection, Direction, HAS_AS4, HAS_ENHANCED_REFRESH, HAS_EXTENDED_MESSAGE, HAS_EXTENDED_NEXT_HOP, HAS_GRACEFUL_RESTART,
  HAS_LLGR, HAS_MP_IPV4, HAS_MP_IPV6, HAS_ROLE, HAS_ROUTE_REFRESH, OPEN_SEEN,
} from './state.ts';

const NAMES: StaticArray<string> = [
  'mp-ipv4-unicast', 'mp-ipv6-unicast', 'route-refresh', 'extended-message', 'graceful-restart', 'as4', 'enhanced-route-refresh',
  'llgr', 'role', 'extended-next-hop',
];
const BITS: StaticArray<u32> = [
  HAS_MP_IPV4, HAS_MP_IPV6, HAS_ROUTE_REFRESH, HAS_EXTENDED_MESSAGE, HAS_GRACEFUL_RESTART, HAS_AS4, HAS_ENHANCED_REFRESH,
  HAS_LLGR, HAS_ROLE, HAS_EXTENDED_NEXT_HOP,
];

@unmanaged
export class Capabilities {
  /** Whether both OPENs of the connection were seen. */
  @inline static negotiated(connection: Connection): bool {
    return (connection.direction(0).flags & connection.direction(1).flags & OPEN_SEEN) != 0;
  }

  /** CAPABILITY_* of what is in force. */
  static source(connection: Connection): u8 {
    if (Capabilities.negotiated(connection)) return CAPABILITY_OPEN;
    const low = connection.direction(0);
    const high = connection.direction(1);
    if ((low.inferredAs4 | high.inferredAs4 | low.inferredAddPath4 | high.inferredAddPath4
      | low.inferredAddPath6 | high.inferredAddPath6) != 0) return CAPABILITY_INFERRED;
    return (low.flags & high.flags & OPEN_SEEN) == 0 ? CAPABILITY_ASSUMED : CAPABILITY_UNSET;
  }

  /** Negotiated hold time in seconds (RFC 4271 section 4.2: the smaller); 0 none or unknown. */
  static holdTime(connection: Connection): u32 {
    if (!Capabilities.negotiated(connection)) return 0;
    return min<u32>(connection.direction(0).holdTime, connection.direction(1).holdTime);
  }

  /** Whether routes of a family may be exchanged: both list it, or (IPv4) one lists no family at all (RFC 4760 section 8). */
  static family(connection: Connection, family: u32): bool {
    if (!Capabilities.negotiated(connection)) return true;
    return Capabilities.lists(connection.direction(0), family) && Capabilities.lists(connection.direction(1), family);
  }

  static lists(direction: Direction, family: u32): bool {
    const multiprotocol = direction.capabilities & (2 | 4 | 8);
    if (family == 0) return multiprotocol == 0 || (multiprotocol & HAS_MP_IPV4) != 0;
    return (multiprotocol & HAS_MP_IPV6) != 0;
  }

  /** Whether `sender` sends path ids in a family. */
  static addPath(sender: Direction, receiver: Direction, family: u32): bool {
    return family == 0 ? (sender.addPath4 & 2) != 0 && (receiver.addPath4 & 1) != 0
      : (sender.addPath6 & 2) != 0 && (receiver.addPath6 & 1) != 0;
  }

  /** Names of what both ends have, comma-separated. */
  static text(connection: Connection): void {
    const low = connection.direction(0);
    const high = connection.direction(1);
    if (!Capabilities.negotiated(connection)) {
      if (low.inferredAs4 == 2 || high.inferredAs4 == 2) Text.literal('as4');
      return;
    }
    const both = low.capabilities & high.capabilities;
    let first = true;
    for (let i = 0; i < NAMES.length; i++) {
      if ((both & BITS[i]) == 0) continue;
      if (!first) Text.char(44);
      Text.literal(NAMES[i]);
      first = false;
    }
    for (let family: u32 = 0; family < 2; family++) {
      if (!Capabilities.addPath(low, high, family) && !Capabilities.addPath(high, low, family)) continue;
      if (!first) Text.char(44);
      Text.literal(family == 0 ? 'add-path-ipv4-unicast' : 'add-path-ipv6-unicast');
      first = false;
    }
  }
}
