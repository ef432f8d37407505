/** `routewatch collect` live: frames on a real interface, through kernel, loader, shipper and log, to rows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { type CollectConfig, loaderConfigOf, readCollectConfig } from '../../cli/lib/collect-config.ts';
import { launcher, routewatch } from '../../cli/testing.ts';
import { VethPair, whyNotLive } from '../../collectors/loader/testing.ts';
import { loadModule, registry, ShadowSet } from '../../decoders-wasm/contract/host.ts';
import { type Row, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { ieee8023, LLC_ISO, u16 } from '../../decoders-wasm/link/testing-frames.ts';
import { decodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import { openCurrent } from '../../stream/log/embedded/manifest.ts';
import { importsOf } from '../dev/check-imports.ts';
import { rowsOf } from './decode.ts';

const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'routewatch-collect-'));
afterAll(() => { rmSync(directory, { recursive: true, force: true }); });

function configured(name: string, config: unknown): string {
  const file = join(directory, name);
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe('routewatch collect', () => {
  it('says what it would tap, and by which rule', async () => {
    const { code, out, err } = await routewatch(['collect', '--config', configured('dry.json', { taps: [{ match: 'lo', vlans: [10], domain: 'here' }, { match: 'nosuch*' }] }), '--dry-run', '--json']);
    expect([code, JSON.parse(out)]).toMatchObject([0, [{ interface: 'lo', rule: 'lo', domain: 'here', only: 'vlan 10' }]]);
    expect(err).toContain('nosuch* takes no interface that is here now: one that comes is tapped then');
  });

  it('takes the CPU budget that the loader names when it is exceeded, and no senseless one', () => {
    const budget = (cpuPercent: number): CollectConfig => readCollectConfig(configured('budget.json', { taps: [{ match: 'lo' }], loader: { cpuPercent } }));
    expect(loaderConfigOf(budget(2.5))).toMatchObject({ cpuPercent: 2.5 });
    expect(() => budget(0)).toThrow('loader.cpuPercent: Too small');
  });

  it('checks host and log, each with what to do', async () => {
    const { code, out } = await routewatch(['collect', '--config', configured('check.json', { taps: [{ match: 'nosuch0' }], log: join(directory, 'none'), data: join(directory, 'spool') }), '--check', '--json']);
    const findings = JSON.parse(out) as { check: string; result: string; detail: string }[];
    expect(code).toBe(69);
    for (const name of ['kernel', 'BTF', 'filter', 'libbpf', 'capabilities', 'interfaces', 'NIC offloads', 'clock', 'spool', 'log']) expect(findings.map(({ check }) => check)).toContain(name);
    expect(findings.find(({ check }) => check === 'log')?.detail).toMatch(/none has no log: `routewatch up --data .*none` makes it/);
    expect(findings.filter(({ check }) => check === 'interfaces').map(({ detail }) => detail).join()).toMatch(/nosuch0 matches none of .*lo/);
  });

  it('lists every mistake of its configuration, and has no password in it', async () => {
    const { code, err } = await routewatch(['collect', '--config', configured('bad.json', { taps: [{ match: 'eth0', vlans: [9999], through: [] }], log: 'x', kafka: { brokers: ['b:1'] }, spool: 1 })]);
    expect(code).toBe(2);
    for (const part of ['taps.0.vlans.0: Too big', 'taps.0: Unrecognized key: "through"', '(top): Unrecognized key: "spool"']) expect(err).toContain(part);
  });

  it('loads no store, no web server, no sink and no compiler', () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(join(root, file), 'utf8');
      for (const { target, typeOnly } of importsOf(text)) if (!typeOnly && target.endsWith('.ts')) visit(normalize(join(dirname(file), target)));
      for (const [, name] of text.matchAll(/^import (?!type)[^;]*?from '([^'.][^']*)'/gm)) if (!name!.startsWith('node:')) packages.add(name!);
    };
    visit('cli/collector.ts');
    expect([...seen].filter((file) => /^(stream\/(store|sinks|http|worker)|dashboards|infra)\//.test(file))).toEqual([]);
    expect([...packages].toSorted()).toEqual(['@opentelemetry/api', 'cli-progress', 'commander', 'kafkajs', 'koffi', 'zod']);
  });
});

/** A point-to-point hello of IS-IS (ISO 10589 9.7) of system `last` with a holding time of 30 s. */
const hello = (last: number): Uint8Array => Uint8Array.from(ieee8023([...LLC_ISO, 0x83, 20, 1, 0, 17, 1, 0, 0, 3, 0, 0, 0, 0, 0, last, ...u16(30), ...u16(25), 1, 1, 4, 3, 0x49, 0, 1]));

const why = whyNotLive();
if (why !== undefined) console.warn(`not run: routewatch collect on a live interface: ${why}`);

async function coverageOf(log: Awaited<ReturnType<typeof openCurrent>>): Promise<{ frames: number; refreshed: number; rows: Row[] }> {
  const found = { frames: 0, refreshed: 0, rows: [] as Row[] };
  for (let partition = 0; partition < log.partitions; partition++) {
    const set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 28 });
    for await (const { offset, value } of log.log.read(framesTopic, partition, 0n)) {
      const batch = decodeFrameBatch(value);
      found.refreshed += (batch.header.refreshes ?? []).flatMap(({ hellos }) => hellos).reduce((sum, one) => sum + one.length - 1, 0);
      for (let at = 0; at < batch.frames.length; at += new DataView(batch.frames.buffer, batch.frames.byteOffset).getUint32(at, true)) found.frames += 1;
      const stretch = set.process(offset, batch);
      for (const block of stretch.blocks) if (tableOf(block.table).name === 'coverage_events') found.rows.push(...rowsOf(block, stretch));
    }
  }
  return found;
}

describe.skipIf(why !== undefined)(`routewatch collect on a live interface${why === undefined ? '' : ` (not run: ${why})`}`, () => {
  it('ships hellos from the wire, counts those that repeat, and ends in order', async () => {
    const pair = new VethPair();
    const data = join(directory, 'system');
    const log = await openCurrent(join(data, 'log'));
    const file = configured('live.json', { collector: 'host1', domain: 'lab', taps: [{ match: 'tap0' }], log: data, data: join(directory, 'live-spool'), loader: { ringBytes: 1 << 18 } });
    const child = spawn('ip', ['netns', 'exec', pair.left, process.execPath, launcher, 'collect', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => { said += bytes.toString(); });
    child.stderr.on('data', (bytes: Buffer) => { said += bytes.toString(); });
    const exit = once(child, 'exit');
    try {
      await expect.poll(() => said, { timeout: 20_000 }).toContain('collector host1: 1 taps');
      for (let round = 0; round < 5; round++) {
        pair.send([hello(1), hello(2)]);
        await sleep(100);
      }
      await expect.poll(async () => (await coverageOf(log)).frames, { timeout: 10_000 }).toBe(2);
      // As a terminal does: to the whole group.
      process.kill(-child.pid!, 'SIGINT');
      expect(await exit, said).toEqual([0, null]);
      const { frames, refreshed, rows } = await coverageOf(log);
      expect([frames, refreshed]).toEqual([2, 8]);
      expect(rows.map(({ what, subject, collector }) => [what, subject, collector])).toEqual([['tap-opened', 'tap0', 'host1'], ['tap-closed', 'tap0', 'host1']]);
      expect(existsSync(join(directory, 'live-spool', 'spool.sqlite'))).toBe(true);
    } finally {
      child.kill('SIGKILL');
      await log.log.close();
      pair.close();
    }
  }, 60_000);
});
