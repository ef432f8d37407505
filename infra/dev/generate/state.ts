/** From `bpf/state.h` the layouts that the kernel program shares with its loader, for TypeScript. */
import { constantsOf, structOf } from './frame.ts';

const STRUCTS = ['config', 'allowed', 'hello_key', 'hello'];

/** The generated file by path. */
export function stateFile(header: string): Map<string, string> {
  const constants = constantsOf(header);
  const counters = constants.filter(({ name }) => name.startsWith('COUNTER_')).toSorted((a, b) => a.value - b.value);
  const others = constants.filter(({ name }) => !name.startsWith('COUNTER_'));
  const values = new Map(constants.map(({ name, value }) => [`RW_${name}`, value]));
  const lines = [
    '// Generated from bpf/state.h by `npm run generate`; do not edit.',
    '',
    ...others.map(({ name, value }) => `export const ${name} = ${value};`),
    '',
    '/** Counters of a program instance, in the order of the map\'s value. */',
    'export const COUNTER_NAMES = [',
    ...counters.map(({ name }) => `  '${name.slice('COUNTER_'.length).toLowerCase().replaceAll('_', '-')}',`),
    '] as const;',
  ];
  for (const name of STRUCTS) {
    const { fields, bytes } = structOf(header, name, values);
    const prefix = name.toUpperCase();
    lines.push('', `/** struct rw_${name} */`);
    lines.push(...fields.map((field) => `export const ${prefix}_${field.name.toUpperCase()} = ${field.offset};`));
    lines.push(`export const ${prefix}_BYTES = ${bytes};`);
  }
  return new Map([['collectors/generated/bpf-state.ts', `${lines.join('\n')}\n`]]);
}
