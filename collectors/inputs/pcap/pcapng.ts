/** Reads pcapng: any number of sections in either byte order, all block types that carry packets. */
import { CaptureError, CHUNK_PACKETS } from './capture.ts';
import type { CapturedPacket, ReadState, RecordReader } from './capture.ts';
import {
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET_BLOCK,
  EPB_FLAGS,
  INTERFACE_DESCRIPTION_BLOCK,
  INTERFACE_STATISTICS_BLOCK,
  ISB_ENDTIME,
  PACKET_BLOCK,
  SECTION_HEADER_BLOCK,
  SIMPLE_PACKET_BLOCK,
} from './iana.ts';
import { readInterface, timeOf } from './pcapng-interface.ts';
import type { Interface } from './pcapng-interface.ts';
import { readOptions } from './pcapng-options.ts';

/** Bytes in one block at most, as in libpcap and Wireshark. */
export const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
/** Interfaces in one file at most: more is an attack on memory, not a capture. */
export const MAX_INTERFACES = 65_536;

/** Whether a file with these first 12 bytes is pcapng; `view` has 4 bytes at least. */
export function isPcapng(view: DataView): boolean {
  if (view.getUint32(0, true) !== SECTION_HEADER_BLOCK) return false;
  return view.byteLength < 12 || sectionByteOrder(view, 0) !== undefined;
}

function sectionByteOrder(view: DataView, at: number): 'little' | 'big' | undefined {
  if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return 'little';
  if (view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC) return 'big';
  return undefined;
}

/** Where a block lies in the buffer, and at which offset of the file. */
interface Block {
  type: number;
  start: number;
  /** After the two leading fields. */
  body: number;
  /** Before the trailing length. */
  bodyEnd: number;
  end: number;
  offset: number;
}

/** Lengths and place of one packet's bytes within a block. */
interface PacketPlace {
  data: number;
  captured: number;
  original: number;
  options: number;
}

/**
 * ```
 * every block:  0 type   4 total length   8 body ...   total length again
 * ```
 */
export class PcapngReader implements RecordReader {
  headerRead = false;
  needed = 12;
  stopped = false;
  readonly #state: ReadState;
  readonly #name: string;
  #littleEndian = true;
  #interfaces: Interface[] = [];
  #firstInterface = 0;
  #lastTimeNs = 0n;

  constructor(name: string, state: ReadState) {
    this.#name = name;
    this.#state = state;
  }

  read(buffer: Uint8Array, position: number, base: number, packets: CapturedPacket[]): number {
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    let at = position;
    while (packets.length < CHUNK_PACKETS && !this.stopped) {
      const block = this.#findBlock(view, at, base + at);
      if (block === undefined) break;
      this.#readBlock(buffer, view, block, packets);
      if (this.stopped) break;
      this.#state.identify(buffer.subarray(at, block.end), this.#state.packets > 0);
      at = block.end;
      this.needed = 12;
    }
    return at;
  }

  describeCut(): string {
    return this.headerRead ? 'block' : 'section header block';
  }

  /** The block at `at` if the buffer holds all of it; a length that cannot be ends the reading. */
  #findBlock(view: DataView, at: number, offset: number): Block | undefined {
    this.needed = 12;
    if (view.byteLength - at < 12) return undefined;
    const type = view.getUint32(at, this.#littleEndian);
    if (type === SECTION_HEADER_BLOCK) {
      const order = sectionByteOrder(view, at);
      if (order === undefined) return this.#stop(offset, 'has no valid byte-order magic');
      this.#littleEndian = order === 'little';
    }
    const length = view.getUint32(at + 4, this.#littleEndian);
    if (length < 12 || length % 4 !== 0 || length > MAX_BLOCK_BYTES) {
      return this.#stop(offset, `claims a length of ${length} bytes`);
    }
    this.needed = length;
    if (view.byteLength - at < length) return undefined;
    const end = at + length;
    const trailer = view.getUint32(end - 4, this.#littleEndian);
    if (trailer !== length) {
      return this.#stop(offset, `begins with length ${length} and ends with length ${trailer}`);
    }
    return { type, start: at, body: at + 8, bodyEnd: end - 4, end, offset };
  }

  #stop(offset: number, what: string): undefined {
    const message = `the block at byte ${offset} ${what}: the file is corrupt from there on`;
    if (!this.headerRead) {
      throw new CaptureError('bad-header', `${this.#name}: ${message}; nothing was read`, offset);
    }
    this.stopped = true;
    this.#state.addFault(offset, `${message}; the ${this.#state.packets} packets before it were used`);
    return undefined;
  }

  /** A fault inside a block that leaves the next block's place certain. */
  #skip(offset: number, what: string): undefined {
    this.#state.addFault(offset, `the block at byte ${offset} ${what}; it was skipped, reading went on`);
    return undefined;
  }

  #readBlock(buffer: Uint8Array, view: DataView, block: Block, packets: CapturedPacket[]): void {
    switch (block.type) {
      case ENHANCED_PACKET_BLOCK:
        return this.#readEnhancedPacket(buffer, view, block, packets);
      case SECTION_HEADER_BLOCK:
        return this.#readSectionHeader(view, block);
      case INTERFACE_DESCRIPTION_BLOCK:
        return this.#readInterfaceDescription(view, block);
      case SIMPLE_PACKET_BLOCK:
        return this.#readSimplePacket(buffer, view, block, packets);
      case PACKET_BLOCK:
        return this.#readPacket(buffer, view, block, packets);
      case INTERFACE_STATISTICS_BLOCK:
        return this.#readStatistics(view, block);
      default: // name resolution, secrets, custom blocks, ...: no packets in them
    }
  }

  /** ``` 8 byte-order magic  12 version major (16) minor (16)  16 section length (64)  24 options ``` */
  #readSectionHeader(view: DataView, block: Block): void {
    if (block.bodyEnd - block.body < 16) {
      this.#stop(block.offset, `(section header) has ${block.bodyEnd - block.body} of 16 bytes`);
      return;
    }
    const major = view.getUint16(block.body + 4, this.#littleEndian);
    const minor = view.getUint16(block.body + 6, this.#littleEndian);
    // Minor version 2 was written by some and MUST be read as 0; no other was ever defined.
    if (major !== 1 || (minor !== 0 && minor !== 2)) {
      this.#stop(block.offset, `(section header) is of pcapng version ${major}.${minor}, not 1.0`);
      return;
    }
    this.headerRead = true;
    this.#firstInterface = this.#state.interfaces.length;
    this.#interfaces = [];
  }

  /** ``` 8 link type (16) reserved (16)  12 snapshot length  16 options ``` */
  #readInterfaceDescription(view: DataView, block: Block): void {
    if (block.bodyEnd - block.body < 8) {
      this.#stop(block.offset, 'is an interface description without its fixed fields');
      return;
    }
    if (this.#state.interfaces.length >= MAX_INTERFACES) {
      this.#stop(block.offset, `describes interface ${MAX_INTERFACES + 1} of this file`);
      return;
    }
    const found = readInterface(view, block.body, block.bodyEnd, this.#littleEndian);
    if (found.fault !== undefined) {
      const what = `(interface description) ${found.fault}; the options from there on were ignored`;
      this.#state.addFault(block.offset, `the block at byte ${block.offset} ${what}, reading went on`);
    }
    this.#interfaces.push(found.interface);
    this.#state.interfaces.push(found.interface.described);
  }

  /** ``` 8 interface  12 time high  16 time low  20 captured  24 original  28 data, options ``` */
  #readEnhancedPacket(
    buffer: Uint8Array,
    view: DataView,
    block: Block,
    packets: CapturedPacket[],
  ): void {
    const body = block.body;
    if (block.bodyEnd - body < 20) return this.#skip(block.offset, 'is too short for a packet');
    const id = view.getUint32(body, this.#littleEndian);
    const place = this.#placeOf(view, body + 12, block);
    if (place !== undefined) this.#addPacket(buffer, view, block, id, body + 4, place, packets);
  }

  /** ``` 8 interface (16) drops (16)  12 time high  16 time low  20 captured  24 original  28 data ``` */
  #readPacket(buffer: Uint8Array, view: DataView, block: Block, packets: CapturedPacket[]): void {
    const body = block.body;
    if (block.bodyEnd - body < 20) return this.#skip(block.offset, 'is too short for a packet');
    const id = view.getUint16(body, this.#littleEndian);
    const place = this.#placeOf(view, body + 12, block);
    if (place !== undefined) this.#addPacket(buffer, view, block, id, body + 4, place, packets);
  }

  /** ``` 8 original length  12 data ```: interface 0, no time, captured length from the snap length. */
  #readSimplePacket(
    buffer: Uint8Array,
    view: DataView,
    block: Block,
    packets: CapturedPacket[],
  ): void {
    if (block.bodyEnd - block.body < 4) return this.#skip(block.offset, 'is too short for a packet');
    const original = view.getUint32(block.body, this.#littleEndian);
    const data = block.body + 4;
    const snapLength = this.#interfaces[0]?.described.snapLength ?? 0;
    const limit = snapLength === 0 ? original : Math.min(original, snapLength);
    const captured = Math.min(limit, block.bodyEnd - data);
    const place = { data, captured, original, options: block.bodyEnd };
    this.#addPacket(buffer, view, block, 0, -1, place, packets);
  }

  #placeOf(view: DataView, lengths: number, block: Block): PacketPlace | undefined {
    const captured = view.getUint32(lengths, this.#littleEndian);
    const original = view.getUint32(lengths + 4, this.#littleEndian);
    const data = lengths + 8;
    if (captured > block.bodyEnd - data) {
      const room = block.bodyEnd - data;
      return this.#skip(block.offset, `claims ${captured} bytes of packet and has room for ${room}`);
    }
    const options = data + captured + ((4 - (captured & 3)) & 3);
    return { data, captured, original, options };
  }

  /** `time` is where the block has its time stamp, -1 where it has none. */
  #addPacket(
    buffer: Uint8Array,
    view: DataView,
    block: Block,
    id: number,
    time: number,
    place: PacketPlace,
    packets: CapturedPacket[],
  ): void {
    const found = this.#interfaces[id];
    if (found === undefined) {
      this.#skip(block.offset, `is a packet of interface ${id}, which this section does not describe`);
      return;
    }
    const state = this.#state;
    if (time < 0) state.untimed++;
    else this.#lastTimeNs = timeOf(view, time, this.#littleEndian, found);
    const fcsBytes = this.#fcsBytes(view, block, place.options, found);
    const onWire = Math.max(0, Math.max(place.original, place.captured) - fcsBytes);
    const kept = Math.min(place.captured, onWire);
    packets.push({
      timeNs: this.#lastTimeNs,
      linkType: found.described.linkType,
      originalLength: onWire,
      data: new Uint8Array(buffer.buffer, buffer.byteOffset + place.data, kept),
      interfaceIndex: this.#firstInterface + id,
      packetNumber: ++state.packets,
    });
  }

  /** The FCS bytes at a packet's end: bits 5-8 of its flags option outrank the interface's if_fcslen. */
  #fcsBytes(view: DataView, block: Block, options: number, found: Interface): number {
    if (options >= block.bodyEnd) return found.fcsBytes;
    let fcsBytes = found.fcsBytes;
    const fault = readOptions(view, options, block.bodyEnd, this.#littleEndian, (code, at, length) => {
      if (code !== EPB_FLAGS || length !== 4) return;
      const flagged = (view.getUint32(at, this.#littleEndian) >>> 5) & 15;
      if (flagged !== 0) fcsBytes = flagged;
    });
    if (fault !== undefined) {
      const what = `(packet) ${fault}; the packet was used, the options from there on were not`;
      this.#state.addFault(block.offset, `the block at byte ${block.offset} ${what}, reading went on`);
    }
    return fcsBytes;
  }

  /** ``` 8 interface  12 time high  16 time low  20 options ``` */
  #readStatistics(view: DataView, block: Block): void {
    if (block.bodyEnd - block.body < 12) {
      this.#skip(block.offset, 'is too short for interface statistics');
      return;
    }
    const found = this.#interfaces[view.getUint32(block.body, this.#littleEndian)];
    if (found === undefined) {
      this.#skip(block.offset, 'has the statistics of an interface that is not described');
      return;
    }
    const options = block.body + 12;
    const fault = readOptions(view, options, block.bodyEnd, this.#littleEndian, (code, at, length) => {
      if (code !== ISB_ENDTIME || length !== 8) return;
      const endTimeNs = timeOf(view, at, this.#littleEndian, found);
      const known = this.#state.endTimeNs;
      if (known === undefined || endTimeNs > known) this.#state.endTimeNs = endTimeNs;
    });
    if (fault !== undefined) this.#skip(block.offset, `(interface statistics) ${fault}`);
  }
}
