/** The table of keys: one number for each (tap, protocol, VLAN stack, tunnels, for BGP the sorted addresses). */
import { PROTOCOL_BGP } from '../../base/assembly/generated/frame.ts';
import { Intern } from '../../base/assembly/intern.ts';
import { Json } from '../../base/assembly/json.ts';
import { Table, TABLE_BYTES } from '../../base/assembly/table.ts';
import { Text } from '../../base/assembly/text.ts';
import { Packet, TUNNEL_BYTES } from './packet.ts';

const table: Table = Table.at(memory.data(TABLE_BYTES));

// tap u16, protocol u8, VLAN ids u8, tunnels u8, address bytes u8, has PPPoE session u8, unused u8, session u16,
// unused 6, then VLAN ids u16 each, tunnels (as Packet keeps them), both addresses
const HEAD_BYTES: u32 = 16;
const QUOTE: u8 = 34;

@unmanaged
export class Key {
  /** The key of the present packet as bytes: 16 + 8 tags + 8 tunnels + 2 addresses at most. */
  static readonly bytes: usize = memory.data(400);

  static setUp(cap: u32): void {
    Intern.setUp(table, cap);
  }

  /** Writes the packet's key to `bytes`; gives its length. Priority tags (VLAN id 0) name no VLAN. */
  static build(protocol: u8): u32 {
    const at = Key.bytes;
    memory.fill(at, 0, HEAD_BYTES);
    store<u16>(at, Packet.tap as u16);
    store<u8>(at, protocol, 2);
    let end = at + HEAD_BYTES;
    let vlans: u8 = 0;
    for (let i: u32 = 0; i < Packet.vlanCount; i++) {
      const id: u16 = load<u16>(Packet.vlans + (i << 1)) & 0xfff;
      if (id == 0) continue;
      store<u16>(end, id);
      end += 2;
      vlans += 1;
    }
    store<u8>(at, vlans, 3);
    store<u8>(at, Packet.tunnelCount as u8, 4);
    memory.copy(end, Packet.tunnels, Packet.tunnelCount * TUNNEL_BYTES);
    end += Packet.tunnelCount * TUNNEL_BYTES;
    if (Packet.hasPppoe) {
      store<u8>(at, 1, 6);
      store<u16>(at, Packet.pppoe as u16, 8);
    }
    if (protocol == PROTOCOL_BGP) {
      store<u8>(at, Packet.addressBytes as u8, 5);
      Packet.sortedAddresses(end);
      end += Packet.addressBytes << 1;
    }
    return (end - at) as u32;
  }

  /** Number of the packet's key from 1, a new one if need be; 0 when there are too many. */
  static number(protocol: u8): u32 {
    const length = Key.build(protocol);
    const known = Intern.find(table, Key.bytes, length);
    return known != 0 ? known : Intern.acquire(table, Key.bytes, length);
  }

  static count(): u32 {
    return table.count;
  }

  static refused(): u32 {
    return table.refused;
  }

  /** Writes key `number` as a JSON object for `newKeys()` of the contract. */
  static explain(number: u32): void {
    const at = Intern.addressOf(table, number);
    Json.begin();
    Json.open();
    Json.key('index');
    Json.number(number - 1);
    Json.key('tap');
    Json.number(load<u16>(at));
    Json.key('protocol');
    Json.number(load<u8>(at, 2));
    if (load<u8>(at, 6) != 0) {
      Json.key('pppoeSession');
      Json.number(load<u16>(at, 8));
    }
    let next = explainVlans(at + HEAD_BYTES, load<u8>(at, 3));
    next = explainTunnels(next, load<u8>(at, 4));
    const bytes = load<u8>(at, 5) as u32;
    if (bytes != 0) {
      Json.key('addresses');
      explainAddresses(next, bytes);
    }
    Json.key('linkLocal');
    Json.bool(bytes != 0 && (isLinkLocal(next, bytes) || isLinkLocal(next + bytes, bytes)));
    Json.close();
  }
}

function explainVlans(at: usize, count: u32): usize {
  Json.key('vlans');
  Json.openArray();
  for (let i: u32 = 0; i < count; i++) Json.number(load<u16>(at + (i << 1)));
  Json.closeArray();
  return at + (count << 1);
}

function explainTunnels(at: usize, count: u32): usize {
  Json.key('tunnels');
  Json.openArray();
  for (let i: u32 = 0; i < count; i++) {
    const bytes = load<u8>(at, 1) as u32;
    Json.open();
    Json.key('kind');
    Json.number(load<u8>(at));
    Json.key('id');
    Json.number(load<u32>(at, 4));
    if (bytes != 0) {
      Json.key('endpoints');
      explainAddresses(at + 8, bytes);
    }
    Json.close();
    at += TUNNEL_BYTES;
  }
  Json.closeArray();
  return at;
}

function explainAddresses(at: usize, bytes: u32): void {
  Json.openArray();
  for (let i: u32 = 0; i < 2; i++) {
    Text.begin();
    if (bytes == 4) Text.ipv4(at + (i << 2));
    else Text.ipv6(at + (i << 4));
    Json.separate();
    Json.char(QUOTE);
    for (let at = Text.start; at < Text.position; at++) Json.char(load<u8>(at));
    Json.char(QUOTE);
  }
  Json.closeArray();
}

/** RFC 3927 and RFC 4291 section 2.5.6: such an address means something on its own link only. */
function isLinkLocal(at: usize, bytes: u32): bool {
  if (bytes == 4) return load<u8>(at) == 169 && load<u8>(at, 1) == 254;
  return load<u8>(at) == 0xfe && (load<u8>(at, 1) & 0xc0) == 0x80;
}
