/** What the tests of the channels share: notices, free ports, and real receivers as processes that end with the test. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { freePort } from '../../../../infra/dev/otelcol/collector.ts';
import type { AlertNotice } from '../../../contract/alert.ts';

/** A lost IS-IS adjacency, with what a test changes of it. */
export function notice(changes: Partial<AlertNotice> = {}): AlertNotice {
  return {
    id: 'a'.repeat(32),
    alertId: 'b'.repeat(32),
    rule: 'adjacency-lost',
    severity: 'error',
    state: 'firing',
    since: 1_795_000_000_123_456_789n,
    changed: 1_795_000_009_123_456_789n,
    subject: 'adjacency r1 -> r2, isis L2, link r1-r2',
    summary: 'r1 has lost its IS-IS adjacency to r2.',
    reason: 'hold-timer-expired',
    evidence: 'timer',
    labels: { domain: 'lab', protocol: 'isis', router: '0000.0000.0001', router_name: 'r1', neighbor: '0000.0000.0002', neighbor_name: 'r2', link: 'r1-r2', level: '2' },
    related: ['r2 has lost its adjacency to r1 at the same time'],
    events: ['6f1c6a4e-0000-4000-8000-000000000001'],
    links: { page: 'http://127.0.0.1:8080/alerts/b', query: '/sql?x', runbook: 'dashboards/runbooks/adjacency-lost.md' },
    ...changes,
  };
}

/** A signal that nobody sends. */
export const never = new AbortController().signal;

export { freePort };

/** A directory that goes with the test. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-alerts-'));
  onTestFinished(() => { rmSync(directory, { recursive: true, force: true }); });
  return directory;
}

/** Whether a program is here; where only root's PATH looks too. Says once that its tests do not run. */
export function isMissing(program: string, packageName: string): boolean {
  const { status } = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]);
  if (status !== 0) console.warn(`not run: what needs ${program} (sudo apt-get install --no-install-recommends ${packageName})`);
  return status !== 0;
}

export interface Receiver {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
}

/** Starts a receiver; it is ended with the test, frozen or not. */
export function receiver(program: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}): Receiver {
  const child = spawn(program, [...words], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, ...environment } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece: string) => { output += piece; });
  child.on('error', (error) => { output += error.message; });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return { process: child, output: () => output };
}

/** Waits until it is true; an error after 20 s, with what `tell` says. */
export async function until(isTrue: () => boolean | Promise<boolean>, tell: () => string): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(50)) if (await isTrue()) return;
  throw new Error(`waited 20 s for nothing: ${tell()}`);
}
