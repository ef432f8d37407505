/** Writes plain data as YAML: strings in JSON's quotes, which YAML reads, and those of several lines as blocks. */

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** The text of a YAML document, ending in a newline. */
export function toYaml(value: object): string {
  return `${lines(value as Plain, '').join('\n')}\n`;
}

function lines(value: Plain, indent: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item: Plain) => element(item, indent));
  return Object.entries(value as Record<string, Plain>).flatMap(([key, item]) => entry(key, item, indent));
}

function element(item: Plain, indent: string): string[] {
  if (!isNested(item)) return [`${indent}- ${scalar(item, indent)}`];
  const inner = lines(item, `${indent}  `);
  return inner.map((line, index) => (index === 0 ? `${indent}- ${line.trimStart()}` : line));
}

function entry(key: string, item: Plain, indent: string): string[] {
  if (!isNested(item)) return [`${indent}${key}: ${scalar(item, indent)}`];
  return [`${indent}${key}:`, ...lines(item, `${indent}  `)];
}

function isNested(value: Plain): value is Exclude<Plain, string | number | boolean | null> {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function scalar(value: Plain, indent: string): string {
  if (typeof value === 'string' && value.includes('\n')) return `|-\n${value.split('\n').map((line) => (line === '' ? '' : `${indent}  ${line}`)).join('\n')}`;
  return JSON.stringify(value);
}
