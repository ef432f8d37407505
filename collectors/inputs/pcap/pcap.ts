/** Reads pcap: both byte orders, micro- and nanoseconds, and the modified format of A. Kuznetzov. */
import { CaptureError, CHUNK_PACKETS, MAX_PACKET_BYTES } from './capture.ts';
import type { CapturedPacket, ReadState, RecordReader } from './capture.ts';
import { PCAP_MAGIC_MICROSECONDS, PCAP_MAGIC_MODIFIED, PCAP_MAGIC_NANOSECONDS } from './iana.ts';

const HEADER_BYTES = 24;
/** Which of a record's two lengths comes first (see #checkVersion). */
type LengthOrder = 'captured first' | 'original first' | 'smaller is captured';

/** Whether a file with these first four bytes is pcap; `view` has 4 bytes at least. */
export function isPcap(view: DataView): boolean {
  return byteOrder(view) !== undefined;
}

function byteOrder(view: DataView): 'little' | 'big' | undefined {
  if (isMagic(view.getUint32(0, true))) return 'little';
  if (isMagic(view.getUint32(0, false))) return 'big';
  return undefined;
}

function isMagic(magic: number): boolean {
  return (
    magic === PCAP_MAGIC_MICROSECONDS ||
    magic === PCAP_MAGIC_NANOSECONDS ||
    magic === PCAP_MAGIC_MODIFIED
  );
}

/**
 * ```
 * file header                              record
 *  0 magic                                  0 seconds
 *  4 version major (16) minor (16)          4 micro- or nanoseconds
 *  8 reserved (time zone, once)             8 captured length
 * 12 reserved (accuracy, once)             12 original length
 * 16 snapshot length                       16 data; modified format: interface (32),
 * 20 FCS len (4) R P reserved (10) linktype    protocol (16), packet type, pad, then data
 * ```
 */
export class PcapReader implements RecordReader {
  headerRead = false;
  needed = HEADER_BYTES;
  stopped = false;
  readonly #state: ReadState;
  readonly #name: string;
  #littleEndian = true;
  #fractionNs = 1000;
  #recordHeaderBytes = 16;
  #lengthOrder: LengthOrder = 'captured first';
  #linkType = 0;
  #fcsBytes = 0;
  #lastSeconds = -1;
  #lastSecondsNs = 0n;

  constructor(name: string, state: ReadState) {
    this.#name = name;
    this.#state = state;
  }

  read(buffer: Uint8Array, position: number, base: number, packets: CapturedPacket[]): number {
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    let at = position;
    if (!this.headerRead) {
      if (buffer.length - at < HEADER_BYTES) return at;
      this.#readHeader(view, at);
      this.#state.identify(buffer.subarray(at, at + HEADER_BYTES), false);
      at += HEADER_BYTES;
    }
    return this.#readRecords(buffer, view, at, base, packets);
  }

  describeCut(): string {
    return this.headerRead ? 'packet record' : 'file header (24 bytes)';
  }

  #readHeader(view: DataView, at: number): void {
    this.#littleEndian = byteOrder(new DataView(view.buffer, view.byteOffset + at, 4)) === 'little';
    const magic = view.getUint32(at, this.#littleEndian);
    this.#fractionNs = magic === PCAP_MAGIC_NANOSECONDS ? 1 : 1000;
    this.#recordHeaderBytes = magic === PCAP_MAGIC_MODIFIED ? 24 : 16;
    const major = view.getUint16(at + 4, this.#littleEndian);
    const minor = view.getUint16(at + 6, this.#littleEndian);
    this.#lengthOrder = this.#checkVersion(major, minor);
    const linkField = view.getUint32(at + 20, this.#littleEndian);
    // draft-ietf-opsawg-pcap: "a reader SHOULD treat a non-zero value as an error" (Reserved3)
    if ((linkField & 0x03ff0000) !== 0) {
      throw new CaptureError(
        'bad-header',
        `${this.#name}: the link type field at byte 20 is 0x${linkField.toString(16)}, with reserved ` +
          'bits set: the header is corrupt, nothing was read',
        20,
      );
    }
    this.#linkType = linkField & 0xffff;
    // P bit: the FCS length is present, in units of 16 bits
    this.#fcsBytes = (linkField & 0x04000000) === 0 ? 0 : (linkField >>> 28) * 2;
    const snapLength = view.getUint32(at + 16, this.#littleEndian);
    this.#state.interfaces.push({ linkType: this.#linkType, snapLength });
    this.headerRead = true;
    this.needed = this.#recordHeaderBytes;
  }

  /** Version 2.4 is the format; before 2.3 the two lengths stood the other way round, 2.3 had both. */
  #checkVersion(major: number, minor: number): LengthOrder {
    if (major === 543 && minor === 0) return 'original first';
    if (major !== 2 || minor > 4) {
      throw new CaptureError(
        'bad-header',
        `${this.#name}: pcap version ${major}.${minor} at byte 4; versions up to 2.4 are read`,
        4,
      );
    }
    if (minor < 3) return 'original first';
    return minor === 3 ? 'smaller is captured' : 'captured first';
  }

  #readRecords(
    buffer: Uint8Array,
    view: DataView,
    position: number,
    base: number,
    packets: CapturedPacket[],
  ): number {
    const littleEndian = this.#littleEndian;
    const headerBytes = this.#recordHeaderBytes;
    const state = this.#state;
    let at = position;
    this.needed = headerBytes;
    while (packets.length < CHUNK_PACKETS && buffer.length - at >= headerBytes) {
      let captured = view.getUint32(at + 8, littleEndian);
      let original = view.getUint32(at + 12, littleEndian);
      if (this.#lengthOrder !== 'captured first' && this.#isSwapped(captured, original)) {
        [captured, original] = [original, captured];
      }
      if (captured > MAX_PACKET_BYTES) {
        this.#stop(base + at, captured);
        break;
      }
      const start = at + headerBytes;
      const end = start + captured;
      if (end > buffer.length) {
        this.needed = end - at;
        break;
      }
      const seconds = view.getUint32(at, littleEndian);
      if (seconds !== this.#lastSeconds) {
        this.#lastSeconds = seconds;
        this.#lastSecondsNs = BigInt(seconds) * 1_000_000_000n;
      }
      const fraction = view.getUint32(at + 4, littleEndian) * this.#fractionNs;
      // No frame was shorter than what was kept of it: some writers leave the original length 0.
      const onWire = Math.max(0, Math.max(original, captured) - this.#fcsBytes);
      const kept = Math.min(captured, onWire);
      packets.push({
        timeNs: this.#lastSecondsNs + BigInt(fraction),
        linkType: this.#linkType,
        originalLength: onWire,
        data: new Uint8Array(buffer.buffer, buffer.byteOffset + start, kept),
        interfaceIndex: 0,
        packetNumber: ++state.packets,
      });
      if (state.packets === 1) state.identify(buffer.subarray(at, end), true);
      at = end;
    }
    return at;
  }

  #isSwapped(captured: number, original: number): boolean {
    return this.#lengthOrder === 'original first' || captured > original;
  }

  #stop(offset: number, length: number): void {
    this.stopped = true;
    this.#state.addFault(
      offset,
      `the packet record at byte ${offset} claims ${length} bytes of data (at most ` +
        `${MAX_PACKET_BYTES} are possible): the file is corrupt from there on; the ` +
        `${this.#state.packets} packets before it were used`,
    );
  }
}
