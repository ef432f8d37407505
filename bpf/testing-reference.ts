/** For tests: what link.wasm and a second, plain search for passwords say of a frame, to hold the kernel program against. */
import * as layout from '../decoders-wasm/contract/generated/frame.ts';
import { LinkClassifier } from '../decoders-wasm/contract/link-classifier.ts';

/** LINKTYPE_ values of captures, to that of the program that can read such frames; others the kernel never shows. */
export const PROGRAM_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [1, 1], [9, 9], [50, 50], [104, 104], [101, 101], [12, 101], [14, 101], [228, 101], [229, 101],
]);

/** One frame after the other through link.wasm, as a tap that gets them whole. */
export class Reference {
  readonly #link = LinkClassifier.load();

  /** The record, if there is one, with passwords blanked and without what differs by place and time. */
  record(data: Uint8Array, linkType: number): Uint8Array | undefined {
    const record = this.#link.classify([{ timeNs: 0n, linkType, originalLength: data.length, data }], 0);
    return record.length === 0 ? undefined : comparable(redact(record));
  }
}

/** A record without tap, direction, time, number and key. */
export function comparable(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy.fill(0, layout.FRAME_TAP_ID, layout.FRAME_PROTOCOL);
  copy.fill(0, layout.FRAME_BOOT_NS, layout.FRAME_ORIGINAL_LENGTH);
  return copy;
}

/** Blanks cleartext passwords in a record of link.wasm and sets its flag: IS-IS TLV 10 and 133 of type 1, OSPFv2 AuType 1. */
export function redact(record: Uint8Array): Uint8Array {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const begin = layout.FRAME_BYTES + view.getUint16(layout.FRAME_PAYLOAD_OFFSET, true);
  const captured = layout.FRAME_BYTES + view.getUint32(layout.FRAME_CAPTURED_LENGTH, true);
  const end = Math.min(captured, begin + view.getUint32(layout.FRAME_PAYLOAD_LENGTH, true));
  const protocol = record[layout.FRAME_PROTOCOL];
  const blanked = protocol === layout.PROTOCOL_OSPFV2
    ? redactOspf(record, view, begin, captured)
    : protocol === layout.PROTOCOL_ISIS && redactIsis(record, view, begin, end);
  if (blanked) view.setUint16(layout.FRAME_FLAGS, view.getUint16(layout.FRAME_FLAGS, true) | layout.FLAG_REDACTED, true);
  return record;
}

function redactOspf(record: Uint8Array, view: DataView, begin: number, captured: number): boolean {
  if (begin + 16 > captured || view.getUint16(begin + 14) !== 1) return false;
  record.fill(0, begin + 16, Math.min(begin + 24, captured));
  return true;
}

/** Header bytes by PDU type, ISO/IEC 10589 section 9. */
const ISIS_HEADERS = new Map([[15, 27], [16, 27], [17, 20], [18, 27], [20, 27], [24, 33], [25, 33], [26, 17], [27, 17]]);

function redactIsis(record: Uint8Array, view: DataView, begin: number, end: number): boolean {
  const type = (record[begin + 4] ?? 0) & 31;
  const idLength = record[begin + 3];
  const declared = record[begin + 1] ?? 0;
  const header = idLength === 0 || idLength === 6 ? ISIS_HEADERS.get(type) ?? declared : declared;
  const lengthAt = begin + (type >= 15 && type <= 17 ? 17 : 8);
  const pdu = lengthAt + 2 <= end ? view.getUint16(lengthAt) : 0;
  const stop = pdu >= header ? Math.min(end, begin + pdu) : end;
  let blanked = false;
  for (let at = begin + header; at + 2 <= stop; at += 2 + record[at + 1]!) {
    const value = at + 2;
    const valueEnd = Math.min(stop, value + record[at + 1]!);
    if ((record[at] !== 10 && record[at] !== 133) || value >= valueEnd || record[value] !== 1) continue;
    record.fill(0, value + 1, valueEnd);
    blanked = true;
  }
  return blanked;
}

/** Two records in words, for a message: fields that differ, or the first byte that does. */
export function difference(got: Uint8Array | undefined, wanted: Uint8Array | undefined): string | undefined {
  if (got === undefined || wanted === undefined) return got === wanted ? undefined : `${got === undefined ? 'no record' : 'a record'}, link.wasm has ${wanted === undefined ? 'none' : 'one'}`;
  if (Buffer.compare(got, wanted) === 0) return undefined;
  const at = got.findIndex((byte, index) => byte !== wanted[index]);
  const name = Object.entries(layout).filter(([key, value]) => /^FRAME_(?!BYTES)/.test(key) && value <= at).at(-1)?.[0];
  return `${at < layout.FRAME_BYTES ? name : `byte ${at - layout.FRAME_BYTES} of ${got.length - layout.FRAME_BYTES}`}: ${got[at]} not ${wanted[at]}`;
}
