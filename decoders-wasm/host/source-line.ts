/** From the stack of a WASM trap to the line of AssemblyScript that it stands for. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { type RegisteredModule, wasmFile } from './registry.ts';

/** `shadow.ts:120` of the innermost frame that the module's source map knows; empty where none does. */
export function sourceLine(module: RegisteredModule | undefined, error: unknown): string {
  if (module === undefined) return '';
  const stack = error instanceof Error ? `${error.stack ?? ''}\n${error.cause instanceof Error ? error.cause.stack ?? '' : ''}` : '';
  const file = `${wasmFile(module)}.map`;
  if (!existsSync(file)) return '';
  const map = new SourceMap(JSON.parse(readFileSync(file, 'utf8')));
  for (const [, offset] of stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)) {
    const entry = map.findEntry(0, Number.parseInt(offset!, 16));
    if ('originalSource' in entry && entry.originalSource) return `${entry.originalSource}:${entry.originalLine + 1}`;
  }
  return '';
}
