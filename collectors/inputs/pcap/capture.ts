/** What a capture file gives, whatever its format: packets, faults, errors, and the state both readers share. */
import { createHash } from 'node:crypto';

/** One packet as the capture holds it; `data` is a view into a larger buffer, without the FCS. */
export interface CapturedPacket {
  /** Nanoseconds since 1970-01-01 UTC; a packet without a time stamp has that of the packet before it. */
  timeNs: bigint;
  /** Its own time stamp cannot be; `timeNs` is that of the packet before. */
  timeRefused?: true;
  /** LINKTYPE_ value of the tcpdump registry. */
  linkType: number;
  /** Bytes on the wire, without the FCS. */
  originalLength: number;
  data: Uint8Array;
  /** Index into `interfaces` of the result, counted through all sections of the file. */
  interfaceIndex: number;
  /** From 1 within the file. */
  packetNumber: number;
}

/** What is wrong with a capture, at which byte of the (decompressed) file, and what was used. */
export interface CaptureFault {
  /** Byte offset within the file after decompression; none where the fault has no one place. */
  offset?: number | undefined;
  message: string;
}

/** An interface that the capture describes; pcap has one, pcapng any number. */
export interface CaptureInterface {
  name?: string;
  linkType: number;
  /** Bytes kept of each packet at most; 0 is no limit. */
  snapLength: number;
}

/** What was read of a capture; final once `packets` has ended. */
export interface CaptureResult {
  packets: number;
  /** The first fault; reading went on after it where the file's framing was intact, and the message says so. */
  fault: CaptureFault | undefined;
  /** The latest isb_endtime of a pcapng file. */
  endTimeNs: bigint | undefined;
  /** SHA-256 of everything up to the end of the first packet record, after decompression (STREAM section 2). */
  identity: Uint8Array;
  interfaces: CaptureInterface[];
  /** Packets that carry no time stamp of their own (pcapng Simple Packet Blocks). */
  untimed: number;
}

/** A capture being read, once, front to back. */
export interface OpenCapture {
  /** Base name, or `-` for standard input. */
  name: string;
  /** Packets in file order, in chunks; can be iterated once. A fault ends it or is passed over: never thrown. */
  packets: AsyncIterable<CapturedPacket[]>;
  result(): CaptureResult;
  /** The identity, once the first packet (or the end) has been read; reads ahead to it if need be. */
  identity(): Promise<Uint8Array>;
  /** Bytes taken off the file so far, as they lie on the disk: for progress; nothing for a stream. */
  bytesRead?: () => number;
  /** Lets go of the file; needed only where `packets` is not iterated to its end. */
  close(): Promise<void>;
}

/** Why a capture could not be opened at all. */
export type CaptureErrorCode = 'unreadable' | 'empty' | 'not-a-capture' | 'bad-header';

/** A capture that gives nothing: it cannot be read, is empty, or is no capture. */
export class CaptureError extends Error {
  readonly code: CaptureErrorCode;
  readonly offset: number;

  constructor(code: CaptureErrorCode, message: string, offset = 0) {
    super(message);
    this.name = 'CaptureError';
    this.code = code;
    this.offset = offset;
  }
}

/** A format's reader: takes whole records off a buffer. */
export interface RecordReader {
  /** True once the file's header has been read. */
  readonly headerRead: boolean;
  /** Bytes that must be at hand, from the last returned position on, before `read` can go on. */
  readonly needed: number;
  /** True after a fault that leaves nothing more to read. */
  readonly stopped: boolean;
  /**
   * Reads records from `position`, appends up to `limit` packets, returns the position after the last
   * whole record. `base` is the file offset of the buffer's first byte.
   */
  read(buffer: Uint8Array, position: number, base: number, packets: CapturedPacket[]): number;
  /** Names what a file that ends here has cut off. */
  describeCut(): string;
}

/** Packets in a chunk at most. */
export const CHUNK_PACKETS = 4096;

/** Bytes in one packet at most: what libpcap and Wireshark take too; a greater length is corruption. */
export const MAX_PACKET_BYTES = 262_144;

/** What both readers write down as they go. */
export class ReadState {
  packets = 0;
  untimed = 0;
  endTimeNs: bigint | undefined;
  readonly interfaces: CaptureInterface[] = [];
  readonly #hash = createHash('sha256');
  #identity: Uint8Array | undefined;
  #fault: CaptureFault | undefined;
  #moreFaults = 0;

  /** Keeps the first fault, counts the rest. */
  addFault(offset: number, message: string): void {
    if (this.#fault === undefined) this.#fault = { offset, message };
    else this.#moreFaults++;
  }

  get fault(): CaptureFault | undefined {
    if (this.#fault === undefined || this.#moreFaults === 0) return this.#fault;
    const { offset, message } = this.#fault;
    return { offset, message: `${message}; ${this.#moreFaults} more such places follow` };
  }

  /** Adds header bytes or records to the identity, until the first packet has closed it. */
  identify(bytes: Uint8Array, closes: boolean): void {
    if (this.#identity !== undefined) return;
    this.#hash.update(bytes);
    if (closes) this.#identity = this.#hash.digest();
  }

  /** The identity once it is known. */
  get identity(): Uint8Array | undefined {
    return this.#identity;
  }

  /** The identity at the end of a file: of what there was, if no packet came. */
  closeIdentity(): Uint8Array {
    this.#identity ??= this.#hash.digest();
    return this.#identity;
  }

  result(): CaptureResult {
    return {
      packets: this.packets,
      fault: this.fault,
      endTimeNs: this.endTimeNs,
      identity: this.#identity ?? this.#hash.copy().digest(),
      interfaces: this.interfaces.map((each) => ({ ...each })),
      untimed: this.untimed,
    };
  }
}
