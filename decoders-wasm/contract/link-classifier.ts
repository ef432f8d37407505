/** Runs link.wasm over captured packets in bulk: packets in, frame records and keys out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CLASSIFY_FRAMING, CLASSIFY_FULL, LEAST_OUTPUT_BYTES, LINK_OUTCOMES, LINK_PROTOCOLS, LINK_TUNNELS, MOST_PACKET_BYTES,
  PACKET_BOOT_NS, PACKET_CAPTURED_LENGTH, PACKET_DIRECTION, PACKET_HEADER_BYTES, PACKET_LINK_TYPE, PACKET_NUMBER,
  PACKET_ORIGINAL_LENGTH, linkAbiVersion,
} from './link.ts';
import type { LinkExports, LinkKey } from './link.ts';

export type { LinkKey, LinkTunnel } from './link.ts';

const WASM = join(import.meta.dirname, '../../build/wasm/link.wasm');

/** A packet as a capture gives it. */
export interface LinkPacket {
  timeNs: bigint;
  /** LINKTYPE_ value of the tcpdump registry. */
  linkType: number;
  /** Bytes on the wire. */
  originalLength: number;
  data: Uint8Array;
  /** From 1 within the tap; counted here where it is missing. */
  packetNumber?: number;
  /** 1 ingress, 2 egress, where the capture says so. */
  direction?: number;
}

export interface LinkOptions {
  /** Hash seed: places entries, never shows in records. */
  seed?: bigint;
  memoryLimitBytes?: number;
  /** Most keys over all taps; packets of further keys are counted as `key-refused`. */
  keyLimit?: number;
  inputBytes?: number;
  outputBytes?: number;
}

/** Counts of packets by outcome, of datagrams joined from fragments, evicted and expired, and bytes of memory. */
export type LinkCounters = Record<(typeof LINK_OUTCOMES)[number] | 'joined' | 'evicted' | 'expired' | 'memoryBytes', number>;

/** One instance of link.wasm: key numbers and half-joined fragments live as long as it. */
export class LinkClassifier {
  readonly #exports: LinkExports;
  readonly #inputBytes: number;
  readonly #inputAt: number;
  readonly #numbers = new Map<number, number>();
  #keysTold = 0;
  #bytes = new Uint8Array(0);
  #words = new Uint32Array(0);
  #longs = new BigUint64Array(0);

  constructor(exports: LinkExports, options: LinkOptions = {}) {
    this.#exports = exports;
    this.#inputBytes = Math.max(options.inputBytes ?? 1 << 20, MOST_PACKET_BYTES + PACKET_HEADER_BYTES);
    if (exports.abi_version() !== linkAbiVersion) {
      const versions = `${exports.abi_version()} of its contract, not ${linkAbiVersion}`;
      throw new Error(`link.wasm speaks version ${versions}; build it again: npm run build`);
    }
    const outputBytes = Math.max(options.outputBytes ?? 2 << 20, LEAST_OUTPUT_BYTES);
    const limit = options.memoryLimitBytes ?? 256 << 20;
    if (exports.setUp(options.seed ?? 0n, limit, options.keyLimit ?? 65_536, this.#inputBytes, outputBytes) === 0) {
      throw new Error(`link.wasm: ${limit} bytes of memory do not hold its input and output areas; raise memoryLimitBytes`);
    }
    this.#inputAt = exports.input();
  }

  /** Loads build/wasm/link.wasm, or the module at `path`. */
  static load(options: LinkOptions = {}, path: string = WASM): LinkClassifier {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readModule(path)), { env: { abort } });
    return new LinkClassifier(instance.exports as unknown as LinkExports, options);
  }

  /**
   * The frame records of those packets of `tap` that carry IS-IS, OSPF or BGP, back to back, in order; a datagram
   * joined from fragments stands where its last fragment came. `key_index` is this instance's key number.
   */
  classify(packets: readonly LinkPacket[], tap: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let next = 0; next < packets.length;) {
      this.#aim();
      const end = this.#inputAt + this.#inputBytes;
      let at = this.#inputAt;
      while (next < packets.length) {
        const packet = packets[next]!;
        if (at + PACKET_HEADER_BYTES + packet.data.length + 8 > end && at !== this.#inputAt) break;
        at = this.#put(at, packet, tap);
        next++;
      }
      this.#run(tap, at - this.#inputAt, pieces);
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** Keys whose numbers have been given since the last call. */
  newKeys(): LinkKey[] {
    const keys: LinkKey[] = [];
    for (const count = this.#exports.keyCount(); this.#keysTold < count;) keys.push(this.#key(++this.#keysTold));
    return keys;
  }

  /** What became of the packets so far. */
  counters(): LinkCounters {
    const names = [...LINK_OUTCOMES, 'joined', 'evicted', 'expired', 'memoryBytes'] as const;
    return Object.fromEntries(names.map((name, index) => [name, Number(this.#exports.counter(index))])) as LinkCounters;
  }

  /** Views of the memory, taken anew when it has grown. */
  #aim(): void {
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#longs = new BigUint64Array(buffer);
  }

  #put(at: number, packet: LinkPacket, tap: number): number {
    const data = packet.data.length <= MOST_PACKET_BYTES ? packet.data : packet.data.subarray(0, MOST_PACKET_BYTES);
    const number = packet.packetNumber ?? (this.#numbers.get(tap) ?? 0) + 1;
    if (packet.packetNumber === undefined) this.#numbers.set(tap, number);
    const words = this.#words;
    const word = at >>> 2;
    this.#longs[(at + PACKET_BOOT_NS) >>> 3] = packet.timeNs;
    words[word + (PACKET_NUMBER >>> 2)] = number;
    words[word + (PACKET_NUMBER >>> 2) + 1] = number / 0x1_0000_0000;
    words[word + (PACKET_ORIGINAL_LENGTH >>> 2)] = packet.originalLength;
    words[word + (PACKET_CAPTURED_LENGTH >>> 2)] = data.length;
    words[word + (PACKET_LINK_TYPE >>> 2)] = packet.linkType;
    words[word + (PACKET_DIRECTION >>> 2)] = packet.direction ?? 0;
    this.#bytes.set(data, at + PACKET_HEADER_BYTES);
    return at + PACKET_HEADER_BYTES + ((data.length + 7) & ~7);
  }

  #run(tap: number, length: number, pieces: Uint8Array[]): void {
    for (let from = 0; from < length;) {
      const result = this.#exports.classify(tap, from, length);
      if (result === CLASSIFY_FRAMING) {
        throw new Error(`link.wasm: packet header at ${this.#exports.consumed()} of ${length} cannot be read`);
      }
      const address = this.#exports.output();
      const bytes = this.#exports.outputBytes();
      if (bytes > 0) pieces.push(new Uint8Array(this.#exports.memory.buffer).slice(address, address + bytes));
      if (result !== CLASSIFY_FULL) return;
      from = this.#exports.consumed();
    }
  }

  #key(number: number): LinkKey {
    if (this.#exports.explainKey(number) === 0) throw new Error(`link.wasm: key ${number} cannot be written`);
    const address = this.#exports.textAddress();
    const text = Buffer.from(this.#exports.memory.buffer, address, this.#exports.textLength()).toString('latin1');
    const key = JSON.parse(text) as WrittenKey;
    return {
      ...key,
      protocol: LINK_PROTOCOLS[key.protocol] as LinkKey['protocol'],
      tunnels: key.tunnels.map((tunnel) => ({ ...tunnel, kind: LINK_TUNNELS[tunnel.kind]! })),
    };
  }
}

/** A key as the module writes it: protocol and tunnel kinds by number. */
interface WrittenKey extends Omit<LinkKey, 'protocol' | 'tunnels'> {
  protocol: number;
  tunnels: { kind: number; id: number; endpoints?: [string, string] }[];
}

function readModule(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new Error(`${path} cannot be read; build it: npm run build`, { cause: error });
  }
}

function abort(message: number, file: number, line: number, column: number): never {
  throw new Error(`link.wasm aborted at line ${line}, column ${column} (message ${message}, file ${file})`);
}
