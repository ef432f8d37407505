/** Hello packet (RFC 2328 A.3.2). */
import { Packet, PACKET_HELLO_LENGTH, PACKET_HELLO_SHORT, PACKET_OK } from './packet.ts';

/**
 *  |                        Network Mask                           |
 *  |         HelloInterval         |    Options    |    Rtr Pri    |
 *  |                     RouterDeadInterval                        |
 *  |                      Designated Router                        |
 *  |                   Backup Designated Router                    |
 *  |                          Neighbor ...                         |
 */
@unmanaged
export class Hello {
  static mask: u32 = 0;
  static interval: u32 = 0;
  static options: u8 = 0;
  static priority: u8 = 0;
  static dead: u32 = 0;
  static designated: u32 = 0;
  static backup: u32 = 0;
  /** Router ids in network order. */
  static neighbors: usize = 0;
  static count: u32 = 0;

  /** Reads the body of `Packet`. */
  static read(): i32 {
    const at = Packet.body;
    const length = Packet.bodyLength;
    if (length < 20) return Packet.fail(PACKET_HELLO_SHORT, 24 + length);
    if ((length & 3) != 0) return Packet.fail(PACKET_HELLO_LENGTH, 2);
    Hello.mask = bswap<u32>(load<u32>(at));
    Hello.interval = bswap<u16>(load<u16>(at, 4)) as u32;
    Hello.options = load<u8>(at, 6);
    Hello.priority = load<u8>(at, 7);
    Hello.dead = bswap<u32>(load<u32>(at, 8));
    Hello.designated = bswap<u32>(load<u32>(at, 12));
    Hello.backup = bswap<u32>(load<u32>(at, 16));
    Hello.neighbors = at + 20;
    Hello.count = (length - 20) >>> 2;
    return PACKET_OK;
  }

  /** Whether the hello lists router id `router`. */
  static lists(router: u32): bool {
    return idInList(Hello.neighbors, Hello.count, router);
  }
}

/** Whether `router` (host order) is among `count` router ids in network order at `at`. */
export function idInList(at: usize, count: u32, router: u32): bool {
  const wanted = bswap<u32>(router);
  for (let i: u32 = 0; i < count; i++) if (load<u32>(at + ((i as usize) << 2)) == wanted) return true;
  return false;
}
