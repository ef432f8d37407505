/** One frame as JSON: layers below, then each BGP message of the segment with the leaf names of ietf-bgp. */
import { Contexts, Frame } from '../../../base/assembly/frame.ts';
import { Json } from '../../../base/assembly/json.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Attributes } from './attributes.ts';
import { Capabilities } from './capabilities.ts';
import { explainOpen } from './explain-open.ts';
import { explainUpdate } from './explain-update.ts';
import {
  HEADER_BYTES, MESSAGE_KEEPALIVE, MESSAGE_NOTIFICATION, MESSAGE_OPEN, MESSAGE_ROUTE_REFRESH, MESSAGE_UPDATE, TCP_ACK, TCP_FIN, TCP_RST,
  TCP_SYN,
} from './iana.ts';
import { Inference } from './inference.ts';
import { Notification } from './notification.ts';
import { Rows } from './rows.ts';
import { Segment, SEGMENT_OK } from './segment.ts';
import { Shadow } from './shadow.ts';
import { Connection, Direction, Sessions, SLOTS } from './state.ts';
import { Stream } from './stream.ts';
import { Update } from './update.ts';

const NO_OFFSET: u32 = 0xffff;
/** A direction without state: what a lone UPDATE says of its capabilities is learned into it and thrown away. */
const blank: usize = memory.data(1024);

@unmanaged
export class Explain {
  /** Writes the frame record at `at` into `Json`; 0, or the code of the error that ends it. */
  static frame(at: usize, length: u32): i32 {
    Frame.at = at;
    Json.begin();
    Json.open();
    Json.key('frame');
    Json.open();
    Explain.number('number', Frame.number());
    Explain.number('boot-ns', Frame.boot() as u64);
    Explain.number('captured-length', Frame.capturedLength() as u64);
    Json.close();
    Explain.link();
    const problem = Segment.parse();
    if (problem == SEGMENT_OK) {
      Explain.network();
      Explain.tcp();
      Json.key('bgp');
      Json.openArray();
      Explain.messages();
      Json.closeArray();
    } else {
      Json.key('error');
      Json.word('bgp.tcp-header');
      Json.key('raw-data');
      Json.hex(Frame.payload(), Frame.payloadHere());
    }
    Json.close();
    return problem;
  }

  static number(name: string, value: u64): void {
    Json.key(name);
    Json.number(value);
  }

  private static link(): void {
    const offset = Frame.linkOffset();
    if (offset != NO_OFFSET && offset + 14 <= Frame.capturedLength()) {
      const at = Frame.bytes() + offset as usize;
      Json.key('ethernet');
      Json.open();
      Explain.mac('destination', at);
      Explain.mac('source', at + 6);
      Explain.number('type-or-length', bswap<u16>(load<u16>(at, 12)) as u64);
      Json.close();
    }
    if (Frame.vlanOuter() == 0xffff) return;
    Json.key('vlan');
    Json.openArray();
    Json.number((Frame.vlanOuter() & 0xfff) as u64);
    Json.closeArray();
  }

  private static mac(name: string, at: usize): void {
    Json.key(name);
    Text.begin();
    Text.mac(at);
    Json.scratch();
  }

  private static network(): void {
    const ip = Frame.bytes() + Frame.networkOffset() as usize;
    const v6 = load<u8>(ip) >>> 4 == 6;
    Json.key('ip');
    Json.open();
    Explain.number('version', v6 ? 6 : 4);
    Explain.address('source', Segment.direction == 0 ? Segment.low : Segment.high);
    Explain.address('destination', Segment.direction == 0 ? Segment.high : Segment.low);
    Explain.number('ttl', load<u8>(ip + (v6 ? 7 : 8)) as u64);
    Json.close();
  }

  static address(name: string, at: usize): void {
    Json.key(name);
    Text.begin();
    Rows.address(at);
    Json.scratch();
  }

  private static tcp(): void {
    const low = Segment.direction == 0;
    Json.key('tcp');
    Json.open();
    Explain.number('source-port', (low ? Segment.lowPort : Segment.highPort) as u64);
    Explain.number('destination-port', (low ? Segment.highPort : Segment.lowPort) as u64);
    Explain.number('sequence-number', Segment.sequence as u64);
    Explain.number('acknowledgement-number', Segment.acknowledgement as u64);
    Json.key('flags');
    Json.openArray();
    if ((Segment.flags & TCP_SYN) != 0) Json.word('syn');
    if ((Segment.flags & TCP_ACK) != 0) Json.word('ack');
    if ((Segment.flags & TCP_FIN) != 0) Json.word('fin');
    if ((Segment.flags & TCP_RST) != 0) Json.word('rst');
    Json.closeArray();
    Explain.number('window-size', Segment.window as u64);
    Explain.number('data-length', Segment.declared as u64);
    Json.close();
  }

  private static messages(): void {
    const direction = changetype<Direction>(blank);
    const end = Segment.data + Segment.here;
    let at = Stream.findHeader(direction, Segment.data, end);
    const lead = ((at == 0 ? end : at) - Segment.data) as u32;
    if (lead != 0) Explain.piece('continuation', Segment.data, lead);
    while (at != 0 && at < end) {
      const length = at + HEADER_BYTES <= end ? Stream.messageLength(direction, at) : 0;
      if (length == 0 || at + length > end) {
        Explain.piece('incomplete', at, (end - at) as u32);
        return;
      }
      Explain.message(at, length);
      at += length;
    }
  }

  private static piece(name: string, at: usize, length: u32): void {
    Json.open();
    Json.key(name);
    Json.hex(at, length);
    Json.close();
  }

  private static message(at: usize, length: u32): void {
    const type = load<u8>(at, 18);
    Json.open();
    Explain.number('length', length as u64);
    Explain.number('type', type as u64);
    if (type == MESSAGE_OPEN) explainOpen(at, length);
    else if (type == MESSAGE_UPDATE) {
      Explain.aim(at, length);
      explainUpdate(at, length);
    } else if (type == MESSAGE_NOTIFICATION) Explain.notification(at, length);
    else if (type == MESSAGE_ROUTE_REFRESH) Explain.routeRefresh(at, length);
    else if (type == MESSAGE_KEEPALIVE) {
      Json.key('name');
      Json.word('keepalive');
    } else {
      Json.key('raw-data');
      Json.hex(at + HEADER_BYTES, length - HEADER_BYTES);
    }
    Json.close();
  }

  /** How to read the UPDATE: as negotiated where this instance knows the connection, else as it fits. */
  private static aim(at: usize, length: u32): void {
    const connection = Explain.connection();
    if (changetype<usize>(connection) != 0 && Capabilities.negotiated(connection)) {
      const sender = connection.direction(Segment.direction);
      Shadow.useNegotiated(sender, connection.direction(1 - Segment.direction));
      return;
    }
    memory.fill(blank, 0, 1024);
    const direction = changetype<Direction>(blank);
    if (changetype<usize>(connection) != 0) {
      const known = connection.direction(Segment.direction);
      direction.inferredAs4 = known.inferredAs4;
      direction.inferredAddPath4 = known.inferredAddPath4;
      direction.inferredAddPath6 = known.inferredAddPath6;
    }
    Inference.learn(direction, at, length);
    Attributes.fourBytes = direction.inferredAs4 != 1;
    Attributes.kind = 0;
    Update.addPath4 = direction.inferredAddPath4 == 2;
    Update.addPath6 = direction.inferredAddPath6 == 2;
    memory.fill(blank, 0, 1024);
  }

  private static connection(): Connection {
    const context = Frame.context();
    const handle: u32 = context < Contexts.count ? Sessions.find(Contexts.shadow(context)) : 0;
    if (handle == 0) return changetype<Connection>(0);
    const session = Sessions.at(handle);
    let found = changetype<Connection>(0);
    for (let i: u32 = 0; i < SLOTS; i++) {
      const connection = session.connection(i);
      if (changetype<usize>(connection) == 0 || connection.lowPort != Segment.lowPort || connection.highPort != Segment.highPort) continue;
      if (changetype<usize>(found) == 0 || connection.serial > found.serial) found = connection;
    }
    return found;
  }

  private static notification(at: usize, length: u32): void {
    Notification.parse(at, length);
    Json.key('name');
    Json.word('notification');
    Explain.number('error-code', Notification.code as u64);
    Explain.number('error-subcode', Notification.subcode as u64);
    if (Notification.textLength != 0) {
      Json.key('shutdown-communication');
      Json.text(Notification.textAt, Notification.textLength);
    }
    Json.key('data');
    Json.hex(at + HEADER_BYTES + 2, length - HEADER_BYTES - 2);
  }

  /** RFC 2918 section 3, RFC 7313 section 4: AFI 16 | subtype 8 (0 request, 1 BoRR, 2 EoRR) | SAFI 8 */
  private static routeRefresh(at: usize, length: u32): void {
    Json.key('name');
    Json.word('route-refresh');
    Explain.number('afi', bswap<u16>(load<u16>(at, HEADER_BYTES)) as u64);
    Explain.number('subtype', load<u8>(at, HEADER_BYTES + 2) as u64);
    Explain.number('safi', load<u8>(at, HEADER_BYTES + 3) as u64);
    if (length == 23) return;
    Json.key('data');
    Json.hex(at + 23, length - 23);
  }
}
