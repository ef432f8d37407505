/** The walk over one chunk of frame records: clocks first, then the frame, then room for more rows. */
import { Envelope } from './envelope.ts';
import { FRAME_BYTES, PROTOCOL_TICK, TAP_ALL } from './generated/frame.ts';
import { Frame, Taps } from './frame.ts';
import { RowWriter } from './rows.ts';
import { Text } from './text.ts';

export const CHUNK_DONE: i32 = 0;
/** Rows are waiting: drain them and call again from `consumed()`. */
export const CHUNK_FULL: i32 = 1;
/** A record is shorter than its header, longer than the chunk or not a multiple of 8, or its fields point outside it. */
export const CHUNK_FRAMING: i32 = -1;

@unmanaged
export class Chunk {
  static consumed: u32 = 0;
  static frames: u64 = 0;

  /**
   * Walks `length` bytes of records at `at`. `onTime(tap)` lets the deadlines pass that lie before the tap's clock
   * (TAP_ALL: all clocks moved) and must be cheap when none is due; `onFrame()` handles `Frame` of `protocol`.
   */
  static run(at: usize, length: u32, protocol: u8, onTime: (tap: u32) => void, onFrame: () => void): i32 {
    const end = at + length;
    const start = at;
    while (at < end) {
      const left = (end - at) as u32;
      const size: u32 = left < 8 ? 0 : load<u32>(at);
      Frame.at = at;
      if (size < FRAME_BYTES || size > left || (size & 7) != 0 || !Chunk.holds(size, protocol)) {
        Chunk.consumed = (at - start) as u32;
        return CHUNK_FRAMING;
      }
      Text.reset();
      Envelope.beginDecision();
      Chunk.frames += 1;
      const kind = Frame.protocol();
      const tap = Frame.tap();
      if (kind == PROTOCOL_TICK) {
        Chunk.tick(tap, Frame.boot());
        onTime(tap);
      } else if (tap < Taps.count) {
        Taps.setClock(tap, Frame.boot());
        onTime(tap);
        if (kind == protocol) onFrame();
      }
      Frame.index += 1;
      at += size;
      if (RowWriter.full()) {
        Chunk.consumed = (at - start) as u32;
        return at < end ? CHUNK_FULL : CHUNK_DONE;
      }
    }
    Chunk.consumed = length;
    return CHUNK_DONE;
  }

  /** Whether a record of `protocol` names a known tap and its bytes lie in it: else it would be lost without a word. */
  private static holds(size: u32, protocol: u8): bool {
    if (Frame.protocol() != protocol) return true;
    return Frame.tap() < Taps.count && Frame.capturedLength() <= size - FRAME_BYTES
      && Frame.payloadOffset() <= Frame.capturedLength();
  }

  /** Moves the boot clock of one tap, or (TAP_ALL) of every tap of the instance, to `boot`. */
  static tick(tap: u32, boot: i64): void {
    Envelope.beginDecision();
    if (tap != TAP_ALL) {
      if (tap < Taps.count) Taps.setClock(tap, boot);
      return;
    }
    for (let i: u32 = 0; i < Taps.count; i++) Taps.setClock(i, boot);
  }
}
