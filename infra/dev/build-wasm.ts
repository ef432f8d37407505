/** Compiles every WASM module into build/wasm: `npm run build [-- name ...]`; what is newer than its sources is kept. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..', '..');
const output = join(root, 'build/wasm');

/** Source folders by module name: decoders-wasm/link and each protocol that has an assembly/index.ts. */
function modules(): Map<string, string> {
  const folders = ['decoders-wasm/link', ...readdirSync(join(root, 'decoders-wasm/protocols')).map((name) => `decoders-wasm/protocols/${name}`)];
  return new Map(folders
    .filter((folder) => existsSync(join(root, folder, 'assembly/index.ts')))
    .map((folder) => [basename(folder), join(folder, 'assembly')]));
}

function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Math.max(...entries.map((entry) => statSync(join(folder, entry)).mtimeMs));
}

/** Compiles one module; its errors go to standard error and end the build. */
async function compile(name: string, folder: string): Promise<void> {
  const wasm = join(output, `${name}.wasm`);
  const sources = Math.max(newest(join(root, folder)), newest(join(root, 'decoders-wasm/base/assembly')));
  if (existsSync(wasm) && statSync(wasm).mtimeMs > sources) return;
  const { error, stderr } = await asc.main([
    join(folder, 'index.ts'),
    '--baseDir', root,
    '--outFile', relative(root, wasm),
    '--sourceMap',
    '--runtime', 'stub',
    '-O3',
    '--converge',
    '--enable', 'simd',
  ], {});
  if (error !== null) {
    process.stderr.write(stderr.toString());
    throw new Error(`${name}.wasm was not built: ${error.message}`);
  }
  process.stderr.write(`built ${relative(root, wasm)} (${statSync(wasm).size} bytes)\n`);
}

mkdirSync(output, { recursive: true });
process.chdir(dirname(join(root, 'package.json')));
const wanted = process.argv.slice(2);
for (const [name, folder] of modules()) {
  if (wanted.length === 0 || wanted.includes(name)) await compile(name, folder);
}
