/** The two processes: a loader with three capabilities, a shipper with none; and what is said where something is missing. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ethernet, ieee8023, ipv4, LLC_ISO, tcp } from '../../decoders-wasm/link/testing-frames.ts';
import type { LoaderProcessConfig } from './main.ts';
import { attachedTcx, VethPair, whyNotLive } from './testing.ts';

const NOBODY = 65_534;
const MAIN = join(import.meta.dirname, 'main.ts');
const SHIPPER = join(import.meta.dirname, 'testing-shipper.ts');
const DROP = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];

/** Why these cannot run here. */
function whyNot(): string | undefined {
  const live = whyNotLive();
  if (live !== undefined) return live;
  const readable = spawnSync('setpriv', [...DROP, process.execPath, '-e', `require('fs').accessSync(${JSON.stringify(SHIPPER)}); require('koffi')`], { cwd: import.meta.dirname });
  return readable.status === 0 ? undefined : 'another user (nobody) cannot read this checkout, or there is no setpriv';
}
const why = whyNot();
if (why !== undefined) console.warn(`not run: loader and shipper as two processes: ${why}`);

interface Said { kind: string; [name: string]: unknown }

describe.skipIf(why !== undefined)('loader and shipper (skipped without root, BPF, clang, iproute2, or where nobody cannot read the checkout)', () => {
  let pair: VethPair;
  let child: ChildProcess | undefined;
  let said: Said[];
  let errors: string;
  beforeEach(() => {
    pair = new VethPair();
    said = [];
    errors = '';
  });
  afterEach(async () => {
    await end();
    pair.close();
  });

  /** Runs the loader inside the left namespace, by way of `before`. */
  function run(config: Partial<LoaderProcessConfig>, before: readonly string[] = [], shipper = SHIPPER): ChildProcess {
    const text = JSON.stringify({ taps: [{ match: 'tap0' }], ringBytes: 1 << 18, ...config });
    child = spawn('ip', ['netns', 'exec', pair.left, ...before, process.execPath, MAIN, text, process.execPath, shipper], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' } });
    createInterface({ input: child.stdout! }).on('line', (line) => { said.push(JSON.parse(line) as Said); });
    child.stderr!.on('data', (bytes: Buffer) => { errors += bytes.toString(); });
    return child;
  }
  async function end(): Promise<number | null> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => { child?.kill('SIGKILL'); }, 5000);
    await exit;
    clearTimeout(timer);
    return child.exitCode;
  }
  async function until(holds: () => boolean): Promise<void> {
    for (let i = 0; i < 500; i++) {
      if (holds()) return;
      await sleep(20);
    }
    throw new Error(`it did not happen within 10 s: ${JSON.stringify(said)} ${errors}`);
  }
  const of = (kind: string): Said[] => said.filter((one) => one.kind === kind);
  const session = (number: number): Uint8Array => Uint8Array.from(ethernet(0x0800, ipv4(6, tcp([number >> 8, number & 255]))));
  const hello = Uint8Array.from(ieee8023([...LLC_ISO, 0x83, 20, 1, 0, 17, 1, 0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 30, 0, 20, 1]));

  it('the shipper has no capability and still reads ring, hellos and counters', async () => {
    run({ uid: NOBODY, gid: NOBODY });
    await until(() => of('taps').length > 0);
    expect(of('begun')).toMatchObject([{ uid: NOBODY, capabilities: '0000000000000000' }]);
    pair.send([hello, hello, session(7)]);
    await until(() => of('frame').length === 2);
    expect(of('frame')).toMatchObject([{ tap: 0, protocol: 1 }, { tap: 0, protocol: 4, number: 7 }]);
    await until(() => of('maps').length > 0);
    expect(of('maps').at(-1)).toMatchObject({ hellos: [{ tap: 0, holdNs: '30000000000' }], drops: [{ tap: 0, lost: {} }] });
    expect(attachedTcx(pair.left, 'tap0')).toEqual([1, 1]);
    expect(await end()).toBe(0);
    expect(of('ended')).toHaveLength(1);
    expect(errors).toBe('');
    expect(attachedTcx(pair.left, 'tap0')).toEqual([0, 0]);
  });

  it('the loader needs three capabilities, and does not pass them on', async () => {
    const three = '-all,+bpf,+net_admin,+perfmon';
    run({}, ['setpriv', ...DROP, '--bounding-set', three, '--inh-caps', three, '--ambient-caps', three]);
    await until(() => of('taps').length > 0);
    expect(of('begun')).toMatchObject([{ uid: NOBODY, capabilities: '0000000000000000' }]);
    pair.send([session(1)]);
    await until(() => of('frame').length === 1);
    expect(errors).toBe('');
  });

  it('says which capability is missing and what to do', async () => {
    const [code] = await once(run({ taps: [{ match: 'tap0', promiscuous: true }] }, ['setpriv', ...DROP, '--inh-caps', '-all']), 'exit') as [number];
    expect(code).toBe(1);
    expect(errors).toMatch(/lacks capabilities:\n {2}CAP_BPF: .*\n {2}CAP_PERFMON: .*\n {2}CAP_NET_ADMIN: .*\n {2}CAP_NET_RAW: .*\nRun it as root/);
  });

  it('tells the shipper of interfaces that come and go', async () => {
    run({ taps: [{ match: 'tap*' }] });
    await until(() => of('taps').length > 0);
    spawnSync('ip', ['-n', pair.left, 'link', 'add', 'tap1', 'type', 'veth', 'peer', 'name', 'tip1']);
    await until(() => (of('taps').at(-1)!['taps'] as unknown[]).length === 2);
    spawnSync('ip', ['-n', pair.left, 'link', 'del', 'tap1']);
    await until(() => JSON.stringify(of('taps').at(-1)).includes('the interface is gone'));
  });

  it('starts a shipper again that was killed: what it had not acknowledged comes again', async () => {
    run({});
    await until(() => of('taps').length > 0);
    const children = readFileSync(`/proc/${child!.pid}/task/${child!.pid}/children`, 'utf8').trim().split(' ').map(Number);
    process.kill(children[0]!, 'SIGKILL');
    pair.send([session(1), session(2)]);
    await until(() => of('begun').length === 2 && of('frame').length === 2);
    expect(of('begun')[1]!['epoch']).toBe(of('begun')[0]!['epoch']);
    expect(of('frame').map(({ number }) => number)).toEqual([1, 2]);
    expect(errors).toMatch(/the shipper was ended by SIGKILL[\s\S]*started again in 1 s/);
  });

  it('leaves no filter when it is killed, and the shipper ends', async () => {
    run({});
    await until(() => of('taps').length > 0);
    child!.kill('SIGKILL');
    await until(() => of('ended').length === 1);
    for (let i = 0; i < 100 && attachedTcx(pair.left, 'tap0')[0] > 0; i++) await sleep(10);
    expect(attachedTcx(pair.left, 'tap0')).toEqual([0, 0]);
  });

  it('says what it waits for where no interface matches', async () => {
    run({ taps: [{ match: 'eth7' }] });
    await until(() => errors !== '');
    expect(errors).toMatch(/no interface matches eth7.*is tapped as soon as it is there/);
  });
});
