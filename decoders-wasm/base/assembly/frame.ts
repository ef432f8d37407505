/** The frame under the decoder, its tap and its key: what `process` walks over (layout: bpf/frame.h). */
import * as layout from './generated/frame.ts';
import { Memory } from './memory.ts';

/** Codes of taps and contexts are below these; the host refuses to give more (host/codes.ts has the same numbers). */
export const MOST_TAPS: u32 = 4096;
export const MOST_CONTEXTS: u32 = 1 << 18;
/** identity 16, clock i64, wall offset i64, flags u32, drain in whose rows it was last used u32 */
const TAP_BYTES: u32 = 40;
/** shadow code u32, link code u32, drain in whose rows it was last used u32, pad u32 */
const CONTEXT_BYTES: u32 = 16;
/** identity 16 */
const SHADOW_BYTES: u32 = 16;
const TAP_USED: usize = 36;
const CONTEXT_USED: usize = 8;

const TAP_OPEN: u32 = 1;

/** `closeTap(tap, TAP_GAP)`: frames were missed, the tap is opened again at once; no deadline passes in that call. */
export const TAP_GAP: u32 = 4;

/** Entries of a page; directories of page addresses (u32), as many as the most codes need. */
const TAPS_A_PAGE: u32 = 64;
const CONTEXTS_A_PAGE: u32 = 1024;
const tapPages: usize = memory.data(64 * 4);
const contextPages: usize = memory.data(256 * 4);
const shadowPages: usize = memory.data(256 * 4);

/** Entries by code in pages that come as codes do and never move, so an address once given stays good. */
@unmanaged
class Pages {
  /** Whether the pages 0 to `last` are there, after making those that were not. */
  static reach(directory: usize, last: u32, pageBytes: u32): bool {
    if (load<u32>(directory + ((last as usize) << 2)) != 0) return true;
    for (let page: u32 = 0; page <= last; page++) {
      const slot = directory + ((page as usize) << 2);
      if (load<u32>(slot) != 0) continue;
      const fresh = Memory.allocate(pageBytes);
      if (fresh == 0) return false;
      store<u32>(slot, fresh as u32);
    }
    return true;
  }
}

/** Taps by code: identity for ids, clock for deadlines. Clocks only move forward. */
@unmanaged
export class Taps {
  static count: u32 = 0;

  /** Address of the entry of a code that was added, or that `reach` has made room for. */
  @inline static at(code: u32): usize {
    return load<u32>(tapPages + ((code / TAPS_A_PAGE) << 2) as usize) as usize + ((code % TAPS_A_PAGE) * TAP_BYTES) as usize;
  }

  /** Room for the entry of a code; false beyond the most codes or where memory refuses it. */
  static reach(code: u32): bool {
    return code < MOST_TAPS && Pages.reach(tapPages, code / TAPS_A_PAGE, TAPS_A_PAGE * TAP_BYTES);
  }

  /** Whether the tap is used for the first time in the rows of this drain; it is then noted as used. */
  static firstUse(code: u32, drain: u32): bool {
    if (!Taps.reach(code) || load<u32>(Taps.at(code), TAP_USED) == drain) return false;
    store<u32>(Taps.at(code), drain, TAP_USED);
    return true;
  }

  /** Learns a tap: 16 bytes of identity at `identity`. */
  static add(code: u32, identity: usize): bool {
    if (!Taps.reach(code)) return false;
    const at = Taps.at(code);
    memory.copy(at, identity, 16);
    store<u32>(at, load<u32>(at, 32) | TAP_OPEN, 32);
    if (code >= Taps.count) Taps.count = code + 1;
    return true;
  }

  /** Boot clock of the tap, ns. */
  @inline static clock(code: u32): i64 {
    return load<i64>(Taps.at(code), 16);
  }

  @inline static setClock(code: u32, boot: i64): void {
    if (boot > Taps.clock(code)) store<i64>(Taps.at(code), boot, 16);
  }

  /** Wall time = boot time + this, ns. */
  @inline static wallOffset(code: u32): i64 {
    return load<i64>(Taps.at(code), 24);
  }

  @inline static setWallOffset(code: u32, offset: i64): void {
    store<i64>(Taps.at(code), offset, 24);
  }

  /** A tap that is closed, idle or lost holds up no deadline. */
  @inline static isOpen(code: u32): bool {
    return (load<u32>(Taps.at(code), 32) & TAP_OPEN) != 0;
  }

  static setOpen(code: u32, open: bool): void {
    const at = Taps.at(code);
    const flags = load<u32>(at, 32);
    store<u32>(at, open ? flags | TAP_OPEN : flags & ~TAP_OPEN, 32);
  }
}

/** Contexts by code: (shadow key, link) pairs that the host has numbered. */
@unmanaged
export class Contexts {
  static count: u32 = 0;
  static shadowCount: u32 = 0;

  @inline private static at(code: u32): usize {
    return load<u32>(contextPages + ((code / CONTEXTS_A_PAGE) << 2) as usize) as usize + ((code % CONTEXTS_A_PAGE) * CONTEXT_BYTES) as usize;
  }

  private static reach(code: u32): bool {
    return code < MOST_CONTEXTS && Pages.reach(contextPages, code / CONTEXTS_A_PAGE, CONTEXTS_A_PAGE * CONTEXT_BYTES);
  }

  /** As `Taps.firstUse`. */
  static firstUse(code: u32, drain: u32): bool {
    if (!Contexts.reach(code) || load<u32>(Contexts.at(code), CONTEXT_USED) == drain) return false;
    store<u32>(Contexts.at(code), drain, CONTEXT_USED);
    return true;
  }

  static add(code: u32, shadow: u32, link: u32, shadowIdentity: usize): bool {
    if (!Contexts.reach(code) || shadow >= MOST_CONTEXTS
      || !Pages.reach(shadowPages, shadow / CONTEXTS_A_PAGE, CONTEXTS_A_PAGE * SHADOW_BYTES)) return false;
    const at = Contexts.at(code);
    store<u32>(at, shadow);
    store<u32>(at, link, 4);
    memory.copy(Contexts.shadowIdentity(shadow), shadowIdentity, 16);
    if (code >= Contexts.count) Contexts.count = code + 1;
    if (shadow >= Contexts.shadowCount) Contexts.shadowCount = shadow + 1;
    return true;
  }

  /** Code of the context's shadow key. */
  @inline static shadow(code: u32): u32 {
    return load<u32>(Contexts.at(code));
  }

  /** Code of the context's link within the partition. */
  @inline static link(code: u32): u32 {
    return load<u32>(Contexts.at(code), 4);
  }

  /** Address of the 16-byte identity of a shadow key, for the ids of once-a-minute rows. */
  @inline static shadowIdentity(shadow: u32): usize {
    return load<u32>(shadowPages + ((shadow / CONTEXTS_A_PAGE) << 2) as usize) as usize + ((shadow % CONTEXTS_A_PAGE) * SHADOW_BYTES) as usize;
  }
}

/** The frame that is being decoded. Fields are read where they lie. */
@unmanaged
export class Frame {
  /** Address of the record. */
  static at: usize = 0;
  /** Frames-log offset of the batch and index of the frame in it: the locator. */
  static batchOffset: u64 = 0;
  static index: u32 = 0;

  @inline static length(): u32 { return load<u32>(Frame.at, layout.FRAME_LENGTH); }
  @inline static tap(): u32 { return load<u16>(Frame.at, layout.FRAME_TAP_ID) as u32; }
  @inline static direction(): u8 { return load<u8>(Frame.at, layout.FRAME_DIRECTION); }
  @inline static protocol(): u8 { return load<u8>(Frame.at, layout.FRAME_PROTOCOL); }
  @inline static boot(): i64 { return load<i64>(Frame.at, layout.FRAME_BOOT_NS); }
  @inline static number(): u64 { return load<u64>(Frame.at, layout.FRAME_FRAME_NUMBER); }
  /** A hello that the kernel counted: its last shipped frame once more, with the sequence number and digest of that. */
  @inline static isCounted(): bool { return Frame.number() >>> 63 != 0; }
  @inline static context(): u32 { return load<u32>(Frame.at, layout.FRAME_KEY_INDEX); }
  @inline static flags(): u16 { return load<u16>(Frame.at, layout.FRAME_FLAGS); }
  @inline static capturedLength(): u32 { return load<u32>(Frame.at, layout.FRAME_CAPTURED_LENGTH); }
  @inline static payloadLength(): u32 { return load<u32>(Frame.at, layout.FRAME_PAYLOAD_LENGTH); }
  @inline static payloadOffset(): u32 { return load<u16>(Frame.at, layout.FRAME_PAYLOAD_OFFSET) as u32; }
  @inline static networkOffset(): u32 { return load<u16>(Frame.at, layout.FRAME_NETWORK_OFFSET) as u32; }
  @inline static linkOffset(): u32 { return load<u16>(Frame.at, layout.FRAME_LINK_OFFSET) as u32; }
  @inline static vlanOuter(): u16 { return load<u16>(Frame.at, layout.FRAME_VLAN_OUTER); }
  /** Address of the raw bytes. */
  @inline static bytes(): usize { return Frame.at + layout.FRAME_BYTES; }
  /** Address of the PDU. */
  @inline static payload(): usize { return Frame.bytes() + Frame.payloadOffset() as usize; }
  /** PDU bytes that are really there: the declared length, cut to what was captured. */
  @inline static payloadHere(): u32 {
    const offset = Frame.payloadOffset();
    const captured = Frame.capturedLength();
    return captured <= offset ? 0 : min<u32>(Frame.payloadLength(), captured - offset);
  }
  /** Wall time of the frame, ns since 1970 UTC. */
  @inline static time(): i64 { return Frame.boot() + Taps.wallOffset(Frame.tap()); }
  @inline static late(): bool { return (Frame.flags() & layout.FLAG_LATE) != 0; }
}
