/** Entry of link.wasm (decoders-wasm/contract/link.ts says what each export is for). */
import { DIRECTION_UNKNOWN, FRAME_BYTES } from '../../base/assembly/generated/frame.ts';
import { Hash } from '../../base/assembly/hash.ts';
import { Json } from '../../base/assembly/json.ts';
import { Memory } from '../../base/assembly/memory.ts';
import { Fragments } from './fragments.ts';
import { Key } from './keys.ts';
import { OUTCOMES } from './layers.ts';
import { Packet } from './packet.ts';
import { Records } from './records.ts';
import { walk } from './walk.ts';

const VERSION: u32 = 1;
/** boot u64, number u64, original u32, captured u32, link type u32, direction u32 */
const PACKET_HEADER_BYTES: u32 = 32;
/** A joined datagram with its headers, or a whole packet, must fit into the output that is left. */
const MOST_RECORD_BYTES: u32 = 262144 + 1024;

const DONE: i32 = 0;
const FULL: i32 = 1;
const FRAMING: i32 = -1;

const counters: usize = memory.data(256);
let inputAt: usize = 0;
let used: u32 = 0;

/** Version of the contract between host and module. */
export function abi_version(): u32 {
  return VERSION;
}

/** Prepares input and output areas; false when memory refuses them. */
export function setUp(seed: u64, memoryLimitBytes: u32, keyLimit: u32, inputBytes: u32, outputBytes: u32): bool {
  Hash.seed = seed;
  Memory.setLimit(memoryLimitBytes as usize);
  Key.setUp(keyLimit);
  inputAt = Memory.allocate(inputBytes);
  Records.at = Memory.allocate(outputBytes);
  Records.bytes = outputBytes;
  return inputAt != 0 && Records.at != 0 && outputBytes >= MOST_RECORD_BYTES + FRAME_BYTES;
}

/** Address of the input area. */
export function input(): usize {
  return inputAt;
}

/** Classifies the packets between `from` and `to` of the input area. */
export function classify(tap: u32, from: u32, to: u32): i32 {
  Records.used = 0;
  Packet.tap = tap;
  let at = inputAt + from;
  const end = inputAt + to;
  let result: i32 = DONE;
  while (at < end) {
    const left = (end - at) as u32;
    const captured: u32 = left < PACKET_HEADER_BYTES ? u32.MAX_VALUE : load<u32>(at, 20);
    if (captured > left - PACKET_HEADER_BYTES || captured > MOST_RECORD_BYTES - 1024) {
      result = FRAMING;
      break;
    }
    if (!Records.fits(max<u32>(captured, 65536 + 1024))) {
      result = FULL;
      break;
    }
    const outcome = one(at, captured);
    const counter = counters + (outcome << 3);
    store<u64>(counter, load<u64>(counter) + 1);
    at += PACKET_HEADER_BYTES + ((captured + 7) & ~7);
  }
  used = min<u32>((at - inputAt) as u32, to);
  return result;
}

function one(at: usize, captured: u32): i32 {
  Packet.begin(at + PACKET_HEADER_BYTES, captured, load<u32>(at, 16));
  Packet.boot = load<u64>(at);
  Packet.number = load<u64>(at, 8);
  const direction = load<u32>(at, 28) as u8;
  if (direction != DIRECTION_UNKNOWN) Packet.direction = direction;
  return walk(load<u32>(at, 24));
}

/** Offset in the input area up to which the last `classify` came. */
export function consumed(): u32 {
  return used;
}

/** Address and bytes of the records of the last `classify`. */
export function output(): usize {
  return Records.at;
}

export function outputBytes(): u32 {
  return Records.used;
}

/** Keys so far; `explainKey(number)` writes one (from 1) as JSON. */
export function keyCount(): u32 {
  return Key.count();
}

export function explainKey(number: u32): bool {
  if (number == 0 || number > Key.count()) return false;
  Key.explain(number);
  return !Json.cut;
}

export function textAddress(): usize {
  return Json.base;
}

export function textLength(): u32 {
  return Json.length();
}

/** Packets by outcome; behind the outcomes: datagrams joined, evicted, expired, bytes of memory. */
export function counter(index: u32): u64 {
  if (index < OUTCOMES) return load<u64>(counters + (index << 3));
  if (index == OUTCOMES) return Fragments.joined;
  if (index == OUTCOMES + 1) return Fragments.evicted;
  if (index == OUTCOMES + 2) return Fragments.expired;
  return (memory.size() as u64) << 16;
}
