/** The kernel's ring buffer, read in place: no copy, no call into the kernel for a frame. */
import koffi from 'koffi';

const HEADER_BYTES = 8;
/** Beyond so many bytes a copy by `set` is faster. */
const MOST_COPIED_BYTES = 512;
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;

const libc = koffi.load('libc.so.6');
const mmap = libc.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)');
const munmap = libc.func('int munmap(void *address, size_t length)');
const pageSize = libc.func('int getpagesize()');

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

/**
 * One reader of a BPF ring buffer map. Two positions: what has been read, and what has been acknowledged; the kernel may
 * overwrite only what lies before the second. A reader that starts again begins at what was acknowledged.
 */
export class Ring {
  /** The ring's data twice in a row, so that no record is split. Valid until `close`. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The same bytes as words. */
  readonly words: Uint32Array;
  readonly #longs: BigUint64Array;
  readonly #consumer: BigUint64Array;
  readonly #producer: BigUint64Array;
  readonly #mask: number;
  readonly #mappings: [unknown, number][];
  #position: number;
  /** Behind the record that `peek` gave. */
  #next = 0;
  /** Up to where the kernel had written when it was asked last. */
  #known = 0;

  /** Maps the ring buffer of `fd`, whose size is `ringBytes` (a power of two). Throws where the kernel refuses. */
  constructor(fd: number, ringBytes: number) {
    const page = pageSize() as number;
    const consumer = mapped(fd, page, PROT_READ | PROT_WRITE, 0);
    const producer = mapped(fd, page + 2 * ringBytes, PROT_READ, page);
    this.#mappings = [[consumer, page], [producer, page + 2 * ringBytes]];
    this.#consumer = new BigUint64Array(koffi.view(consumer, page), 0, 1);
    const shared = koffi.view(producer, page + 2 * ringBytes);
    this.#producer = new BigUint64Array(shared, 0, 1);
    this.bytes = new Uint8Array(shared, page, 2 * ringBytes);
    this.view = new DataView(shared, page, 2 * ringBytes);
    this.words = new Uint32Array(shared, page, ringBytes / 2);
    this.#longs = new BigUint64Array(shared, page, ringBytes / 4);
    this.#mask = ringBytes - 1;
    this.#position = Number(Atomics.load(this.#consumer, 0));
  }

  /** Where reading stands: give it to `acknowledge` once everything before it is safe. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads at most `most` frame records and writes where each begins in `bytes` into `offsets`; gives their number. A
   * record's length stands in itself. They stay readable until they are acknowledged.
   */
  read(offsets: Uint32Array, most = offsets.length): number {
    const end = Number(Atomics.load(this.#producer, 0));
    const words = this.words;
    const mask = this.#mask;
    let position = this.#position;
    let count = 0;
    while (position < end && count < most) {
      const at = position & mask;
      const header = Atomics.load(words, at >>> 2);
      if ((header & BUSY) !== 0) break;
      const length = header & ~(BUSY | DISCARDED);
      if ((header & DISCARDED) === 0) offsets[count++] = at + HEADER_BYTES;
      position += (length + HEADER_BYTES + 7) & ~7;
    }
    this.#position = position;
    return count;
  }

  /**
   * Where the next record begins in `bytes`, -1 where none waits; `skip` goes past it. For who must look at a record
   * before it takes it.
   */
  peek(): number {
    // What the kernel wrote is asked for again only behind what is known of it.
    if (this.#position >= this.#known) this.#known = Number(Atomics.load(this.#producer, 0));
    while (this.#position < this.#known) {
      const at = this.#position & this.#mask;
      const header = Atomics.load(this.words, at >>> 2);
      if ((header & BUSY) !== 0) return -1;
      this.#next = this.#position + (((header & ~(BUSY | DISCARDED)) + HEADER_BYTES + 7) & ~7);
      if ((header & DISCARDED) === 0) return at + HEADER_BYTES;
      this.skip();
    }
    return -1;
  }

  /** Whether all has been read that the kernel had begun to write when it was asked last; a record that it is still writing has not. */
  get isAtEnd(): boolean {
    return this.#position >= this.#known;
  }

  /** Copies `length` bytes at `at` to `to`, all multiples of 8; short ones by 64 bits: a call to `set` costs more than they do. */
  copy(at: number, length: number, into: BigUint64Array, to: number): void {
    const from = at >>> 3;
    const place = to >>> 3;
    const count = length >>> 3;
    const longs = this.#longs;
    if (length > MOST_COPIED_BYTES) into.set(longs.subarray(from, from + count), place);
    else for (let i = 0; i < count; i++) into[place + i] = longs[from + i]!;
  }

  /** Past the record that `peek` gave. */
  skip(): void {
    this.#position = this.#next;
  }

  /** Everything before `position` is safe elsewhere: the kernel may write there again. */
  acknowledge(position: number): void {
    Atomics.store(this.#consumer, 0, BigInt(position));
  }

  /** Before the first `read`: begins at `position`, or at what was acknowledged if that is later. */
  seek(position: number): void {
    this.#position = Math.max(position, Number(Atomics.load(this.#consumer, 0)));
  }

  /** Unmaps. No view of `bytes` may be used after it. */
  close(): void {
    for (const [address, length] of this.#mappings.splice(0)) munmap(address, length);
  }
}

function mapped(fd: number, length: number, protection: number, offset: number): unknown {
  const address = mmap(null, length, protection, MAP_SHARED, fd, offset) as unknown;
  if (koffi.address(address) === 0xffff_ffff_ffff_ffffn) {
    throw new Error(`the ring buffer cannot be mapped (errno ${koffi.errno()}): is descriptor ${fd} a ring buffer of ${length} bytes?`);
  }
  return address;
}
