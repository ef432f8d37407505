/** For tests: struct layouts out of an object's BTF, https://docs.kernel.org/bpf/btf.html. */

const KINDS = { int: 1, array: 3, struct: 4, union: 5, enum: 6, function: 13, variable: 14, datasec: 15, declTag: 17, enum64: 19 };

/** Bytes that follow a type's 12, by its kind and number of members. */
function bytesBehind(kind: number, members: number): number {
  switch (kind) {
    case KINDS.int: case KINDS.variable: case KINDS.declTag: return 4;
    case KINDS.array: return 12;
    case KINDS.struct: case KINDS.union: case KINDS.datasec: case KINDS.enum64: return 12 * members;
    case KINDS.function: return 8 * members;
    case KINDS.enum: return 8 * members;
  }
  return 0;
}

/** A struct by name: bytes, and the offset of each member. */
export interface BtfStruct { bytes: number; offsets: Map<string, number> }

/** The structs in the section `.BTF` of an ELF object, little endian. */
export function structsOf(object: Buffer): Map<string, BtfStruct> {
  const btf = section(object, '.BTF');
  const head = btf.readUInt32LE(4);
  const types = btf.subarray(head + btf.readUInt32LE(8), head + btf.readUInt32LE(8) + btf.readUInt32LE(12));
  const strings = btf.subarray(head + btf.readUInt32LE(16));
  const name = (at: number): string => strings.toString('latin1', at, strings.indexOf(0, at));
  const structs = new Map<string, BtfStruct>();
  for (let at = 0; at < types.length;) {
    const info = types.readUInt32LE(at + 4);
    const kind = info >>> 24 & 31;
    const members = info & 0xffff;
    if (kind === KINDS.struct) {
      const offsets = new Map(Array.from({ length: members }, (_, index) => {
        const member = at + 12 + index * 12;
        return [name(types.readUInt32LE(member)), (types.readUInt32LE(member + 8) & 0xffffff) / 8] as const;
      }));
      structs.set(name(types.readUInt32LE(at)), { bytes: types.readUInt32LE(at + 8), offsets });
    }
    // A function's prototype is kind 13; a function itself (12) has nothing behind it.
    at += 12 + bytesBehind(kind, members);
  }
  return structs;
}

/** A section of a 64-bit ELF file. */
function section(object: Buffer, wanted: string): Buffer {
  const table = Number(object.readBigUInt64LE(40));
  const size = object.readUInt16LE(58);
  const header = (index: number): { name: number; at: number; bytes: number } => ({
    name: object.readUInt32LE(table + index * size),
    at: Number(object.readBigUInt64LE(table + index * size + 24)),
    bytes: Number(object.readBigUInt64LE(table + index * size + 32)),
  });
  const names = header(object.readUInt16LE(62));
  for (let index = 0; index < object.readUInt16LE(60); index++) {
    const { name, at, bytes } = header(index);
    const text = object.toString('latin1', names.at + name, object.indexOf(0, names.at + name));
    if (text === wanted) return object.subarray(at, at + bytes);
  }
  throw new Error(`no section ${wanted} in the object`);
}
