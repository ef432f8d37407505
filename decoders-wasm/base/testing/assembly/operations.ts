/** The base library's operations one by one, for base.test.ts. */
import { Checksum } from '../../assembly/checksum.ts';
import { Chunk } from '../../assembly/chunk.ts';
import { Cursor, CURSOR_BYTES } from '../../assembly/cursor.ts';
import { Taps } from '../../assembly/frame.ts';
import { Hash } from '../../assembly/hash.ts';
import { Blocks, Intern } from '../../assembly/intern.ts';
import { Json } from '../../assembly/json.ts';
import { Memory } from '../../assembly/memory.ts';
import { RowWriter } from '../../assembly/rows.ts';
import { StateReader, StateWriter } from '../../assembly/state.ts';
import { Table, TABLE_BYTES } from '../../assembly/table.ts';
import { Text } from '../../assembly/text.ts';

export {
  drained, input, rowDescriptorCount, rowDescriptors, statePiece, stateDrained, usedContextCount, usedContexts, usedTapCount, usedTaps,
} from '../../assembly/exports';

const result: usize = memory.data(32);

export function setUp(seed: u64, limit: usize): void {
  Hash.seed = seed;
  Memory.setLimit(limit);
}

export function segmentsInUse(): u32 { return Memory.segmentsInUse; }
export function memoryRefused(): u32 { return Memory.refused; }
export function memoryNext(): usize { return Memory.next; }
export function memoryBytes(): usize { return (memory.size() as usize) << 16; }
export function allocate(bytes: usize): usize { return Memory.allocate(bytes); }
export function segment(): usize { return Memory.segment(); }
export function release(segment: usize): void { Memory.release(segment); }
export function resultAt(): usize { return result; }

// ---- table: entries of {key u32, value u32} behind the header --------------------------------------------------------

const table = Table.at(memory.data(TABLE_BYTES));

export function tableSetUp(entryBytes: u32, cap: u32): void { table.setUp(entryBytes, cap); }
export function tableCount(): u32 { return table.count; }
export function tableHighest(): u32 { return table.highest; }
export function tableRefused(): u32 { return table.refused; }
export function tableBuckets(): u32 { return table.bucketCount; }
export function tableIsLive(handle: u32): bool { return table.isLive(handle); }
export function tableRemove(handle: u32): void { table.remove(handle); }
export function tableKey(handle: u32): u32 { return load<u32>(table.address(handle), 8); }
export function tableValue(handle: u32): u32 { return load<u32>(table.address(handle), 12); }

/** A new entry; 0 when refused. With `collide` the hash keeps only its lowest bits. */
export function tableInsert(key: u32, value: u32, hashMask: u32): u32 {
  const handle = table.insert(Hash.word(key as u64) & hashMask);
  if (handle == 0) return 0;
  const at = table.address(handle);
  if (load<u32>(at, 8) != 0 || load<u32>(at, 12) != 0) unreachable();
  store<u32>(at, key, 8);
  store<u32>(at, value, 12);
  return handle;
}

export function tableFind(key: u32, hashMask: u32): u32 {
  for (let handle = table.first(Hash.word(key as u64) & hashMask); handle != 0; handle = table.next(handle)) {
    if (tableKey(handle) == key) return handle;
  }
  return 0;
}

/** Inserts keys from `from` up to below `to`; how many were taken. */
export function tableFill(from: u32, to: u32): u32 {
  let taken: u32 = 0;
  for (let key = from; key < to; key++) if (tableInsert(key, key, 0xffffffff) != 0) taken += 1;
  return taken;
}

/** How many of the keys from `from` up to below `to` are found with their value. */
export function tableFound(from: u32, to: u32): u32 {
  let found: u32 = 0;
  for (let key = from; key < to; key++) {
    const handle = tableFind(key, 0xffffffff);
    if (handle != 0 && tableValue(handle) == key) found += 1;
  }
  return found;
}

// ---- interned strings ------------------------------------------------------------------------------------------------

const strings = Table.at(memory.data(TABLE_BYTES));

export function internSetUp(cap: u32): void { Intern.setUp(strings, cap); }
export function internAcquire(at: usize, length: u32): u32 { return Intern.acquire(strings, at, length); }
export function internFind(at: usize, length: u32): u32 { return Intern.find(strings, at, length); }
export function internRelease(handle: u32): void { Intern.release(strings, handle); }
export function internAddress(handle: u32): usize { return Intern.addressOf(strings, handle); }
export function internLength(handle: u32): u32 { return Intern.lengthOf(strings, handle); }
export function internCount(): u32 { return strings.count; }
export function internFresh(): bool { return Intern.fresh; }
export function blockBytes(): u64 { return Blocks.bytesInUse; }
export function blockTake(length: u32): usize { return Blocks.take(length); }
export function blockGive(block: usize, length: u32): void { Blocks.give(block, length); }

/** Acquires and releases `rounds` strings of 4 to 1003 bytes, at most `held` at a time, out of the input at `at`. */
export function internChurn(at: usize, rounds: u32, held: u32): void {
  const ring = Memory.allocate(held << 2);
  for (let i: u32 = 0; i < rounds; i++) {
    const slot = ring + ((i % held) << 2) as usize;
    Intern.release(strings, load<u32>(slot));
    store<u32>(at, i);
    store<u32>(slot, Intern.acquire(strings, at, 4 + (i * 7919) % 1000));
  }
  for (let i: u32 = 0; i < held; i++) Intern.release(strings, load<u32>(ring + (i << 2) as usize));
}

// ---- cursor ----------------------------------------------------------------------------------------------------------

const outer = Cursor.at(memory.data(CURSOR_BYTES));
const inner = Cursor.at(memory.data(CURSOR_BYTES));

export function cursorOver(at: usize, length: u32): void { outer.over(at, length); }
export function cursorU8(): u32 { return outer.u8() as u32; }
export function cursorU16(): u32 { return outer.u16() as u32; }
export function cursorU24(): u32 { return outer.u24(); }
export function cursorU32(): u32 { return outer.u32(); }
export function cursorU64(): u64 { return outer.u64(); }
export function cursorBytes(count: u32): usize { return outer.bytes(count); }
export function cursorSkip(count: u32): void { outer.skip(count); }
export function cursorError(): i32 { return outer.error; }
export function cursorOffset(): u32 { return outer.offset(); }
export function cursorLeft(): u32 { return outer.left(); }
/** Aims the inner cursor and reads it to its end by bytes; their sum, or -1 minus its error. */
export function cursorSub(length: u32): i32 {
  if (!outer.sub(inner, length)) return -1 - inner.error;
  let sum: i32 = 0;
  while (!inner.done()) sum += inner.u8() as i32;
  return inner.error != 0 ? -100 : sum;
}

// ---- text and JSON ---------------------------------------------------------------------------------------------------

export function textBegin(): void { Text.begin(); }
export function textReset(): void { Text.reset(); }
export function textStart(): usize { return Text.start; }
export function textLength(): u32 { return Text.length(); }
export function textDecimal(value: u64): void { Text.decimal(value); }
export function textHex(value: u64, digits: u32): void { Text.hex(value, digits); }
export function textHexBytes(at: usize, length: u32): void { Text.hexBytes(at, length); }
export function textRaw(at: usize, length: u32): void { Text.raw(at, length); }
export function textIpv4(at: usize): void { Text.ipv4(at); }
export function textIpv6(at: usize): void { Text.ipv6(at); }
export function textSystemId(at: usize): void { Text.systemId(at); }
export function textNodeId(at: usize): void { Text.nodeId(at); }
export function textLspId(at: usize): void { Text.lspId(at); }
export function textMac(at: usize): void { Text.mac(at); }
export function textArea(at: usize, length: u32): void { Text.area(at, length); }
export function textRepeat(value: u64, times: u32): void { for (let i: u32 = 0; i < times; i++) Text.decimal(value); }

export function jsonBegin(): void { Json.begin(); }
export function jsonAt(): usize { return Json.base; }
export function jsonLength(): u32 { return Json.length(); }
export function jsonCut(): bool { return Json.cut; }
export function jsonOpen(): void { Json.open(); }
export function jsonClose(): void { Json.close(); }
export function jsonOpenArray(): void { Json.openArray(); }
export function jsonCloseArray(): void { Json.closeArray(); }
export function jsonKey(index: u32): void { Json.key(index == 0 ? 'first' : index == 1 ? 'second' : 'more'); }
export function jsonNumber(value: u64): void { Json.number(value); }
export function jsonBool(value: bool): void { Json.bool(value); }
export function jsonText(at: usize, length: u32): void { Json.text(at, length); }
export function jsonHex(at: usize, length: u32): void { Json.hex(at, length); }

// ---- checksums and hashes --------------------------------------------------------------------------------------------

export function fletcherHolds(at: usize, length: u32): bool { return Checksum.fletcherHolds(at, length); }
export function internet(at: usize, length: u32, sum: u32): u32 { return Checksum.internet(at, length, sum); }
export function murmur128(at: usize, length: u32): void {
  Hash.murmur128(at, length);
  store<u64>(result, Hash.low);
  store<u64>(result, Hash.high, 8);
}
export function hashBytes(at: usize, length: u32): u32 { return Hash.bytes(at, length); }

// ---- state -----------------------------------------------------------------------------------------------------------

export function stateBegin(): void { StateWriter.begin(); }
export function stateLength(): u64 { return StateWriter.length(); }
export function stateFailed(): bool { return StateWriter.failed; }
export function stateU8(value: u32): void { StateWriter.u8(value as u8); }
export function stateU16(value: u32): void { StateWriter.u16(value as u16); }
export function stateU32(value: u32): void { StateWriter.u32(value); }
export function stateU64(value: u64): void { StateWriter.u64(value); }
export function stateBytes(at: usize, length: u32): void { StateWriter.bytes(at, length); }
export function readerOver(at: usize, length: u32): void { StateReader.over(at, length); }
export function readerU8(): u32 { return StateReader.u8() as u32; }
export function readerU16(): u32 { return StateReader.u16() as u32; }
export function readerU32(): u32 { return StateReader.u32(); }
export function readerU64(): u64 { return StateReader.u64(); }
export function readerBytes(length: u32): usize { return StateReader.bytes(length); }
export function readerFailed(): bool { return StateReader.failed; }

// ---- rows ------------------------------------------------------------------------------------------------------------

/** One row of a String column: `length` bytes at `at`, and the codes; whether it was taken. */
export function row(table: u32, at: usize, length: u32, context: u32, tap: u32): bool {
  if (!RowWriter.begin(table, length + 11)) return false;
  const to = RowWriter.position;
  store<u32>(to, context);
  store<u16>(to, tap as u16, 4);
  RowWriter.mark(context);
  RowWriter.markTap(tap as u16);
  RowWriter.end(RowWriter.counted(to + 6, length, at, length));
  return true;
}
export function rowsFull(): bool { return RowWriter.full(); }
export function rowsRefused(): u32 { return RowWriter.refused; }

// ---- the walk over frames --------------------------------------------------------------------------------------------

let frames: u32 = 0;
let times: u32 = 0;

export function addTap(code: u32, identity: usize): bool { return Taps.add(code, identity); }
export function tapClock(code: u32): i64 { return Taps.clock(code); }
/** Walks a chunk for protocol 1; each frame gives a row of its payload's length. */
export function walk(at: usize, length: u32, rowBytes: u32): i32 {
  RowBytes.value = rowBytes;
  return Chunk.run(at, length, 1, (_tap: u32): void => { times += 1; }, (): void => {
    frames += 1;
    if (RowBytes.value != 0) row(1, 1024, RowBytes.value, 0, 0);
  });
}
@unmanaged class RowBytes { static value: u32 = 0; }
export function walked(): u32 { return Chunk.consumed; }
export function framesSeen(): u32 { return frames; }
export function timesSeen(): u32 { return times; }
