/** From `bpf/frame.h` the offsets and constants of the frame record, for TypeScript and for AssemblyScript. */

const sizes = new Map([
  ['unsigned long long', 8],
  ['unsigned int', 4],
  ['unsigned short', 2],
  ['unsigned char', 1],
]);

interface Constant { name: string; value: number }
interface Field { name: string; offset: number; size: number }

/** The `#define RW_*` lines, without the prefix. */
export function constantsOf(header: string): Constant[] {
  return [...header.matchAll(/^#define RW_(\w+) (0x[0-9a-f]+|\d+)/gm)].map((m) => ({ name: m[1]!, value: Number(m[2]) }));
}

/** The fields of `struct rw_<name>`, arrays with the length that `values` gives; offsets follow the C rule of natural alignment. */
export function structOf(header: string, name: string, values: ReadonlyMap<string, number> = new Map()): { fields: Field[]; bytes: number } {
  const body = new RegExp(String.raw`struct rw_${name} \{([\s\S]*?)\n\};`).exec(header)?.[1];
  if (body === undefined) throw new Error(`bpf/: no \`struct rw_${name} { ... };\` found`);
  const fields: Field[] = [];
  let offset = 0;
  let widest = 1;
  for (const match of body.matchAll(/^\t(unsigned (?:long long|int|short|char)) (\w+)(?:\[(\w+)\])?;/gm)) {
    const size = sizes.get(match[1]!)!;
    widest = Math.max(widest, size);
    offset = Math.ceil(offset / size) * size;
    fields.push({ name: match[2]!, offset, size });
    offset += size * (match[3] === undefined ? 1 : values.get(match[3])!);
  }
  return { fields, bytes: Math.ceil(offset / widest) * widest };
}

/** The two generated files by path. */
export function frameFiles(header: string): Map<string, string> {
  const constants = constantsOf(header);
  const { fields, bytes } = structOf(header, 'frame');
  const upper = (name: string) => name.toUpperCase();
  const head = '// Generated from bpf/frame.h by `npm run generate`; do not edit.\n';
  const script = [
    head,
    ...fields.map((f) => `export const FRAME_${upper(f.name)}: usize = ${f.offset};`),
    '/** Bytes of the header; the raw bytes follow. */',
    `export const FRAME_BYTES: u32 = ${bytes};`,
    ...constants.map((c) => `export const ${c.name}: ${type(c.name)} = ${c.value};`),
  ];
  const typescript = [
    head,
    ...fields.map((f) => `export const FRAME_${upper(f.name)} = ${f.offset};`),
    '/** Bytes of the header; the raw bytes follow. */',
    `export const FRAME_BYTES = ${bytes};`,
    ...constants.map((c) => `export const ${c.name} = ${c.value};`),
  ];
  return new Map([
    ['decoders-wasm/base/assembly/generated/frame.ts', `${script.join('\n')}\n`],
    ['decoders-wasm/contract/generated/frame.ts', `${typescript.join('\n')}\n`],
  ]);
}

function type(name: string): string {
  if (name === 'TAP_ALL') return 'u32';
  if (name.startsWith('FLAG_') || name.startsWith('OFFSET_')) return 'u16';
  return 'u8';
}
