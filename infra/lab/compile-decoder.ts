/** For tests: the faulty decoders of decoders/assembly as somebody else's modules. */
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import type { RegisteredModule } from '../../decoders-wasm/contract/host.ts';

/** Compiles one for IS-IS to `<name>.wasm` in a folder, with its source map. */
export async function compileDecoder(name: string, folder: string): Promise<RegisteredModule> {
  const file = join(folder, `${name}.wasm`);
  const { error, stderr } = await asc.main([
    `infra/lab/decoders/assembly/${name}.ts`, '--baseDir', join(import.meta.dirname, '..', '..'), '--outFile', file, '--sourceMap',
    '--runtime', 'stub', '-O3', '--enable', 'simd',
  ], {});
  if (error !== null) throw new Error(`${name}.ts was not compiled: ${stderr.toString()}`, { cause: error });
  return { name, protocol: 1, version: '0', file };
}
