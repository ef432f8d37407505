/** Compiles the base library's operations for tests and gives fresh instances of them. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..', '..', '..');
/** Bytes of the input area that every instance begins with. */
export const INPUT_BYTES = 1 << 20;

type Argument = number | bigint;

/** An instance: every export by name, numbers in and out; `put` copies bytes into the input area. */
export class Operations {
  readonly memory: WebAssembly.Memory;
  private readonly exports: Record<string, unknown>;
  readonly inputAt: number;

  constructor(module: WebAssembly.Module, seed = 1n, limit = 1 << 30) {
    const instance = new WebAssembly.Instance(module, { env: { abort: () => { throw new Error('abort'); } } });
    this.exports = instance.exports;
    this.memory = instance.exports['memory'] as WebAssembly.Memory;
    this.call('setUp', seed, limit);
    this.inputAt = this.call('input', INPUT_BYTES);
  }

  /** An export that gives a number (unsigned where it is an address or a count). */
  call(name: string, ...values: readonly Argument[]): number {
    return Number((this.exports[name] as (...given: readonly Argument[]) => Argument | undefined)(...values) ?? 0);
  }

  /** An export that gives 64 bits. */
  big(name: string, ...values: readonly Argument[]): bigint {
    return BigInt.asUintN(64, (this.exports[name] as (...given: readonly Argument[]) => bigint)(...values));
  }

  /** Copies bytes to the input area and gives their address. */
  put(bytes: Uint8Array, at = 0): number {
    new Uint8Array(this.memory.buffer, this.inputAt + at, bytes.length).set(bytes);
    return this.inputAt + at;
  }

  /** A copy of bytes of the memory. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer.slice(at >>> 0, (at >>> 0) + length));
  }

  /** What the text operation writes, as Latin-1. */
  text(name: string, ...values: readonly Argument[]): string {
    this.call('textBegin');
    this.call(name, ...values);
    return Buffer.from(this.bytes(this.call('textStart'), this.call('textLength'))).toString('latin1');
  }
}

/** Compiles the module once a test file. */
export async function compileOperations(): Promise<WebAssembly.Module> {
  const wasm = join(root, `build/test/base-operations-${process.pid}.wasm`);
  mkdirSync(join(root, 'build/test'), { recursive: true });
  const { error, stderr } = await asc.main([
    'decoders-wasm/base/testing/assembly/operations.ts', '--baseDir', root, '--outFile', relative(root, wasm),
    '--runtime', 'stub', '-O2', '--enable', 'simd',
  ], {});
  if (error !== null) throw new Error(`base-operations.wasm: ${error.message}\n${stderr.toString()}`);
  const module = new WebAssembly.Module(readFileSync(wasm));
  rmSync(wasm);
  return module;
}
