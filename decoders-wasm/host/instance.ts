/** One module instance behind the ABI: copies chunks in and rows out, synchronously, in the thread that it is in. */
import { countRows } from '../contract/row-reader.ts';
import { type DecoderExports, NO_FRAME_INDEX, PROCESS_DONE, PROCESS_FRAMING, PROCESS_FULL, abiVersion } from '../contract/abi.ts';
import { adviseHugePages } from './large-memory.ts';
import { type StateVersions, versionsText } from './state-versions.ts';

/** Rows of one table as they left the module; the bytes are a copy unless the instance lends them. */
export interface RowBlock {
  readonly table: number;
  /** `<table id>.<version>` of the catalogue: what the module that wrote them was built with. */
  readonly layout: string;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** What one drain gave. */
export interface Drained {
  readonly blocks: readonly RowBlock[];
  readonly contexts: readonly number[];
  readonly taps: readonly number[];
}

/** Where a module took over from another one. */
export interface ChangePlace {
  /** The frames record that comes next. */
  readonly next: bigint;
  /** Greater for a later change at the same place. */
  readonly turn: bigint;
}

/** A trap, an abort or a lie of a module: the instance is of no use any more. */
export class ModuleFault extends Error {
  override readonly name = 'ModuleFault';
  readonly module: string;
  /** Frame under the decoder, by index in its batch; undefined when the module cannot say. */
  readonly frameIndex: number | undefined;

  constructor(module: string, message: string, frameIndex: number | undefined, cause?: unknown) {
    super(`${module}: ${message}`, { cause });
    this.module = module;
    this.frameIndex = frameIndex;
  }
}

export interface InstanceOptions {
  readonly name: string;
  readonly module: WebAssembly.Module;
  readonly seed: bigint;
  /** Most bytes that the instance's memory may grow to. */
  readonly memoryLimitBytes: number;
  /** Drained bytes are views of the module's memory, good until `drain` returns; else they are copies. */
  readonly lend?: boolean;
  /** The module is somebody else's: its rows are read before they are believed. */
  readonly verify?: boolean;
}

const DESCRIPTOR_BYTES = 16;
const STATE_PIECE_BYTES = 65536;
/** What a module has besides its tables: static data, and the last step of growth. */
const MEMORY_SLACK_BYTES = 4 << 20;
const LONGEST_TEXT_BYTES = 16 << 20;
/** What is above is no version of a state, but something else. */
const MOST_STATE_VERSION = 0xffff;

export class DecoderInstance {
  readonly name: string;
  private readonly exports: DecoderExports;
  private readonly lend: boolean;
  private readonly verify: boolean;
  private readonly mostBytes: number;
  /** Layout ids by table. */
  private readonly layouts = new Map<number, string>();

  /** Throws ModuleFault when the module is of another ABI or lacks an export. */
  constructor(options: InstanceOptions) {
    this.name = options.name;
    this.lend = options.lend ?? false;
    this.verify = options.verify ?? false;
    this.mostBytes = options.memoryLimitBytes + MEMORY_SLACK_BYTES;
    const instance = new WebAssembly.Instance(options.module, {
      env: { abort: (_message: number, _file: number, line: number, column: number) => { throw new Error(`abort at ${line}:${column}`); } },
    });
    this.exports = instance.exports as unknown as DecoderExports;
    const version = typeof this.exports.abi_version === 'function' ? this.exports.abi_version() : undefined;
    if (version !== abiVersion) {
      throw new ModuleFault(this.name, `speaks version ${version ?? 'none'} of the decoder contract; this program needs ${abiVersion}`, undefined);
    }
    this.call(() => {
      adviseHugePages(this.exports.memory, options.memoryLimitBytes);
      this.exports.setUp(options.seed, options.memoryLimitBytes);
    });
  }

  addTap(code: number, identity: Uint8Array, wallOffset: bigint): void {
    this.call(() => {
      const at = this.copyIn(identity);
      if (this.exports.addTap(code, at, wallOffset) === 0) throw new Error(`refused tap ${code}: its table is full`);
    });
  }

  addContext(code: number, shadow: number, link: number, identity: Uint8Array): void {
    this.call(() => {
      const at = this.copyIn(identity);
      if (this.exports.addContext(code, shadow, link, at) === 0) throw new Error(`refused context ${code}: its table is full`);
    });
  }

  /** Handles the frame records of one batch from the frame of `firstIndex` on; `drain` gets rows whenever some wait. */
  process(offset: bigint, firstIndex: number, frames: Uint8Array, drain: (rows: Drained) => void): void {
    this.call(() => {
      let address = this.copyIn(frames);
      let left = frames.length;
      this.exports.batch(offset, firstIndex);
      while (left > 0) {
        const result = this.exports.process(address, left);
        this.drainTo(drain);
        const used = this.exports.consumed();
        if (result === PROCESS_FRAMING) throw new Error(`framing error at byte ${frames.length - left + used} of the chunk`);
        if (result === PROCESS_DONE) return;
        if (result !== PROCESS_FULL || used === 0 || used > left) throw new Error(`process gave ${result} after ${used} of ${left} bytes`);
        address += used;
        left -= used;
      }
    });
  }

  /** Lets the deadlines up to `boot` on the clock of the tap pass. */
  tick(tap: number, boot: bigint, drain: (rows: Drained) => void): void {
    this.call(() => {
      for (let rounds = 0; this.exports.tick(tap, boot) === PROCESS_FULL; rounds++) {
        this.drainTo(drain);
        if (rounds > 1_000_000) throw new Error('tick does not end');
      }
      this.drainTo(drain);
    });
  }

  closeTap(tap: number, why: number, drain: (rows: Drained) => void): void {
    this.call(() => {
      this.exports.closeTap(tap, why);
      this.drainTo(drain);
    });
  }

  /** Versions of its states; undefined when it says nothing of them. */
  get stateVersions(): StateVersions | undefined {
    return this.call(() => {
      if (this.exports.stateVersion === undefined) return undefined;
      const newest = this.exports.stateVersion();
      return { oldest: this.exports.oldestStateVersion?.() ?? newest, newest };
    });
  }

  /** A checkpoint of the module's state, of that version (0: its newest). */
  exportState(version = 0): Uint8Array {
    return this.call(() => {
      const length = Number(this.exports.exportState(version));
      if (length < 0) throw new Error(`memory refused the export${version === 0 ? '' : `, or the module does not write state version ${version}`}`);
      const state = new Uint8Array(length);
      for (let at = 0, piece = 0; at < length; at += STATE_PIECE_BYTES, piece++) {
        const address = this.exports.statePiece(piece);
        state.set(new Uint8Array(this.exports.memory.buffer, address, Math.min(STATE_PIECE_BYTES, length - at)), at);
      }
      this.exports.stateDrained();
      return state;
    });
  }

  /** Takes over a checkpoint; taps and contexts must have been added. */
  importState(state: Uint8Array): void {
    this.call(() => {
      const known = this.stateVersions;
      if (known !== undefined) refuseVersion(known, state);
      const at = this.copyIn(state);
      if (this.exports.importState(at, state.length) === 0) throw new Error('the checkpoint cannot be read by this module');
    });
  }

  /**
   * After the import of another module's state: rows of what this one reads otherwise; `identity` stands for a frame's in
   * their ids. They are newer than what was before `place`.
   */
  differences(identity: Uint8Array, place: ChangePlace, drain: (rows: Drained) => void): void {
    this.call(() => {
      const { differences } = this.exports;
      if (differences === undefined) return;
      const at = this.copyIn(identity);
      this.exports.batch(place.next > 0n ? place.next - 1n : 0n, NO_FRAME_INDEX + Number(place.turn % BigInt(NO_FRAME_INDEX)));
      for (let rounds = 0; differences(at) === PROCESS_FULL; rounds++) {
        this.drainTo(drain);
        if (rounds > 1_000_000) throw new Error('differences do not end');
      }
      this.drainTo(drain);
    });
  }

  /** One frame record as JSON text. */
  explain(frame: Uint8Array): string {
    return this.call(() => {
      const at = this.copyIn(frame);
      this.exports.explain(at, frame.length);
      return this.text();
    });
  }

  /** A JSON request to the module's state, answered in JSON. */
  query(request: unknown): unknown {
    return this.call(() => {
      const bytes = Buffer.from(JSON.stringify(request), 'utf8');
      const code = this.exports.query(this.copyIn(bytes), bytes.length);
      if (code !== 0) throw new Error(`query refused with code ${code}`);
      return JSON.parse(this.text()) as unknown;
    });
  }

  /** A counter of the module (see the ABI for numbers). */
  counter(index: number): bigint {
    return BigInt.asUintN(64, this.exports.counter(index));
  }

  private text(): string {
    const length = this.exports.textLength();
    if (length > LONGEST_TEXT_BYTES) throw new Error(`text of ${length} bytes`);
    return Buffer.from(this.exports.memory.buffer, this.exports.textAddress(), length).toString('utf8');
  }

  private copyIn(bytes: Uint8Array): number {
    const at = this.exports.input(bytes.length + 64);
    if (at === 0) throw new Error(`no memory for an input of ${bytes.length} bytes`);
    new Uint8Array(this.exports.memory.buffer, at, bytes.length).set(bytes);
    return at;
  }

  private drainTo(drain: (rows: Drained) => void): void {
    const count = this.exports.rowDescriptorCount();
    if (count === 0) return;
    const memory = this.exports.memory.buffer;
    const descriptors = new DataView(memory, this.exports.rowDescriptors(), count * DESCRIPTOR_BYTES);
    const blocks: RowBlock[] = [];
    for (let at = 0; at < count * DESCRIPTOR_BYTES; at += DESCRIPTOR_BYTES) {
      const bytes = descriptors.getUint32(at + 12, true);
      if (bytes === 0) continue;
      const from = new Uint8Array(memory, descriptors.getUint32(at + 8, true), bytes);
      const table = descriptors.getUint32(at, true);
      const layout = this.layoutOf(table);
      const rows = descriptors.getUint32(at + 4, true);
      if (this.verify) believable(layout, rows, from);
      blocks.push({ table, layout, rows, bytes: this.lend ? from : from.slice() });
    }
    const contexts = [...new Uint32Array(memory, this.exports.usedContexts(), this.exports.usedContextCount())];
    const taps = [...new Uint32Array(memory, this.exports.usedTaps(), this.exports.usedTapCount())];
    drain({ blocks, contexts, taps });
    this.exports.drained();
  }

  private layoutOf(table: number): string {
    let layout = this.layouts.get(table);
    if (layout === undefined) this.layouts.set(table, layout = `${table}.${this.exports.layoutVersion?.(table) ?? 1}`);
    return layout;
  }

  private call<T>(work: () => T): T {
    try {
      const result = work();
      const bytes = this.exports.memory.buffer.byteLength;
      // Which frame it was is not known: it will be found one frame at a time.
      if (bytes > this.mostBytes) throw new ModuleFault(this.name, `took ${bytes} bytes of memory; ${this.mostBytes} are allowed`, undefined);
      return result;
    } catch (error) {
      if (error instanceof ModuleFault) throw error;
      if (error instanceof UnbelievableRows) throw new ModuleFault(this.name, error.message, undefined, error);
      throw new ModuleFault(this.name, error instanceof Error ? error.message : String(error), this.index(), error);
    }
  }

  private index(): number | undefined {
    try {
      return typeof this.exports.frameIndex === 'function' ? this.exports.frameIndex() : undefined;
    } catch {
      return undefined;
    }
  }
}

function refuseVersion(known: StateVersions, state: Uint8Array): void {
  const version = state.length < 4 ? 0 : new DataView(state.buffer, state.byteOffset).getUint32(0, true);
  if (version >= known.oldest && version <= known.newest) return;
  if (version === 0 || version > MOST_STATE_VERSION) throw new Error('the checkpoint cannot be read: it does not begin with the version of a state');
  const writer = version > known.newest
    ? 'a newer decoder wrote it, after the way back was given up (`routewatch finalize`): start the version of the program that has it, or restore a backup from before'
    : 'an older decoder wrote it: start the versions of the program in between first, one after the other';
  throw new Error(`the state is of version ${version}, and this module reads ${versionsText(known)}: ${writer}`);
}

/** Rows that are not what the module says of them. */
export class UnbelievableRows extends Error {}

function believable(layout: string, rows: number, bytes: Uint8Array): void {
  let found: number;
  try {
    found = countRows(layout, bytes);
  } catch (error) {
    throw new UnbelievableRows(`gave rows of layout ${layout} that cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (found !== rows) throw new UnbelievableRows(`gave ${found} rows of layout ${layout} and says that they are ${rows}`);
}
