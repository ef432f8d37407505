import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStore, type Store } from './index.ts';
import { asWriter, send, writerClient } from './testing.ts';

let directory: string;

beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'routewatch-store-')); });
afterAll(() => rm(directory, { recursive: true, force: true }));

async function ask(store: Store, sql: string): Promise<string> {
  return (await send(store, { body: sql, headers: asWriter(store) })).body.toString();
}

describe('the process of the store', () => {
  it('keeps its data over a clean stop', async () => {
    const dataDir = join(directory, 'kept');
    const one = await startStore({ dataDir });
    const writer = writerClient(one);
    await writer.command({ query: 'CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a' });
    await writer.insert({ table: 't', values: [{ a: 7 }], format: 'JSONEachRow' });
    await writer.close();
    expect(await one.stop()).toEqual({ clean: true, message: 'stopped' });
    const two = await startStore({ dataDir });
    expect(await ask(two, 'SELECT a FROM t')).toBe('7\n');
    expect(two.writerToken).not.toBe(one.writerToken);
    await two.stop();
  });

  it('holds its directory alone', async () => {
    const dataDir = join(directory, 'alone');
    const store = await startStore({ dataDir });
    await expect(startStore({ dataDir })).rejects.toThrow(/Another store process has .* open/);
    await store.stop();
  });

  it('takes a port and a token that were given, and shows the token to nobody', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => { free.once('listening', resolve); });
    const address = free.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => { free.close(resolve); });
    const writerToken = 'a-token-that-was-given';
    const store = await startStore({ dataDir: join(directory, 'given'), port, writerToken });
    expect(store.url).toBe(`http://127.0.0.1:${port}`);
    expect(await ask(store, 'SELECT 1')).toBe('1\n');
    for (const file of ['cmdline', 'environ']) {
      expect(await readFile(`/proc/${store.pid}/${file}`, 'utf8')).not.toContain(writerToken);
    }
    await store.stop();
  });

  it('reports a crash', async () => {
    const store = await startStore({ dataDir: join(directory, 'crash') });
    process.kill(store.pid, 'SIGKILL');
    expect(await store.exited).toMatchObject({ clean: false, message: expect.stringContaining('SIGKILL') });
  });

  it('says why it cannot start', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(startStore({ dataDir: file })).rejects.toThrow(/did not start: .*EEXIST/s);
    await expect(startStore({ dataDir: file, host: 'localhost' })).rejects.toThrow(/must be an IP address/);
  });

  it('ends when its parent dies', async () => {
    const script = `import { startStore } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
      const store = await startStore({ dataDir: ${JSON.stringify(join(directory, 'orphan'))} });
      console.log(store.pid);
      process.kill(process.pid, 'SIGKILL');`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
    let output = '';
    for await (const chunk of parent.stdout) output += String(chunk);
    const pid = Number(output);
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('confinement, seen from inside', () => {
  let store: Store;
  let secret: string;
  beforeAll(async () => {
    secret = join(directory, 'secret.csv');
    await writeFile(secret, 'secret\n');
    store = await startStore({ dataDir: join(directory, 'confined') });
    if (!store.confinement.files || !store.confinement.network) {
      console.warn('not run: this kernel cannot confine the store:', store.confinement);
    }
  });
  afterAll(() => store.stop());

  it('takes away privileges in every thread', async () => {
    const { readdir } = await import('node:fs/promises');
    for (const thread of await readdir(`/proc/${store.pid}/task`)) {
      const status = await readFile(`/proc/${store.pid}/task/${thread}/status`, 'utf8');
      expect(status).toMatch(/NoNewPrivs:\t1/);
      if (store.confinement.filter) expect(status).toMatch(/Seccomp:\t2/);
    }
  });

  it('reads no file outside its directories', async (context) => {
    if (!store.confinement.files) context.skip('no Landlock in this kernel');
    for (const path of ['/etc/passwd', secret, '/root/.bashrc', `/proc/${process.pid}/environ`]) {
      expect(await ask(store, `SELECT file('${path}')`)).toMatch(/Permission denied|NOT_EXIST|errno: 13/);
      expect(await ask(store, `SELECT * FROM file('${path}', 'LineAsString')`))
        .toMatch(/Permission denied|errno: 13|Exception/);
    }
  });

  it('writes no file outside its directories', async (context) => {
    if (!store.confinement.files) context.skip('no Landlock in this kernel');
    const target = join(directory, 'written.csv');
    expect(await ask(store, `INSERT INTO FUNCTION file('${target}', 'CSV', 'a UInt8') SELECT 1`)).toMatch(/Exception/);
    expect(await ask(store, `SELECT 1 INTO OUTFILE '${target}'`)).toMatch(/Exception/);
    await expect(readFile(target)).rejects.toThrow('ENOENT');
  });

  it('connects to nobody', async (context) => {
    if (!store.confinement.network) context.skip('neither Landlock nor seccomp');
    let connections = 0;
    const listener = createServer((socket) => { connections++; socket.destroy(); }).listen(0, '127.0.0.1');
    await new Promise((resolve) => { listener.once('listening', resolve); });
    const address = listener.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const once = 'http_max_tries = 1, connections_with_failover_max_tries = 1, connect_timeout = 2';
    for (const source of [`url('http://127.0.0.1:${port}/', 'CSV', 'a String')`,
      `remote('127.0.0.1:${port}', 'system', 'one')`]) {
      expect(await ask(store, `SELECT * FROM ${source} SETTINGS ${once}`)).toMatch(/Exception/);
    }
    expect(connections).toBe(0);
    await new Promise((resolve) => { listener.close(resolve); });
  });

  it('is refused as a start where it is required and impossible', async () => {
    const { missingConfinement } = await import('./confine.ts');
    const nothing = { landlock: { version: 0, files: false, network: false, scope: false }, filter: false, files: false, network: false };
    expect(missingConfinement(nothing)).toMatch(/files .*Linux 5\.13.* and outgoing connections/);
    expect(missingConfinement({ ...nothing, files: true, network: true })).toBe('');
  });
});
