/** From `bpf/frame.h` the offsets and constants of the frame record, for TypeScript and for AssemblyScript. */

const sizes = new Map([
  ['unsigned long long', 8],
  ['unsigned int', 4],
  ['unsigned short', 2],
  ['unsigned char', 1],
]);

interface Layout {
  constants: { name: string; value: number }[];
  fields: { name: string; offset: number; size: number }[];
  bytes: number;
}

/** Reads the `#define RW_*` lines and `struct rw_frame`; offsets follow the C rule of natural alignment. */
export function readLayout(header: string): Layout {
  const constants = [...header.matchAll(/^#define RW_(\w+) (0x[0-9a-f]+|\d+)/gm)].map((m) => ({ name: m[1]!, value: Number(m[2]) }));
  const body = /struct rw_frame \{([\s\S]*?)\n\};/.exec(header)?.[1];
  if (body === undefined) throw new Error('bpf/frame.h: no `struct rw_frame { ... };` found');
  const fields: Layout['fields'] = [];
  let offset = 0;
  for (const match of body.matchAll(/^\t(unsigned (?:long long|int|short|char)) (\w+);/gm)) {
    const size = sizes.get(match[1]!)!;
    offset = Math.ceil(offset / size) * size;
    fields.push({ name: match[2]!, offset, size });
    offset += size;
  }
  return { constants, fields, bytes: Math.ceil(offset / 8) * 8 };
}

/** The two generated files by path. */
export function frameFiles(header: string): Map<string, string> {
  const { constants, fields, bytes } = readLayout(header);
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
