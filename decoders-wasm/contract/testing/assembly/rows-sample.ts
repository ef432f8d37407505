/** Emits one row of some tables through the generated writers, for rows.test.ts. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Taps } from '../../../base/assembly/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { RowWriter } from '../../../base/assembly/rows.ts';
import { PathAttributes } from '../../../base/assembly/generated/path-attributes.ts';
import { RouteChanges } from '../../../base/assembly/generated/route-changes.ts';
import { TopologyChanges } from '../../../base/assembly/generated/topology-changes.ts';

const area: usize = memory.data(4096);
const result: usize = memory.data(16);
const tapIdentity: usize = memory.data(16);
const key: usize = memory.data(16);
const bytes: usize = memory.data(64);

function ascii(at: usize, text: string): u32 {
  for (let i = 0; i < text.length; i++) store<u8>(at + i, text.charCodeAt(i) as u8);
  return text.length as u32;
}

function fill(): void {
  Envelope.kind = 1;
  Envelope.number = 77;
  Envelope.identity = tapIdentity;
  Envelope.time = 5_000_000_000;
  Envelope.decidedTime = 5_000_000_000;
  Envelope.context = 3;
  Envelope.tap = 1;
  Envelope.frameOffset = 9;
  Envelope.frameIndex = 4;
}

export function prepare(): u32 {
  Memory.setLimit(64 << 20);
  for (let i: u8 = 0; i < 16; i++) store<u8>(tapIdentity + i, i + 1);
  fill();
  return Taps.count;
}

export function emitRoute(): void {
  RouteChanges.clear();
  store<u8>(bytes + 10, 0xff);
  store<u8>(bytes + 11, 0xff);
  store<u8>(bytes + 12, 192);
  store<u8>(bytes + 13, 0);
  store<u8>(bytes + 14, 2);
  RouteChanges.fromHigher = 1;
  RouteChanges.afiSafi = 1;
  RouteChanges.prefixAddressAt = bytes;
  RouteChanges.prefixLength = 24;
  RouteChanges.pathId = 7;
  RouteChanges.changeClass = 1;
  RouteChanges.attributesLow = 1;
  RouteChanges.attributesHigh = 2;
  RouteChanges.originAs = 65001;
  RouteChanges.emit(key, ascii(key, 'key-of-row'), 0);
}

export function emitSet(): void {
  PathAttributes.clear();
  PathAttributes.attributesLow = 5;
  PathAttributes.attributesHigh = 0;
  store<u32>(bytes, 65002);
  store<u32>(bytes + 4, 65001);
  PathAttributes.asPathAt = bytes;
  PathAttributes.asPathCount = 2;
  PathAttributes.asPathTextAt = bytes + 8;
  PathAttributes.asPathTextLength = ascii(bytes + 8, '65002 65001');
  PathAttributes.medSet = true;
  PathAttributes.med = 0;
  store<u32>(bytes + 32, bswap<u32>(0xfdea0001));
  PathAttributes.communitiesAt = bytes + 32;
  PathAttributes.communitiesCount = 1;
  store<u32>(bytes + 36, bswap<u32>(65002));
  store<u32>(bytes + 40, bswap<u32>(1));
  store<u32>(bytes + 44, bswap<u32>(2));
  PathAttributes.largeCommunitiesAt = bytes + 36;
  PathAttributes.largeCommunitiesCount = 1;
  store<u32>(bytes + 48, bswap<u32>(0x0002fde8));
  store<u32>(bytes + 52, bswap<u32>(99));
  PathAttributes.extCommunitiesAt = bytes + 48;
  PathAttributes.extCommunitiesCount = 1;
  store<u32>(bytes + 56, bswap<u32>(0x00ff0a0a));
  PathAttributes.rawAt = bytes + 56;
  PathAttributes.rawLength = 4;
  PathAttributes.emit(key, 10, 0);
}

export function emitGraph(): void {
  TopologyChanges.clear();
  TopologyChanges.protocol = 1;
  TopologyChanges.level = 2;
  TopologyChanges.newNumber = -3;
  TopologyChanges.emit(key, 10, 0);
}

function segment(table: u32): usize {
  for (let i: u32 = 0; i < RowWriter.descriptorCount; i++) {
    const at = RowWriter.descriptors + ((i << 4) as usize);
    if (load<u32>(at) == table) return at;
  }
  return 0;
}

export function rowsAt(table: u32): usize {
  return load<u32>(segment(table), 8) as usize;
}

export function rowsLength(table: u32): u32 {
  return load<u32>(segment(table), 12);
}

export function input(): usize {
  return area;
}

export function hash(length: u32): usize {
  Hash.murmur128(area, length);
  store<u64>(result, Hash.low);
  store<u64>(result, Hash.high, 8);
  return result;
}
