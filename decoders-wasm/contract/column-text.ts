/** How bytes of rows are written as text, and back: addresses, prefixes, communities, UUIDs. */

/** Text of 16 address bytes as ClickHouse writes an IPv6: RFC 5952, IPv4-mapped as `::ffff:10.0.0.1`. */
export function ipv6Text(bytes: Uint8Array): string {
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return `::ffff:${quadText(bytes.subarray(12))}`;
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!);
  const gap = longestZeros(groups);
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  return gap.length < 2 ? text(groups) : `${text(groups.slice(0, gap.start))}::${text(groups.slice(gap.start + gap.length))}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

export function quadText(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 4)).join('.');
}

/** 16 bytes of an IPv4 (then mapped) or IPv6 address; throws RangeError on anything else. */
export function addressBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const quad = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain = quad === null ? text : text.slice(0, quad.index) + quadGroups(quad.slice(1).map(Number));
  if (quad?.index === 0) {
    bytes.set([0xff, 0xff, ...quad.slice(1).map(Number)], 10);
    return bytes;
  }
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 0) throw new RangeError(`\`${text}\` is no IPv4 or IPv6 address`);
  [...left, ...Array<string>(missing).fill('0'), ...right].forEach((group, index) => {
    const value = Number.parseInt(group, 16);
    bytes[index * 2] = value >>> 8;
    bytes[index * 2 + 1] = value & 0xff;
  });
  return bytes;
}

function quadGroups(quad: readonly number[]): string {
  return `${((quad[0]! << 8) | quad[1]!).toString(16)}:${((quad[2]! << 8) | quad[3]!).toString(16)}`;
}

/** `10.0.0.0/24` or `2001:db8::/32` from the stored columns of a prefix. */
export function prefixText(family: string, address: Uint8Array, length: number): string {
  return `${family.startsWith('ipv4') ? quadText(address.subarray(12)) : ipv6Text(address)}/${length}`;
}

/** UUID text of 16 bytes as RowBinary has them: two u64 little endian, high half first. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from([...bytes.subarray(0, 8).toReversed(), ...bytes.subarray(8, 16).toReversed()]).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

type ItemText = 'community' | 'large-community' | 'ext-community' | 'dotted-quad';

/** Text of one community or cluster id, as the sink's SQL writes it. */
export function itemText(kind: ItemText, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (kind) {
    case 'community': return `${view.getUint16(0)}:${view.getUint16(2)}`;
    case 'large-community': return `${view.getUint32(0)}:${view.getUint32(4)}:${view.getUint32(8)}`;
    case 'dotted-quad': return quadText(bytes);
    case 'ext-community': return extendedText(bytes, view);
  }
}

/** RFC 4360 section 4, RFC 5668: route target (2) and site of origin (3) of AS, address or four-octet AS; else hex. */
function extendedText(bytes: Uint8Array, view: DataView): string {
  const names = ['', '', 'rt', 'soo'];
  const [type = 0, subtype = 0] = bytes;
  const name = names[subtype] ?? '';
  if (name === '' || type > 2) return Buffer.from(bytes).toString('hex');
  if (type === 0) return `${name}:${view.getUint16(2)}:${view.getUint32(4)}`;
  const administrator = type === 1 ? quadText(bytes.subarray(2)) : String(view.getUint32(2));
  return `${name}:${administrator}:${view.getUint16(6)}`;
}

/** Bytes of what `itemText` writes; an AS below 65536 in an extended community becomes the two-octet kind. */
export function itemBytes(kind: ItemText, text: string): Uint8Array {
  const parts = text.split(':');
  if (kind === 'dotted-quad') return Uint8Array.from(text.split('.').map(Number));
  if (kind === 'ext-community') return extendedBytes(parts, text);
  const bytes = Buffer.alloc(kind === 'community' ? 4 : 12);
  parts.forEach((part, index) => {
    if (kind === 'community') bytes.writeUInt16BE(Number(part), index * 2);
    else bytes.writeUInt32BE(Number(part), index * 4);
  });
  return bytes;
}

function extendedBytes(parts: readonly string[], text: string): Uint8Array {
  const [name, administrator = '', value] = parts;
  if (value === undefined) return Buffer.from(text, 'hex');
  const bytes = Buffer.alloc(8);
  const quad = administrator.includes('.');
  const wide = !quad && Number(administrator) > 0xffff;
  bytes[0] = quad ? 1 : wide ? 2 : 0;
  bytes[1] = name === 'rt' ? 2 : 3;
  if (quad) bytes.set(administrator.split('.').map(Number), 2);
  else if (wide) bytes.writeUInt32BE(Number(administrator), 2);
  else bytes.writeUInt16BE(Number(administrator), 2);
  if (quad || wide) bytes.writeUInt16BE(Number(value), 6);
  else bytes.writeUInt32BE(Number(value), 4);
  return bytes;
}
