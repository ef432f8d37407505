/** Makes the decoders that a worker is started with in place of its own. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { registry, wasmFile } from '../../decoders-wasm/contract/host.ts';
import { compileChanged, without } from '../lab/lacking.ts';
import { isisFile } from './setup.ts';

/** Makes `twin` and `older` below the directory. */
export async function makeDecoders(directory: string): Promise<void> {
  const [twin, older] = [isisFile(directory, 'twin'), isisFile(directory, 'older')];
  for (const file of [twin, older]) mkdirSync(dirname(file), { recursive: true });
  await compileChanged('isis', [without('isis', 'TLV_IPV6_REACH')], older);
  copyFileSync(wasmFile(registry.find(({ name }) => name === 'isis')!), twin);
  // A custom section (WebAssembly 5.5.3) with a name of one byte: other bytes, the same program.
  writeFileSync(twin, Uint8Array.of(0, 2, 1, 0x74), { flag: 'a' });
}
