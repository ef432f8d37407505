/** The live proof as a test, and that nothing is left of a live lab however it ends. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { printed, routewatch, type Running, startDirectly } from '../../../cli/testing.ts';
import { isAlive } from '../kit/command.ts';
import { liveLacking } from './index.ts';
import { proofLacking, proofLine, prove } from './proof.ts';

const lacking = liveLacking();
if (lacking !== undefined) console.warn(`not run: the live lab and demo: ${lacking}`);
const noProof = proofLacking();
if (noProof !== undefined) console.warn(`not run: the live lab against the daemons' logs: ${noProof}`);

/** Of labs whose process has ended: namespaces, folders, processes in whose command line such a folder stands; filters that are pinned. */
function leftovers(): string[] {
  const pinned = '/sys/fs/bpf/routewatch';
  const isOver = (text: string): boolean => {
    const [, owner] = /(?:^rwlab|routewatch-lab)-(\d+)-/.exec(text) ?? [];
    return owner !== undefined && !isAlive(Number(owner));
  };
  const processes = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).stdout.split('\n');
  return [...[...readdirSync('/run/netns'), ...readdirSync(tmpdir()), ...processes].filter(isOver), ...(existsSync(pinned) ? readdirSync(pinned) : [])];
}

const folders: string[] = [];
afterEach(() => { for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true }); });

describe.skipIf(noProof !== undefined)(`a live lab${noProof === undefined ? '' : ` (not run: ${noProof})`}`, () => {
  it('gives the rows that the daemons log, in order and within 10 ms, whatever breaks, and tells all who have to know', async () => {
    const out = mkdtempSync(join(tmpdir(), 'routewatch-live-test-'));
    folders.push(out);
    const proof = await prove(out);
    console.log(proofLine(proof));
    expect(proof.failures.join('\n')).toBe('');
    expect(proof.told.length).toBeGreaterThan(25);
    expect(proof.equality.equal).toBeGreaterThan(70);
    expect(Object.values(proof.equality.exempt).reduce((sum, one) => sum + one, 0)).toBeLessThan(8);
    expect(Object.values(proof.equality.allowed).reduce((sum, one) => sum + one, 0)).toBeLessThan(16);
    expect(leftovers()).toEqual([]);
  }, 300_000);
});

/** Starts the demo and waits until the routers run under their collectors. */
async function started(): Promise<{ demo: Running; lab: number; data: string }> {
  const demo = startDirectly(['demo', '--live'], { longestMs: 120_000 });
  const out = await printed(demo, 'the routers start');
  const lab = readdirSync('/run/netns').map((name) => /^rwlab-(\d+)-par1$/.exec(name)?.[1]).find((pid) => pid !== undefined);
  return { demo, lab: Number(lab), data: / data (\S+)\n/.exec(out)![1]! };
}

describe.skipIf(lacking !== undefined)(`routewatch demo --live${lacking === undefined ? '' : ` (not run: ${lacking})`}`, () => {
  it('shows what the routers do as they do it; on Ctrl-C all is gone', async () => {
    const { demo, data } = await started();
    const out = await printed(demo, 'init -> up (three-way-received)');
    expect(out).toMatch(/\nPage http:\/\/127\.0\.0\.1:\d+\/? {3}SQL http/);
    const page = await fetch(/Page (\S+)/.exec(out)![1]!);
    expect(page.status).toBe(200);
    demo.process.kill('SIGINT');
    const { code, err } = await demo.ended;
    expect([code, err]).toEqual([0, '']);
    expect(leftovers()).toEqual([]);
    expect(existsSync(data)).toBe(false);
  }, 150_000);

  it('ends with a message when the lab is killed, and leaves nothing', async () => {
    const { demo, lab } = await started();
    process.kill(lab, 'SIGKILL');
    const { code, err } = await demo.ended;
    expect(code).toBe(1);
    expect(err).toContain('the lab ended with SIGKILL');
    expect(leftovers()).toEqual([]);
  }, 150_000);

  it('leaves nothing when it is killed itself: the lab sees that and ends', async () => {
    const { demo, lab, data } = await started();
    demo.process.kill('SIGKILL');
    await demo.ended;
    await expect.poll(() => isAlive(lab), { timeout: 40_000 }).toBe(false);
    expect(leftovers()).toEqual([]);
    rmSync(data, { recursive: true, force: true });
  }, 150_000);
});

describe('without what a live lab needs', () => {
  it('says what that is', async () => {
    if (process.getuid?.() !== 0) return expect((await routewatch(['demo', '--live'])).err).toContain('root');
    const { status, stderr } = spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, join(import.meta.dirname, '../../../cli/main.ts'), 'demo', '--live'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([69, expect.stringContaining('labs need root')]);
  });
});
