import { execFileSync, spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStore, type Store } from './index.ts';
import { asWriter, send } from './testing.ts';

let directory: string;

beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'routewatch-store-')); });
afterAll(() => rm(directory, { recursive: true, force: true }));

const CREATE = 'CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a '
  + 'SETTINGS non_replicated_deduplication_window = 1000';

async function ask(store: Store, sql: string): Promise<string> {
  return (await send(store, { body: sql, headers: asWriter(store) })).body.toString();
}

function insert(store: Store, value: number): Promise<{ status: number }> {
  return send(store, {
    search: {
      query: "INSERT INTO t SELECT a FROM input('a UInt8') FORMAT RowBinary",
      insert_deduplication_token: `token-${value}`, deduplicate_insert_select: 'force_enable',
      async_insert: '0', max_insert_threads: '1',
    },
    headers: asWriter(store),
    body: Uint8Array.of(value),
  });
}

/** The folder of the only table, found by its log. */
async function tableFolder(dataDir: string): Promise<string> {
  const store = join(dataDir, 'engine', 'store');
  const found = (await readdir(store, { recursive: true })).find((path) => path.endsWith('deduplication_logs'));
  return join(store, found ?? '', '..');
}

const tracer = hasTracer();

function hasTracer(): boolean {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('not run: the kill between token and part needs strace (apt-get install strace)');
    return false;
  }
}

describe('the repair of deduplication logs', () => {
  it('takes out an insert whose part is not there, and keeps the others', async () => {
    const dataDir = join(directory, 'lost');
    const one = await startStore({ dataDir });
    await ask(one, CREATE);
    for (const value of [1, 2, 3]) await insert(one, value);
    await one.stop();
    const table = await tableFolder(dataDir);
    await rm(join(table, 'all_2_2_0'), { recursive: true });

    const two = await startStore({ dataDir });
    expect(two.repaired).toEqual({ tables: 1, entries: 1 });
    for (const value of [1, 2, 3]) await insert(two, value);
    expect(await ask(two, 'SELECT arraySort(groupArray(a)) FROM t')).toBe('[1,2,3]\n');
    await two.stop();
  });

  it('changes nothing where merged parts cover all inserts', async () => {
    const dataDir = join(directory, 'merged');
    const one = await startStore({ dataDir });
    await ask(one, CREATE);
    for (const value of [1, 2, 3]) await insert(one, value);
    await ask(one, 'OPTIMIZE TABLE t FINAL');
    await one.stop();
    const table = await tableFolder(dataDir);
    for (const name of ['all_1_1_0', 'all_2_2_0', 'all_3_3_0']) {
      await rm(join(table, name), { recursive: true, force: true });
    }
    const two = await startStore({ dataDir });
    expect(two.repaired).toEqual({ tables: 1, entries: 0 });
    await insert(two, 2);
    expect(await ask(two, 'SELECT count() FROM t')).toBe('3\n');
    await two.stop();
  });

  it('takes out a line that a kill has cut', async () => {
    const dataDir = join(directory, 'torn');
    const one = await startStore({ dataDir });
    await ask(one, CREATE);
    await insert(one, 1);
    await one.stop();
    const log = join(await tableFolder(dataDir), 'deduplication_logs', 'deduplication_log_1.txt');
    const before = await readFile(log, 'utf8');
    await appendFile(log, '1\tall_2_2_0\tall_12');
    const two = await startStore({ dataDir });
    expect(two.repaired.entries).toBe(1);
    expect(await readFile(log, 'utf8')).toBe(before);
    await two.stop();
  });

  it.skipIf(!tracer)('loses no rows to a kill between token and part (needs strace)', async () => {
    const dataDir = join(directory, 'killed');
    const one = await startStore({ dataDir });
    await ask(one, CREATE);
    await insert(one, 1);
    const trace = spawn('strace', ['-f', '-p', String(one.pid), '-e', 'trace=rename,renameat,renameat2',
      '-e', 'inject=rename,renameat,renameat2:error=EIO:signal=SIGKILL'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let traced = '';
    trace.stderr.on('data', (text: Buffer) => { traced += text.toString(); });
    await expect.poll(() => traced, { timeout: 10_000 }).toContain('attached');
    await insert(one, 2).catch(() => undefined);
    expect((await one.exited).clean).toBe(false);
    expect(traced).toContain('all_2_2_0');

    const two = await startStore({ dataDir });
    expect(await ask(two, 'SELECT count() FROM t')).toBe('1\n');
    expect(two.repaired).toEqual({ tables: 1, entries: 1 });
    await insert(two, 2);
    await insert(two, 2);
    expect(await ask(two, 'SELECT arraySort(groupArray(a)) FROM t')).toBe('[1,2]\n');
    await two.stop();
  });
});
