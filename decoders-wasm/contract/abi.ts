/** The contract between host and decoder module: what a `.wasm` must export, in whatever language it was written. */

/** Version of this contract; a module gives its own by `abi_version()`. */
export const abiVersion = 1;

/** What `process` and `tick` give back. */
export const PROCESS_DONE = 0;
/** Rows are waiting: copy them, call `drained()`, then call again from `consumed()` (tick: with the same arguments). */
export const PROCESS_FULL = 1;
/** A frame record is shorter than its header, longer than the chunk or not a multiple of 8. */
export const PROCESS_FRAMING = -1;

/** `closeTap(tap, why)`: the tap's file ended or it was closed, or it is idle: it holds up no deadline any more. */
export const TAP_CLOSED = 1;
export const TAP_IDLE = 2;
export const TAP_LOST = 3;
/**
 * Frames of the tap were missed: what was last heard through it alone proves nothing until it is heard again. No deadline
 * may pass within this call; `addTap` opens the tap again right after (a module that takes it for a closing does no harm).
 */
export const TAP_GAP = 4;

/** From this `frame_index` on no frame is meant: rows of a change of decoders stand behind all of the record before it. */
export const NO_FRAME_INDEX = 0x80000000;

/**
 * Exports of a decoder. Addresses and lengths are bytes in the module's own memory; i64 are BigInts. The only import
 * is `env.abort`. A trap leaves the instance unusable.
 */
export interface DecoderExports {
  readonly memory: WebAssembly.Memory;
  abi_version(): number;
  /** Once, first: hash seed (places entries, never shows in rows) and the most bytes that memory may grow to. */
  setUp(seed: bigint, memoryLimitBytes: number): void;
  /** Address of an input area of at least `bytes`, 0 when refused; views of memory may be detached by any call. */
  input(bytes: number): number;
  /** A tap by code, with the address of its 16-byte identity and its wall offset; again to change the offset. */
  addTap(code: number, identity: number, wallOffset: bigint): number;
  /** A context by code: codes of shadow key and link, address of the key's 16-byte identity (murmur128 of its text). */
  addContext(code: number, shadow: number, link: number, identity: number): number;
  /** Begins a batch: its frames-log offset and the index of the first frame that `process` will get. */
  batch(offset: bigint, index: number): void;
  /** Handles frame records; their `tap_id` and `key_index` hold tap and context codes. */
  process(address: number, length: number): number;
  consumed(): number;
  /** The boot clock of a tap (0xffff: of every tap) has reached `boot`; deadlines up to it pass. */
  tick(tap: number, boot: bigint): number;
  closeTap(tap: number, why: number): number;
  /** Waiting rows: descriptors {table u32, rows u32, address u32, bytes u32}, and the context codes they use (u32). */
  rowDescriptors(): number;
  rowDescriptorCount(): number;
  usedContexts(): number;
  usedContextCount(): number;
  /** Likewise the tap codes (u32). */
  usedTaps(): number;
  usedTapCount(): number;
  /** Index in its batch of the frame under the decoder: after a trap, the one that caused it. */
  frameIndex(): number;
  drained(): void;
  /**
   * May be missing, then a state is for the very module that wrote it. Versions of checkpoints that the module writes and
   * reads: each begins with its version (u32). A newer module still writes what the one before it reads, until the user
   * gives up the way back (`routewatch finalize`).
   */
  stateVersion?(): number;
  oldestStateVersion?(): number;
  /**
   * Writes a checkpoint in the form of that version (0: its newest); its length in bytes, in pieces of 64 KB by
   * `statePiece(index)`; -1 when memory refused it, or the module does not write that version.
   */
  exportState(version: number): bigint;
  statePiece(index: number): number;
  stateDrained(): void;
  /** Takes over a checkpoint in a fresh instance whose taps and contexts are known; 0 when it cannot be read. */
  importState(address: number, length: number): number;
  /**
   * May be missing: then an upgrade gives no rows. After an import from another module: derives anew what it keeps raw
   * (databases, attribute sets) and writes rows of what differs, `decoder-upgrade` as their reason. `identity`: address of
   * 16 bytes that take the place of a frame's identity in event ids; `batch` was called with the last frames record and
   * an index from NO_FRAME_INDEX on, for the rows' locator. PROCESS_FULL: drain, then call again.
   */
  differences?(identity: number): number;
  /** May be missing, then 1: version of the layout in which the module writes rows of a table. */
  layoutVersion?(table: number): number;
  /** Writes one frame record as a JSON object: every layer and field; the text is at `textAddress`. 0, or an error code. */
  explain(address: number, length: number): number;
  /** Answers a read for the API: a JSON request at `address`, a JSON answer as text. 0, or an error code. */
  query(address: number, length: number): number;
  textAddress(): number;
  textLength(): number;
  /** 0 frames walked, 1 rows refused, 2 memory refused, 3 bytes of memory; from 16 the module's own. */
  counter(index: number): bigint;
}
