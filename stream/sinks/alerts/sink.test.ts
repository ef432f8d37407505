/** The alert sink over a real log: told once, whatever ends it; the reports say what was decided. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRows, type Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { append, Folders, run } from '../../../infra/lab/log-runs.ts';
import { Faults } from '../../../infra/lab/told-faults.ts';
import { batchesOf } from '../../../infra/lab/testing.ts';
import { registry } from '../../../decoders-wasm/contract/host.ts';
import type { AlertChannel, AlertNotice } from '../../contract/alert.ts';
import { decodeEventsRecord, encodeEventsRecord } from '../../contract/events-record.ts';
import { eventsTopic, type Log, logTopics, type Membership, type MembershipHandler, reportsTopic, reportTopics } from '../../contract/log.ts';
import { decodeReport } from '../../contract/report.ts';
import { openEmbeddedLog } from '../../log/embedded/index.ts';
import { alertsConfig } from './config.ts';
import { rules } from './rules/index.ts';
import { AlertSink } from './sink.ts';
import { capturesOf } from './testing.ts';

const folders = new Folders('alerts');
let log: Log;

class Recorder implements AlertChannel {
  readonly name = 'recorder';
  readonly got: AlertNotice[] = [];
  /** How many sends fail first. */
  failures: number;

  constructor(failures = 0) {
    this.failures = failures;
  }

  async send(all: readonly AlertNotice[]): Promise<void> {
    await Promise.resolve();
    const notices = all.filter(({ rule }) => rule !== 'watchdog');
    if (this.failures-- > 0) throw new Error('receiver is away');
    this.got.push(...notices);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }
}

/** The captures are from a day that may be long ago by now. */
const config = alertsConfig.parse({ tellWithinMinutes: 100 * 365 * 1440 });

function sinkOf(file: string, channels: readonly AlertChannel[], over = log): AlertSink {
  return new AlertSink({ log: over, partitions: 1, file, config, rules, channels, complain: () => undefined });
}

async function reported(of: Log): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { value } of of.read(reportsTopic, 0, 0n)) {
    const { header, rows: bytes } = decodeReport(value);
    const codes = { contexts: new Map(header.contexts.map((context) => [context.code, context])), taps: new Map(header.taps.map((tap) => [tap.code, tap])) };
    header.sections.forEach((section, index) => { rows.push(...readRows(section.layout, bytes[index]!, codes)); });
  }
  return rows;
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 8000; !condition(); await new Promise((resolve) => { setTimeout(resolve, 20); })) if (performance.now() > end) throw new Error('this never came');
}

beforeAll(async () => {
  log = openEmbeddedLog(folders.fresh());
  await log.ensureTopics([...logTopics(1), ...reportTopics]);
  await append(log, await batchesOf(capturesOf('isis-lan3')[0]!, 20_000));
  await run(log, registry, folders.fresh());
});

afterAll(async () => {
  await log.close();
  folders.remove();
});

describe('the alert sink', () => {
  it('tells each alert once, reports each transition, and tells nothing anew after a restart or with a new state', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'routewatch-alerts-'));
    try {
      const channel = new Recorder(2);
      const first = sinkOf(join(folder, 'a.sqlite'), [channel]);
      await first.start();
      await first.drained();
      await until(() => channel.got.length > 0);
      await first.stop();
      const rows = await reported(log);
      expect(channel.got.map(({ state, rule, labels }) => `${state} ${rule} ${labels['router_name']}`)).toEqual([
        'firing router-overloaded r3', 'resolved router-overloaded r3', 'firing configuration-mismatch undefined',
        'firing router-silent r3', 'firing router-silent r2', 'resolved router-silent r3', 'resolved router-silent r2',
      ]);
      expect(rows.filter((row) => row['told'] === true).length).toBe(7);
      expect(new Set(rows.map((row) => row['event_id'])).size).toBe(rows.length);

      const again = new Recorder();
      const second = sinkOf(join(folder, 'a.sqlite'), [again]);
      await second.start();
      await second.drained();
      await second.stop();
      const fresh = sinkOf(join(folder, 'b.sqlite'), [again]);
      await fresh.start();
      await fresh.drained();
      await fresh.stop();
      expect(again.got).toEqual([]);
      expect(await reported(log)).toEqual(rows);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([['of an outage of ours what still stands is told, once', 5, ['firing configuration-mismatch']], ['of an old capture nothing is told', 30 * 86_400, []]])('two hours late: %s', async (_, writtenLater, wanted) => {
    // When the capture of isis-lan3 ends, and its rows were written so much later, s.
    const end = 1_795_227_732;
    const copy = openEmbeddedLog(await copyOfLog(BigInt(end + writtenLater) * 1_000_000_000n));
    await copy.ensureTopics([...logTopics(1), ...reportTopics]);
    const file = join(folders.fresh(), 'a.sqlite');
    const told: string[] = [];
    for (let run_ = 0; run_ < 2; run_++) {
      const channel = new Recorder();
      const sink = new AlertSink({ log: copy, partitions: 1, file, config: alertsConfig.parse({}), rules, channels: [channel], now: () => (end + 7200) * 1000, complain: () => undefined });
      await sink.start();
      await sink.drained();
      await new Promise((resolve) => { setTimeout(resolve, 1500); });
      await sink.stop();
      told.push(...channel.got.map(({ state, rule }) => `${state} ${rule}`));
    }
    expect(told).toEqual(wanted);
    expect((await reported(copy)).filter((row) => row['untold'] === 'old').length).toBeGreaterThan(5);
    await copy.close();
  }, 30_000);

  it.each(['alerts:step#3', 'alerts:decided', 'alerts:report', 'alerts:reported'])('killed -9 at %s it comes out as if it had not been', async (fault) => {
    const directory = await copyOfLog();
    const folder = folders.fresh();
    const run_ = (environment: NodeJS.ProcessEnv): SpawnSyncReturns<string> => spawnSync(process.execPath, [join(import.meta.dirname, 'testing-run.ts'), directory, join(folder, 'state.sqlite'), join(folder, 'told')], { env: { ...process.env, ...environment }, encoding: 'utf8', timeout: 30_000 });
    expect(run_({ ROUTEWATCH_FAULT: fault }).signal).toBe('SIGKILL');
    expect(run_({}).stderr).toBe('');
    const copy = openEmbeddedLog(directory);
    await copy.ensureTopics([...logTopics(1), ...reportTopics]);
    const rows = await reported(copy);
    await copy.close();
    const wanted = await unbroken();
    expect(rows.map((row) => String(row['event_id'])).toSorted()).toEqual(wanted.toSorted());
    const told = readFileSync(join(folder, 'told'), 'utf8').trim().split('\n');
    expect(new Set(told).size).toBe(7);
  });

  it('one that stands by takes over when the active one is gone: what was told is not told again, what comes next is', async () => {
    const shared = openEmbeddedLog(await copyOfLog());
    await shared.ensureTopics([...logTopics(1), ...reportTopics]);
    const [first, second] = [new Recorder(), new Recorder()];
    const group = new Group();
    const active = sinkOf(join(folders.fresh(), 'a.sqlite'), [first], group.over(shared));
    const standby = sinkOf(join(folders.fresh(), 'b.sqlite'), [second], group.over(shared));
    await active.start();
    await group.give(0);
    await active.drained();
    await until(() => first.got.length === 7);
    await standby.start();
    await standby.drained();
    expect([active.active, standby.active, second.got]).toEqual([true, false, []]);
    const before = (await reported(shared)).length;
    // The active one is gone without a word: it is fenced by the claim of the next.
    await group.give(1);
    await until(() => standby.active);
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    expect([active.active, second.got, (await reported(shared)).length]).toEqual([false, [], before]);
    await standby.stop();
    await active.stop();
    await shared.close();
  });

  it('tells what it has decided although the log answers no more', async () => {
    const shared = openEmbeddedLog(await copyOfLog());
    await shared.ensureTopics([...logTopics(1), ...reportTopics]);
    const group = new Group();
    const over = group.over(shared);
    let answers = Promise.resolve();
    const silent = new Proxy(over, {
      get: (target, name) => (name === 'bounds' ? (...given: Parameters<Log['bounds']>) => answers.then(() => over.bounds(...given)) : Reflect.get(target, name) as unknown),
    });
    const channel = new Recorder(1);
    const sink = sinkOf(join(folders.fresh(), 'a.sqlite'), [channel], silent);
    await sink.start();
    await group.give(0);
    const { promise, resolve } = Promise.withResolvers<void>();
    answers = promise;
    await until(() => channel.got.length > 0);
    resolve();
    await sink.stop();
    await shared.close();
  });

  it('does not wait longer because a row came that is older than the one before', async () => {
    const shared = openEmbeddedLog(folders.fresh());
    await shared.ensureTopics([...logTopics(1), ...reportTopics]);
    const channel = new Recorder();
    const sink = sinkOf(join(folders.fresh(), 'a.sqlite'), [channel], shared);
    await sink.start();
    const faults = new Faults(shared);
    await faults.claim();
    await faults.lose();
    await faults.lose(30_000);
    await until(() => channel.got.length === 2);
    await sink.stop();
    await shared.close();
  });
});

/** Events of the log in a directory of its own, without reports; with cuts that were written then, ns. */
async function copyOfLog(writtenNs?: bigint): Promise<string> {
  const directory = folders.fresh();
  const copy = openEmbeddedLog(directory);
  await copy.ensureTopics(logTopics(1));
  for await (const { value } of log.read(eventsTopic, 0, 0n)) await copy.append(eventsTopic, 0, [writtenNs === undefined ? value : writtenThen(value, writtenNs)]);
  await copy.close();
  return directory;
}

function writtenThen(value: Uint8Array, writtenNs: bigint): Uint8Array {
  const { header, rows } = decodeEventsRecord(value);
  return encodeEventsRecord({ header: header.cut === undefined ? header : { ...header, cut: { ingestTimeNs: String(writtenNs) } }, rows });
}

/** Event ids of a run that nothing has broken. */
async function unbroken(): Promise<string[]> {
  return (await reported(log)).map((row) => String(row['event_id']));
}

/** A group whose members get the partition when the test says so. */
class Group {
  private readonly handlers: MembershipHandler[] = [];

  over(of: Log): Log {
    const join_ = (_group: string, _topic: string, handler: MembershipHandler): Membership => {
      this.handlers.push(handler);
      return { isMember: true, failed: new Promise<never>(() => undefined), release: () => undefined, stop: () => Promise.resolve() };
    };
    return new Proxy(of, {
      get: (target, name) => {
        if (name === 'join') return join_;
        const value = target[name as keyof Log];
        return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
      },
    });
  }

  give(member: number): Promise<void> {
    return this.handlers[member]!.assigned([0]);
  }
}
