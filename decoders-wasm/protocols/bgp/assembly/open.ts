/** OPEN (RFC 4271 section 4.2) and its capabilities (RFC 5492), read into the direction that sent it. */
import { CURSOR_BYTES, Cursor, ERROR_NONE } from '../../../base/assembly/cursor.ts';
import {
  AFI_IPV4, AFI_IPV6, CAPABILITY_ADD_PATH, CAPABILITY_AS4, CAPABILITY_ENHANCED_REFRESH, CAPABILITY_EXTENDED_MESSAGE,
  CAPABILITY_EXTENDED_NEXT_HOP, CAPABILITY_FQDN, CAPABILITY_GRACEFUL_RESTART, CAPABILITY_LONG_LIVED_GRACEFUL_RESTART,
  CAPABILITY_MULTIPROTOCOL, CAPABILITY_ROLE, CAPABILITY_ROUTE_REFRESH, HEADER_BYTES, PARAMETER_CAPABILITIES,
  PARAMETER_EXTENDED_LENGTH, SAFI_UNICAST,
} from './iana.ts';
import {
  Direction, HAS_ADD_PATH, HAS_AS4, HAS_CAPABILITIES, HAS_ENHANCED_REFRESH, HAS_EXTENDED_MESSAGE, HAS_EXTENDED_NEXT_HOP, HAS_FQDN,
  HAS_GRACEFUL_RESTART, HAS_LLGR, HAS_MP_IPV4, HAS_MP_IPV6, HAS_MP_OTHER, HAS_NOTIFICATION_BIT, HAS_RESTART_STATE, HAS_ROLE,
  HAS_ROUTE_REFRESH,
} from './state.ts';

const message = Cursor.at(memory.data(CURSOR_BYTES));
const parameter = Cursor.at(memory.data(CURSOR_BYTES));
const capability = Cursor.at(memory.data(CURSOR_BYTES));

/** What an OPEN says, until it is taken over by `store`. */
@unmanaged
export class Open {
  static version: u8 = 0;
  static asNumber: u32 = 0;
  static holdTime: u16 = 0;
  static routerId: u32 = 0;
  static capabilities: u32 = 0;
  static role: u8 = 0;
  static grFamilies: u8 = 0;
  static grForwarding: u8 = 0;
  static restartTime: u16 = 0;
  static llgrFamilies: u8 = 0;
  static llgrTime4: u32 = 0;
  static llgrTime6: u32 = 0;
  static addPath4: u8 = 0;
  static addPath6: u8 = 0;
  static hostname: usize = 0;
  static hostnameLength: u32 = 0;
  static errorAt: u32 = 0;

  /**
   * Reads the message at `at`; false with `errorAt` when it is cut short.
   *   version 8 | my AS 16 | hold time 16 | BGP identifier 32 | parameters length 8 | parameters
   */
  static parse(at: usize, length: u32): bool {
    const c = message.over(at, length);
    c.skip(HEADER_BYTES);
    Open.version = c.u8();
    Open.asNumber = c.u16() as u32;
    Open.holdTime = c.u16();
    Open.routerId = load<u32>(c.position);
    c.skip(4);
    Open.capabilities = 0;
    Open.role = 0;
    Open.grFamilies = 0;
    Open.grForwarding = 0;
    Open.restartTime = 0;
    Open.llgrFamilies = 0;
    Open.llgrTime4 = 0;
    Open.llgrTime6 = 0;
    Open.addPath4 = 0;
    Open.addPath6 = 0;
    Open.hostnameLength = 0;
    let size = c.u8() as u32;
    // RFC 9072 section 2: a first parameter of type 255 announces 16-bit lengths.
    const extended = size != 0 && c.left() >= 3 && load<u8>(c.position) == PARAMETER_EXTENDED_LENGTH;
    if (extended) {
      c.u8();
      size = c.u16() as u32;
    }
    if (!c.sub(parameter, size)) {
      Open.errorAt = c.offset();
      return false;
    }
    while (!parameter.done()) {
      const type = parameter.u8();
      const bytes: u32 = extended ? parameter.u16() as u32 : parameter.u8() as u32;
      if (!parameter.sub(capability, bytes)) break;
      if (type == PARAMETER_CAPABILITIES && !Open.readCapabilities()) break;
    }
    Open.errorAt = parameter.errorAt == 0 ? 0 : (parameter.errorAt - at) as u32;
    return parameter.error == ERROR_NONE && c.error == ERROR_NONE;
  }

  private static readCapabilities(): bool {
    const c = capability;
    while (!c.done()) {
      const code = c.u8();
      const length = c.u8() as u32;
      const at = c.bytes(length);
      if (c.error != ERROR_NONE) {
        parameter.fail(c.error);
        return false;
      }
      Open.readCapability(code, at, length);
    }
    return true;
  }

  private static readCapability(code: u8, at: usize, length: u32): void {
    Open.capabilities |= HAS_CAPABILITIES;
    if (code == CAPABILITY_MULTIPROTOCOL && length == 4) {
      const family = Open.family(at, 3);
      Open.capabilities |= family == 0 ? HAS_MP_IPV4 : family == 1 ? HAS_MP_IPV6 : HAS_MP_OTHER;
    } else if (code == CAPABILITY_ROUTE_REFRESH) Open.capabilities |= HAS_ROUTE_REFRESH;
    else if (code == CAPABILITY_EXTENDED_NEXT_HOP) Open.capabilities |= HAS_EXTENDED_NEXT_HOP;
    else if (code == CAPABILITY_EXTENDED_MESSAGE) Open.capabilities |= HAS_EXTENDED_MESSAGE;
    else if (code == CAPABILITY_ENHANCED_REFRESH) Open.capabilities |= HAS_ENHANCED_REFRESH;
    else if (code == CAPABILITY_ROLE && length == 1) {
      Open.capabilities |= HAS_ROLE;
      Open.role = load<u8>(at);
    } else if (code == CAPABILITY_AS4 && length == 4) {
      Open.capabilities |= HAS_AS4;
      Open.asNumber = bswap<u32>(load<u32>(at));
    } else if (code == CAPABILITY_GRACEFUL_RESTART && length >= 2) Open.gracefulRestart(at, length);
    else if (code == CAPABILITY_LONG_LIVED_GRACEFUL_RESTART) Open.longLived(at, length);
    else if (code == CAPABILITY_ADD_PATH) Open.addPath(at, length);
    else if (code == CAPABILITY_FQDN && length >= 1 && (load<u8>(at) as u32) < length) {
      Open.capabilities |= HAS_FQDN;
      Open.hostname = at + 1;
      Open.hostnameLength = load<u8>(at) as u32;
    }
  }

  /** 0 for IPv4 unicast, 1 for IPv6 unicast, 2 for others; the SAFI stands `safi` bytes behind the AFI. */
  private static family(at: usize, safi: u32): u32 {
    const afi = bswap<u16>(load<u16>(at));
    if (load<u8>(at + safi) != SAFI_UNICAST) return 2;
    return afi == AFI_IPV4 ? 0 : afi == AFI_IPV6 ? 1 : 2;
  }

  /** RFC 4724 section 3, RFC 8538 section 2: flags 4, restart time 12, then AFI 16, SAFI 8, flags 8. */
  private static gracefulRestart(at: usize, length: u32): void {
    const head = bswap<u16>(load<u16>(at));
    Open.capabilities |= HAS_GRACEFUL_RESTART;
    if ((head & 0x8000) != 0) Open.capabilities |= HAS_RESTART_STATE;
    if ((head & 0x4000) != 0) Open.capabilities |= HAS_NOTIFICATION_BIT;
    Open.restartTime = head & 0x0fff;
    for (let i: u32 = 2; i + 4 <= length; i += 4) {
      const family = Open.family(at + i, 2);
      if (family > 1) continue;
      Open.grFamilies |= 1 << (family as u8);
      if ((load<u8>(at + i, 3) & 0x80) != 0) Open.grForwarding |= 1 << (family as u8);
    }
  }

  /** RFC 9494 section 3: AFI 16, SAFI 8, flags 8, long-lived stale time 24. */
  private static longLived(at: usize, length: u32): void {
    Open.capabilities |= HAS_LLGR;
    for (let i: u32 = 0; i + 7 <= length; i += 7) {
      const family = Open.family(at + i, 2);
      const seconds = bswap<u32>(load<u32>(at + i, 3)) & 0xffffff;
      if (family == 0) Open.llgrTime4 = seconds;
      if (family == 1) Open.llgrTime6 = seconds;
      if (family < 2) Open.llgrFamilies |= 1 << (family as u8);
    }
  }

  /** RFC 7911 section 4: AFI 16, SAFI 8, send/receive 8 (1 receive, 2 send, 3 both). */
  private static addPath(at: usize, length: u32): void {
    Open.capabilities |= HAS_ADD_PATH;
    for (let i: u32 = 0; i + 4 <= length; i += 4) {
      const family = Open.family(at + i, 2);
      if (family == 0) Open.addPath4 = load<u8>(at + i, 3) & 3;
      if (family == 1) Open.addPath6 = load<u8>(at + i, 3) & 3;
    }
  }

  /** The OPEN was sent: its direction takes over what it says. */
  static store(direction: Direction): void {
    direction.asNumber = Open.asNumber;
    direction.routerId = Open.routerId;
    direction.holdTime = Open.holdTime;
    direction.capabilities = Open.capabilities;
    direction.role = Open.role;
    direction.grFamilies = Open.grFamilies;
    direction.grForwarding = Open.grForwarding;
    direction.restartTime = Open.restartTime;
    direction.llgrFamilies = Open.llgrFamilies;
    direction.llgrTime4 = Open.llgrTime4;
    direction.llgrTime6 = Open.llgrTime6;
    direction.addPath4 = Open.addPath4;
    direction.addPath6 = Open.addPath6;
  }
}
