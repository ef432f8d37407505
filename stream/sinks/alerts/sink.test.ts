/** The alert sink over a real log: told once, whatever ends it; the reports say what was decided. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRows, type Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { append, Folders, run } from '../../../infra/lab/log-runs.ts';
import { batchesOf } from '../../../infra/lab/testing.ts';
import { registry } from '../../../decoders-wasm/contract/host.ts';
import type { AlertChannel, AlertNotice } from '../../contract/alert.ts';
import { type Log, logTopics, reportsTopic, reportTopics } from '../../contract/log.ts';
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

  async send(notices: readonly AlertNotice[]): Promise<void> {
    await Promise.resolve();
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
        'firing router-silent r3', 'firing router-silent r2', 'resolved router-silent r3', 'resolved router-silent r2',
      ]);
      expect(rows.filter((row) => row['told'] === true).map((row) => String(row['rule']))).toEqual(Array<string>(4).fill('router-silent'));
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
});
