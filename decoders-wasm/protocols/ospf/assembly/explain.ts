/** One frame as JSON: layers below, then the packet with the leaf names of ietf-ospf (RFC 9129). */
import { Frame } from '../../../base/assembly/frame.ts';
import { OFFSET_NONE } from '../../../base/assembly/generated/frame.ts';
import { Json } from '../../../base/assembly/json.ts';
import { Text } from '../../../base/assembly/text.ts';
import { DatabaseDescription } from './database-description.ts';
import { explainLsa, explainLsaHeader, explainOptions, explainTlvs, lsaTypeName } from './explain-lsa.ts';
import { Hello } from './hello.ts';
import {
  AUTHENTICATION_CRYPTOGRAPHIC, AUTHENTICATION_NULL, AUTHENTICATION_SIMPLE, DD_INITIALIZE, DD_MASTER, DD_MORE, OPTION_L,
  PACKET_DATABASE_DESCRIPTION, PACKET_HELLO, PACKET_LINK_STATE_REQUEST, PACKET_LINK_STATE_UPDATE,
} from './iana.ts';
import { LinkStateAcknowledgment } from './link-state-acknowledgment.ts';
import { LinkStateRequest, REQUEST_BYTES } from './link-state-request.ts';
import { LinkStateUpdate } from './link-state-update.ts';
import { Lsa, LSA_HEADER_BYTES } from './lsa.ts';
import { Packet, PACKET_NO_IP, PACKET_OK, PACKET_SHORT, PACKET_VERSION, packetErrorName } from './packet.ts';
import { parsePacket } from './parse.ts';
import { quadText } from './text.ts';

/** Writes the frame record at `at` into `Json`; 0, or the code of the error that ends the packet. */
export function explainFrame(at: usize): i32 {
  Frame.at = at;
  Json.begin();
  Json.open();
  explainRecord();
  const error = parsePacket();
  explainNetwork(error);
  Json.key('ospf');
  Json.open();
  if (error != PACKET_SHORT && error != PACKET_NO_IP && error != PACKET_VERSION) explainHeader();
  if (error == PACKET_OK) {
    explainBody();
  } else {
    Json.key('error');
    Json.open();
    Json.key('code');
    Json.word(packetErrorName(error));
    number('offset', Packet.errorOffset as u64);
    Json.close();
    Json.key('raw-data');
    Json.hex(Frame.payload(), Frame.payloadHere());
  }
  Json.close();
  Json.close();
  return error;
}

/** `"name":value` */
export function number(name: string, value: u64): void {
  Json.key(name);
  Json.number(value);
}

/** `"name":"dotted quad"` */
export function address(name: string, value: u32): void {
  Json.key(name);
  quadText(value);
  Json.scratch();
}

// ---- layers below ------------------------------------------------------------------------------------------------------

function explainRecord(): void {
  Json.key('frame');
  Json.open();
  number('number', Frame.number());
  number('boot-ns', Frame.boot() as u64);
  number('captured-length', Frame.capturedLength() as u64);
  Json.close();
  const link = Frame.linkOffset();
  if (link != (OFFSET_NONE as u32) && link + 14 <= Frame.capturedLength()) {
    const at = Frame.bytes() + link as usize;
    Json.key('ethernet');
    Json.open();
    mac('destination', at);
    mac('source', at + 6);
    number('type-or-length', bswap<u16>(load<u16>(at, 12)) as u64);
    Json.close();
  }
  if (Frame.vlanOuter() != 0xffff) {
    Json.key('vlan');
    Json.openArray();
    Json.number((Frame.vlanOuter() & 0xfff) as u64);
    Json.closeArray();
  }
}

function mac(name: string, at: usize): void {
  Json.key(name);
  Text.begin();
  Text.mac(at);
  Json.scratch();
}

function explainNetwork(error: i32): void {
  if (error == PACKET_NO_IP) return;
  const at = Frame.bytes() + Frame.networkOffset() as usize;
  Json.key('ipv4');
  Json.open();
  number('dscp', (load<u8>(at, 1) >>> 2) as u64);
  number('total-length', bswap<u16>(load<u16>(at, 2)) as u64);
  number('identification', bswap<u16>(load<u16>(at, 4)) as u64);
  number('ttl', Packet.timeToLive as u64);
  number('protocol', load<u8>(at, 9) as u64);
  address('source', Packet.source);
  address('destination', Packet.destination);
  Json.close();
}

// ---- the packet ----------------------------------------------------------------------------------------------------------

function typeName(): string {
  if (Packet.type == PACKET_HELLO) return 'hello';
  if (Packet.type == PACKET_DATABASE_DESCRIPTION) return 'database-description';
  if (Packet.type == PACKET_LINK_STATE_REQUEST) return 'link-state-request';
  if (Packet.type == PACKET_LINK_STATE_UPDATE) return 'link-state-update';
  return 'link-state-ack';
}

function explainHeader(): void {
  number('version', load<u8>(Packet.start) as u64);
  number('type', Packet.type as u64);
  if (Packet.type >= 1 && Packet.type <= 5) {
    Json.key('packet-type');
    Json.word(typeName());
  }
  number('packet-length', Packet.length as u64);
  address('router-id', Packet.router);
  address('area-id', Packet.area);
  number('checksum', Packet.checksum as u64);
  Json.key('checksum-holds');
  Json.bool(Packet.checksumHolds);
  number('auth-type', Packet.authentication as u64);
  Json.key('authentication');
  Json.open();
  if (Packet.authentication == AUTHENTICATION_CRYPTOGRAPHIC) {
    number('key-id', Packet.keyId as u64);
    number('auth-data-length', Packet.digestLength as u64);
    number('crypto-sequence-number', Packet.cryptoSequence as u64);
    const behind = Packet.start + Packet.length;
    if (Packet.length + (Packet.digestLength as u32) <= Frame.payloadHere()) {
      Json.key('auth-data');
      Json.hex(behind, Packet.digestLength as u32);
    }
  } else if (Packet.authentication != AUTHENTICATION_NULL && Packet.authentication != AUTHENTICATION_SIMPLE) {
    Json.key('raw-data');
    Json.hex(Packet.start + 16, 8);
  }
  Json.close();
}

function explainBody(): void {
  if (Packet.type == PACKET_HELLO) explainHello();
  else if (Packet.type == PACKET_DATABASE_DESCRIPTION) explainDatabaseDescription();
  else if (Packet.type == PACKET_LINK_STATE_REQUEST) explainRequest();
  else if (Packet.type == PACKET_LINK_STATE_UPDATE) explainUpdate();
  else explainHeaders('link-state-ack', LinkStateAcknowledgment.headers, LinkStateAcknowledgment.count);
}

function explainHello(): void {
  Json.key('hello');
  Json.open();
  address('network-mask', Hello.mask);
  number('hello-interval', Hello.interval as u64);
  explainOptions(Hello.options);
  number('priority', Hello.priority as u64);
  number('dead-interval', Hello.dead as u64);
  address('dr-ip-addr', Hello.designated);
  address('bdr-ip-addr', Hello.backup);
  Json.key('neighbor');
  Json.openArray();
  for (let i: u32 = 0; i < Hello.count; i++) {
    quadText(bswap<u32>(load<u32>(Hello.neighbors + ((i as usize) << 2))));
    Json.scratch();
  }
  Json.closeArray();
  Json.close();
  if ((Hello.options & OPTION_L) != 0) explainSignaling();
}

function explainDatabaseDescription(): void {
  Json.key('database-description');
  Json.open();
  number('interface-mtu', DatabaseDescription.mtu as u64);
  explainOptions(DatabaseDescription.options);
  const flags = DatabaseDescription.flags;
  Json.key('flags');
  Json.openArray();
  if ((flags & DD_INITIALIZE) != 0) Json.word('i');
  if ((flags & DD_MORE) != 0) Json.word('m');
  if ((flags & DD_MASTER) != 0) Json.word('ms');
  Json.closeArray();
  number('dd-sequence-number', DatabaseDescription.sequence as u64);
  explainHeaders('lsa-header', DatabaseDescription.headers, DatabaseDescription.count);
  Json.close();
  if ((DatabaseDescription.options & OPTION_L) != 0) explainSignaling();
}

/** Link-local signaling behind the packet and its digest (RFC 5613 2): checksum, length in words, TLVs. */
function explainSignaling(): void {
  const offset = Packet.length + (Packet.digestLength as u32);
  const here = Frame.payloadHere();
  if (offset + 4 > here) return;
  const at = Packet.start + offset as usize;
  const length = min<u32>((bswap<u16>(load<u16>(at, 2)) as u32) << 2, here - offset);
  Json.key('link-local-signaling');
  Json.open();
  number('checksum', bswap<u16>(load<u16>(at)) as u64);
  number('length', length as u64);
  if (length >= 4) explainTlvs(at + 4, length - 4);
  Json.close();
}

function explainRequest(): void {
  Json.key('link-state-request');
  Json.openArray();
  for (let i: u32 = 0; i < LinkStateRequest.count; i++) {
    const at = LinkStateRequest.requests + (i * REQUEST_BYTES) as usize;
    Json.open();
    const type = bswap<u32>(load<u32>(at));
    number('type', type as u64);
    if (type < 12) {
      Json.key('lsa-type');
      Json.word(lsaTypeName(type as u8));
    }
    address('lsa-id', bswap<u32>(load<u32>(at, 4)));
    address('adv-router', bswap<u32>(load<u32>(at, 8)));
    Json.close();
  }
  Json.closeArray();
}

function explainUpdate(): void {
  Json.key('link-state-update');
  Json.openArray();
  let at = LinkStateUpdate.first;
  for (let i: u32 = 0; i < LinkStateUpdate.count; i++) {
    explainLsa(at);
    at += Lsa.length(at) as usize;
  }
  Json.closeArray();
}

function explainHeaders(name: string, at: usize, count: u32): void {
  Json.key(name);
  Json.openArray();
  for (let i: u32 = 0; i < count; i++) {
    Json.open();
    explainLsaHeader(at + (i * LSA_HEADER_BYTES) as usize);
    Json.close();
  }
  Json.closeArray();
}
