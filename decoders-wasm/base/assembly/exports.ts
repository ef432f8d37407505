/**
 * The exports that every module shares (decoders-wasm/contract/abi.ts says what each is for). A protocol's index.ts
 * re-exports this file and adds: abi_version, setUp, process, tick, closeTap, exportState, importState, explain, query.
 */
import { layoutVersionOf } from './generated/layouts.ts';
import { Memory } from './memory.ts';
import { Contexts, Frame, Taps } from './frame.ts';
import { RowWriter } from './rows.ts';
import { StateWriter } from './state.ts';
import { Json } from './json.ts';
import { Chunk } from './chunk.ts';

let inputAt: usize = 0;
let inputBytes: u32 = 0;

/** Address of an input area of at least `bytes`; 0 when memory refuses it. Its former content is lost when it grows. */
export function input(bytes: u32): usize {
  if (bytes > inputBytes) {
    const size = max<u32>(65536, bytes + (bytes >>> 2));
    const at = Memory.allocate(size);
    if (at == 0) return 0;
    inputAt = at;
    inputBytes = size;
  }
  return inputAt;
}

/** Learns a tap: `identity` is the address of 16 bytes. */
export function addTap(code: u32, identity: usize, wallOffset: i64): bool {
  if (!Taps.add(code, identity)) return false;
  Taps.setWallOffset(code, wallOffset);
  return true;
}

/** Learns a context: (shadow key, link); `identity` is the address of the key's 16-byte identity. */
export function addContext(code: u32, shadow: u32, link: u32, identity: usize): bool {
  return Contexts.add(code, shadow, link, identity);
}

/** Begins a batch: its frames-log offset, the index of its first frame. */
export function batch(offset: u64, index: u32): void {
  Frame.batchOffset = offset;
  Frame.index = index;
}

/** Bytes of the chunk that the last `process` used. */
export function consumed(): u32 {
  return Chunk.consumed;
}

/** Address of the row descriptors {table u32, rows u32, address u32, bytes u32}. */
export function rowDescriptors(): usize {
  return RowWriter.descriptors;
}

export function rowDescriptorCount(): u32 {
  return RowWriter.descriptorCount;
}

/** Address of the context codes (u32) that the waiting rows use. */
export function usedContexts(): usize {
  return RowWriter.usedContexts.at;
}

export function usedContextCount(): u32 {
  return RowWriter.usedContexts.count;
}

/** Address of the tap codes (u32) that the waiting rows use. */
export function usedTaps(): usize {
  return RowWriter.usedTaps.at;
}

export function usedTapCount(): u32 {
  return RowWriter.usedTaps.count;
}

/** Index in its batch of the frame under the decoder: after a trap, the frame that caused it. */
export function frameIndex(): u32 {
  return Frame.index;
}

/** Version of the layout in which this module writes rows of a table. */
export function layoutVersion(table: u32): u32 {
  return layoutVersionOf(table);
}

/** The host has copied the waiting rows. */
export function drained(): void {
  RowWriter.drained();
}

/** Address of piece `index` (64 KB each but the last) of the last export. */
export function statePiece(index: u32): usize {
  return StateWriter.piece(index);
}

/** The host has copied the export. */
export function stateDrained(): void {
  StateWriter.release();
}

/** Address and length of the text that the last `explain` or `query` wrote. */
export function textAddress(): usize {
  return Json.base;
}

export function textLength(): u32 {
  return Json.length();
}

/** Frames walked, rows refused for want of memory, segments refused, bytes of linear memory. */
export function counter(index: u32): u64 {
  if (index == 0) return Chunk.frames;
  if (index == 1) return RowWriter.refused as u64;
  if (index == 2) return Memory.refused as u64;
  if (index == 3) return (memory.size() as u64) << 16;
  return 0;
}
