/** Which module decodes which protocol: one line each. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RegisteredModule {
  /** Name of the .wasm in build/wasm. */
  readonly name: string;
  /** RW_PROTOCOL_* of bpf/frame.h. */
  readonly protocol: number;
  readonly version: string;
  /** The .wasm, where it is not build/wasm/<name>.wasm: a decoder of somebody else. */
  readonly file?: string;
}

/** Rows of one stretch stand in this order of modules. */
export const registry: readonly RegisteredModule[] = [
  { name: 'isis', protocol: 1, version: '0.1.0' },
  { name: 'ospf', protocol: 2, version: '0.1.0' },
  { name: 'bgp', protocol: 4, version: '0.1.0' },
];

export const wasmFolder = join(import.meta.dirname, '..', '..', 'build', 'wasm');

export interface LoadedModule extends RegisteredModule {
  readonly module: WebAssembly.Module;
  /** SHA-256 of the .wasm, hex. */
  readonly hash: string;
}

/** A module of the registry, read and compiled at its first use; an error names the command that builds it. */
export function loadModule(registered: RegisteredModule): LoadedModule {
  const file = wasmFile(registered);
  let loaded: { module: WebAssembly.Module; hash: string } | undefined;
  const load = (): { module: WebAssembly.Module; hash: string } => {
    if (loaded !== undefined) return loaded;
    if (!existsSync(file)) throw new Error(`${file} is not there: build the decoders with \`make setup\``);
    const bytes = readFileSync(file);
    loaded = { module: new WebAssembly.Module(bytes), hash: createHash('sha256').update(bytes).digest('hex') };
    return loaded;
  };
  return { ...registered, get module() { return load().module; }, get hash() { return load().hash; } };
}

/** Where a registered module lies. */
export function wasmFile(registered: RegisteredModule): string {
  return registered.file ?? join(wasmFolder, `${registered.name}.wasm`);
}
