/** The key of a frame record: what the kernel's classifier found, turned into the number of a batch key. */
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { LINK_PROTOCOLS, LINK_TUNNELS, type LinkKey, type LinkTunnel } from '../../decoders-wasm/contract/link.ts';
import type { BatchKey } from '../../stream/contract/frame-batch.ts';
import { batchKey, type KeyMap } from '../batching/key-map.ts';

/** Words by which a key is known: tap and protocol, tags, three of tunnels, two addresses of 16 bytes. */
const WORDS = 13;
const VLAN_NONE = 0xffff;

export interface RecordKeysOptions {
  readonly map: KeyMap;
  /** Keys beyond these are refused: anyone on a segment can make up sessions. */
  readonly most: number;
  /** Name and domain of a tap by its index in the batcher. */
  readonly tap: (tap: number) => { readonly name: string; readonly domain: string };
  /** Is told each new key; gives the batcher's number of it. */
  readonly add: (key: BatchKey) => number;
}

/** Finds the number of a record's key by a hash table over its words, so that a frame costs no text. */
export class RecordKeys {
  private readonly options: RecordKeysOptions;
  private table = new Int32Array(1024).fill(-1);
  private words = new Uint32Array(512 * WORDS);
  private readonly wanted = new Uint32Array(WORDS);
  private count = 0;
  /** The batcher's numbers. */
  private readonly numbers: number[] = [];
  /** Records whose key was refused. */
  refused = 0;

  constructor(options: RecordKeysOptions) {
    this.options = options;
  }

  /** The batcher's number of the record's key; -1 where it would be one too many. `tap_id` is the batcher's index. */
  numberOf(record: Uint8Array): number {
    this.read(record);
    const mask = this.table.length - 1;
    let place = hash(this.wanted) & mask;
    for (; this.table[place]! >= 0; place = (place + 1) & mask) if (this.isAt(this.table[place]!)) return this.numbers[this.table[place]!]!;
    if (this.count >= this.options.most) {
      this.refused += 1;
      return -1;
    }
    this.table[place] = this.count;
    return this.learn();
  }

  private isAt(number: number): boolean {
    const at = number * WORDS;
    for (let word = 0; word < WORDS; word++) if (this.words[at + word] !== this.wanted[word]) return false;
    return true;
  }

  private learn(): number {
    const number = this.count++;
    if (this.count * WORDS > this.words.length) this.words = grown(this.words);
    this.words.set(this.wanted, number * WORDS);
    const key = linkKey(this.wanted, number);
    this.numbers.push(this.options.add(batchKey(key, this.options.tap(key.tap), this.options.map)));
    if (this.count * 2 > this.table.length) this.rehash();
    return this.numbers[number]!;
  }

  private rehash(): void {
    this.table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = this.table.length - 1;
    for (let number = 0; number < this.count; number++) {
      let place = hash(this.words.subarray(number * WORDS, (number + 1) * WORDS)) & mask;
      while (this.table[place]! >= 0) place = (place + 1) & mask;
      this.table[place] = number;
    }
  }

  /** Puts the record's words into `wanted`. */
  private read(record: Uint8Array): void {
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const protocol = view.getUint8(layout.FRAME_PROTOCOL);
    const words = this.wanted;
    words[0] = view.getUint16(layout.FRAME_TAP_ID, true) | (protocol << 16);
    words[1] = vlanId(view.getUint16(layout.FRAME_VLAN_OUTER, true)) | (vlanId(view.getUint16(layout.FRAME_VLAN_INNER, true)) << 16);
    words[2] = view.getUint8(layout.FRAME_TUNNEL_DEPTH) === 0 ? 0
      : view.getUint8(layout.FRAME_TUNNEL_DEPTH) | (view.getUint8(layout.FRAME_TUNNEL_KIND) << 8) | (view.getUint8(layout.FRAME_OUTER_TUNNEL_KIND) << 16);
    words[3] = view.getUint32(layout.FRAME_TUNNEL_ID, true);
    words[4] = view.getUint32(layout.FRAME_OUTER_TUNNEL_ID, true);
    words.fill(0, 5);
    if (protocol === layout.PROTOCOL_BGP) readAddresses(view, words);
  }
}

function vlanId(tag: number): number {
  return tag === VLAN_NONE ? 0 : tag & 0x0fff;
}

/** Both addresses of the innermost IP header, the numerically lower first; IPv4 as ::ffff:a.b.c.d. */
function readAddresses(view: DataView, words: Uint32Array): void {
  const at = view.getUint16(layout.FRAME_NETWORK_OFFSET, true);
  if (at === layout.OFFSET_NONE || layout.FRAME_BYTES + at + 40 > view.byteLength) return;
  const header = layout.FRAME_BYTES + at;
  const isIpv6 = view.getUint8(header) >>> 4 === 6;
  if (isIpv6) for (let word = 0; word < 8; word++) words[5 + word] = view.getUint32(header + 8 + 4 * word);
  else {
    words[7] = words[11] = 0xffff;
    words[8] = view.getUint32(header + 12);
    words[12] = view.getUint32(header + 16);
  }
  for (let word = 0; word < 4; word++) {
    if (words[5 + word] === words[9 + word]) continue;
    if (words[5 + word]! > words[9 + word]!) words.set([...words.subarray(9, 13), ...words.subarray(5, 9)], 5);
    return;
  }
}

function hash(words: Uint32Array): number {
  let value = 0x811c9dc5;
  for (let word = 0; word < WORDS; word++) {
    value = Math.imul(value ^ words[word]!, 0x85ebca6b);
    value ^= value >>> 15;
  }
  return value >>> 0;
}

function grown(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}

function linkKey(words: Uint32Array, index: number): LinkKey {
  const tap = words[0]! & 0xffff;
  const protocol = LINK_PROTOCOLS[(words[0]! >>> 16) & 0xff];
  if (protocol === undefined || protocol === 'none') throw new Error(`a frame record of tap ${tap} names protocol ${(words[0]! >>> 16) & 0xff}, which this version does not know: loader and shipper must be of one version`);
  const vlans = [words[1]! & 0xffff, words[1]! >>> 16].filter((id) => id !== 0);
  const key = { index, tap, protocol, vlans, tunnels: tunnelsOf(words), linkLocal: isLinkLocal(words, 5) || isLinkLocal(words, 9) };
  return protocol === 'bgp' ? { ...key, addresses: [addressText(words, 5), addressText(words, 9)] } : key;
}

/** Outermost and innermost: the record has no others. */
function tunnelsOf(words: Uint32Array): LinkTunnel[] {
  const depth = words[2]! & 0xff;
  const tunnel = (kind: number, id: number): LinkTunnel => ({ kind: LINK_TUNNELS[kind] ?? 'none', id });
  const inner = depth > 0 ? [tunnel((words[2]! >>> 8) & 0xff, words[3]!)] : [];
  return depth > 1 ? [tunnel((words[2]! >>> 16) & 0xff, words[4]!), ...inner] : inner;
}

function isMapped(words: Uint32Array, at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0xffff;
}

/** fe80::/10, 169.254/16. */
function isLinkLocal(words: Uint32Array, at: number): boolean {
  return isMapped(words, at) ? words[at + 3]! >>> 16 === 0xa9fe : words[at]! >>> 22 === 0xfe80 >>> 6;
}

/** RFC 5952. */
function addressText(words: Uint32Array, at: number): string {
  if (isMapped(words, at)) return [24, 16, 8, 0].map((shift) => (words[at + 3]! >>> shift) & 0xff).join('.');
  const groups = Array.from({ length: 8 }, (_, group) => (words[at + (group >>> 1)]! >>> (group % 2 === 0 ? 16 : 0)) & 0xffff);
  let longest = { from: 0, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === 0) length += 1;
    if (length > longest.length) longest = { from, length };
  }
  const text = (some: number[]): string => some.map((group) => group.toString(16)).join(':');
  if (longest.length < 2) return text(groups);
  return `${text(groups.slice(0, longest.from))}::${text(groups.slice(longest.from + longest.length))}`;
}
