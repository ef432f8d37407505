/** The outbox: each channel for itself, tried again until acknowledged, after a restart too. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertChannel, AlertNotice } from '../../contract/alert.ts';
import { isCovered } from './config.ts';
import { Outbox } from './outbox.ts';
import { AlertState } from './state.ts';
import { watchdogNotice } from './watchdog.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'routewatch-outbox-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const notice = (id: string): AlertNotice => ({ ...watchdogNotice({ page: '', query: '', runbook: '' }, 60_000), id });

function channelOf(name: string, send: (notices: readonly AlertNotice[]) => Promise<void>): AlertChannel {
  return { name, send, close: () => Promise.resolve() };
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !condition(); await new Promise((resolve) => { setTimeout(resolve, 10); })) if (performance.now() > end) throw new Error('this never came');
}

describe('the outbox', () => {
  it('is not held up by a channel that hangs or fails, and tries again what was not acknowledged', async () => {
    const state = new AlertState(join(folder, 's.sqlite'));
    const got: string[] = [];
    let failures = 2;
    const channels = [
      channelOf('hangs', () => new Promise(() => undefined)),
      channelOf('fails', (notices) => (failures-- > 0 ? Promise.reject(new Error('503')) : Promise.resolve(void got.push(...notices.map(({ id }) => `fails ${id}`))))),
      channelOf('works', (notices) => Promise.resolve(void got.push(...notices.map(({ id }) => `works ${id}`)))),
    ];
    for (const id of ['1', '2']) for (const { name } of channels) state.enqueue(name, notice(id));
    state.enqueue('works', notice('1'));
    const said: string[] = [];
    const outbox = new Outbox({ state, channels, mayTell: () => Promise.resolve(true), complain: (text) => { said.push(text); } });
    outbox.start();
    await until(() => got.length === 4);
    expect(got.toSorted()).toEqual(['fails 1', 'fails 2', 'works 1', 'works 2']);
    expect(said).toEqual(['alert channel fails: 503; 2 wait, tried again']);
    expect(outbox.health().map(({ channel, waiting, failures: failed }) => [channel, waiting, failed])).toEqual([['hangs', 2, 0], ['fails', 0, 2], ['works', 0, 0]]);
    await outbox.stop();
    state.close();
  });

  it('keeps what waits over a restart, tells nothing while another is active, and forgets channels that are gone', async () => {
    const before = new AlertState(join(folder, 's.sqlite'));
    for (const name of ['a', 'gone']) before.enqueue(name, notice('1'));
    before.close();
    const state = new AlertState(join(folder, 's.sqlite'));
    state.keepChannels(['a']);
    expect([state.countWaiting('a'), state.countWaiting('gone')]).toEqual([1, 0]);
    const got: string[] = [];
    const idle = new Outbox({ state, channels: [channelOf('a', (notices) => Promise.resolve(void got.push(...notices.map(({ id }) => id))))], mayTell: () => Promise.resolve(false), complain: () => undefined });
    idle.start();
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    await idle.stop();
    expect([got, state.countWaiting('a'), state.waiting('a', 5)[0]?.notice.changed]).toEqual([[], 1, expect.any(BigInt)]);
    state.close();
  });
});

it('a maintenance window covers what it names, while it lasts', () => {
  const window = { id: 'w', domain: 'd', routers: ['r1'], links: ['core'], from: 10n, to: 20n, reason: '' };
  const covers = (labels: Record<string, string>, at: bigint): boolean => isCovered([window], { domain: 'd', ...labels }, at);
  expect([covers({ neighbor_name: 'r1' }, 10n), covers({ link: 'core' }, 19n), covers({ router: 'r1' }, 20n), covers({ router: 'r2' }, 15n), covers({ router: 'r1', domain: 'e' }, 15n)]).toEqual([true, true, false, false, false]);
  expect(isCovered([{ ...window, routers: [], links: [] }], { domain: 'd' }, 15n)).toBe(true);
});
