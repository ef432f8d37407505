/** The envelope of every log record: magic, version, JSON header, then binary sections at 8-byte boundaries. */

const FIXED_BYTES = 12;

/** A record that is not what its topic promises; nothing of it was used. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** Joins a header and binary sections: `magic` is 4 ASCII letters. */
export function packRecord(magic: string, version: number, header: unknown, sections: readonly Uint8Array[]): Uint8Array {
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  let length = align(FIXED_BYTES + text.length);
  for (const section of sections) length = align(length + section.length);
  const record = new Uint8Array(length);
  const view = new DataView(record.buffer);
  record.set(Buffer.from(magic, 'latin1'), 0);
  view.setUint16(4, version, true);
  view.setUint32(8, text.length, true);
  record.set(text, FIXED_BYTES);
  let at = align(FIXED_BYTES + text.length);
  for (const section of sections) {
    record.set(section, at);
    at = align(at + section.length);
  }
  return record;
}

/** Takes a record apart: the parsed header, and all bytes behind it (a view, not a copy). */
export function unpackRecord(magic: string, version: number, record: Uint8Array): { header: unknown; body: Uint8Array } {
  if (record.length < FIXED_BYTES) throw new RecordError(`${record.length} bytes are too few for a ${magic} record`);
  const found = Buffer.from(record.buffer, record.byteOffset, 4).toString('latin1');
  if (found !== magic) throw new RecordError(`expected a ${magic} record, found magic ${JSON.stringify(found)}`);
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const written = view.getUint16(4, true);
  if (written !== version) throw new RecordError(`${magic} record of version ${written}; this program reads version ${version}`);
  const headerBytes = view.getUint32(8, true);
  if (FIXED_BYTES + headerBytes > record.length) {
    throw new RecordError(`${magic} header of ${headerBytes} bytes in a record of ${record.length}`);
  }
  const text = Buffer.from(record.buffer, record.byteOffset + FIXED_BYTES, headerBytes).toString('utf8');
  return { header: JSON.parse(text), body: record.subarray(align(FIXED_BYTES + headerBytes)) };
}

function align(length: number): number {
  return Math.ceil(length / 8) * 8;
}
