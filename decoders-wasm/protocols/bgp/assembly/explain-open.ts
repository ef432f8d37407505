/** OPEN as JSON, each capability by its name, unknown ones raw. */
import { Json } from '../../../base/assembly/json.ts';
import { Text } from '../../../base/assembly/text.ts';
import {
  CAPABILITY_ADD_PATH, CAPABILITY_AS4, CAPABILITY_ENHANCED_REFRESH, CAPABILITY_EXTENDED_MESSAGE, CAPABILITY_EXTENDED_NEXT_HOP,
  CAPABILITY_FQDN, CAPABILITY_GRACEFUL_RESTART, CAPABILITY_LONG_LIVED_GRACEFUL_RESTART, CAPABILITY_MULTIPROTOCOL, CAPABILITY_ROLE,
  CAPABILITY_ROUTE_REFRESH, HEADER_BYTES, PARAMETER_CAPABILITIES, PARAMETER_EXTENDED_LENGTH,
} from './iana.ts';
import { Open } from './open.ts';

const PARAMETERS: u32 = HEADER_BYTES + 10;

/** Writes the fields of the OPEN at `at` into the open object. */
export function explainOpen(at: usize, length: u32): void {
  Json.key('name');
  Json.word('open');
  const whole = Open.parse(at, length);
  number('version', Open.version as u64);
  number('my-as', bswap<u16>(load<u16>(at, HEADER_BYTES + 1)) as u64);
  number('as-number', Open.asNumber as u64);
  number('hold-time', Open.holdTime as u64);
  Json.key('identifier');
  Text.begin();
  Text.ipv4(at + HEADER_BYTES + 5);
  Json.scratch();
  if (!whole) {
    Json.key('error');
    Json.word('bgp.open');
    number('error-offset', Open.errorAt as u64);
    Json.key('raw-data');
    Json.hex(at + PARAMETERS, length - PARAMETERS);
    return;
  }
  Json.key('capabilities');
  Json.openArray();
  parameters(at + PARAMETERS, at + length);
  Json.closeArray();
}

function number(name: string, value: u64): void {
  Json.key(name);
  Json.number(value);
}

/** The lengths have been checked by Open.parse. */
function parameters(at: usize, end: usize): void {
  const extended = at + 3 <= end && load<u8>(at) == PARAMETER_EXTENDED_LENGTH && load<u8>(at - 1) != 0;
  if (extended) at += 3;
  const head: u32 = extended ? 3 : 2;
  while (at + head <= end) {
    const type = load<u8>(at);
    const length: u32 = extended ? bswap<u16>(load<u16>(at, 1)) as u32 : load<u8>(at, 1) as u32;
    at += head;
    if (at + length > end) return;
    if (type == PARAMETER_CAPABILITIES) capabilities(at, at + length);
    else {
      Json.open();
      number('parameter-type', type as u64);
      Json.key('value');
      Json.hex(at, length);
      Json.close();
    }
    at += length;
  }
}

function capabilities(at: usize, end: usize): void {
  while (at + 2 <= end) {
    const code = load<u8>(at);
    const length = load<u8>(at, 1) as u32;
    at += 2;
    if (at + length > end) return;
    Json.open();
    number('code', code as u64);
    if (!capability(code, at, length)) {
      number('length', length as u64);
      Json.key('value');
      Json.hex(at, length);
    }
    Json.close();
    at += length;
  }
}

/** Writes the fields of one capability; false when they are to be given raw. */
function capability(code: u8, at: usize, length: u32): bool {
  if (code == CAPABILITY_MULTIPROTOCOL && length == 4) {
    named('mp-bgp');
    family(at, 3);
  } else if (code == CAPABILITY_ROUTE_REFRESH && length == 0) named('route-refresh');
  else if (code == CAPABILITY_EXTENDED_MESSAGE && length == 0) named('extended-message');
  else if (code == CAPABILITY_ENHANCED_REFRESH && length == 0) named('enhanced-route-refresh');
  else if (code == CAPABILITY_AS4 && length == 4) {
    named('asn32');
    number('as', bswap<u32>(load<u32>(at)) as u64);
  } else if (code == CAPABILITY_ROLE && length == 1) {
    named('role');
    number('role', load<u8>(at) as u64);
  } else if (code == CAPABILITY_GRACEFUL_RESTART && length >= 2 && (length - 2) % 4 == 0) {
    const head = bswap<u16>(load<u16>(at));
    named('graceful-restart');
    number('flags', (head >>> 12) as u64);
    number('restart-time', (head & 0xfff) as u64);
    list(at + 2, at + length, 4);
  } else if (code == CAPABILITY_LONG_LIVED_GRACEFUL_RESTART && length % 7 == 0) {
    named('long-lived-graceful-restart');
    list(at, at + length, 7);
  } else if (code == CAPABILITY_ADD_PATH && length % 4 == 0) {
    named('add-paths');
    list(at, at + length, 4);
  } else if (code == CAPABILITY_EXTENDED_NEXT_HOP && length % 6 == 0) {
    named('extended-next-hop');
    Json.key('value');
    Json.hex(at, length);
  } else if (code == CAPABILITY_FQDN && length >= 2 && (load<u8>(at) as u32) + 2 <= length) {
    named('fqdn');
    Json.key('hostname');
    Json.text(at + 1, load<u8>(at));
  } else return false;
  return true;
}

function named(name: string): void {
  Json.key('name');
  Json.word(name);
}

function family(at: usize, safi: u32): void {
  number('afi', bswap<u16>(load<u16>(at)) as u64);
  number('safi', load<u8>(at + safi) as u64);
}

/** Families of `size` bytes: AFI 16 | SAFI 8 | flags 8 | maybe a time of 24 bits. */
function list(at: usize, end: usize, size: u32): void {
  Json.key('families');
  Json.openArray();
  for (; at + size <= end; at += size) {
    Json.open();
    family(at, 2);
    number('flags', load<u8>(at, 3) as u64);
    if (size == 7) number('stale-time', (bswap<u32>(load<u32>(at, 3)) & 0xffffff) as u64);
    Json.close();
  }
  Json.closeArray();
}
