/** The ClickHouse sink killed amid reports: each alert is in the store once, and the audit finds nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { quietClient } from '../../cli/lib/client.ts';
import { framesTopic, type Log, reportsTopic } from '../../stream/contract/log.ts';
import { decodeReport } from '../../stream/contract/report.ts';
import { AlertSink, alertsConfig, rules } from '../../stream/sinks/alerts/index.ts';
import { auditOf } from './content.ts';
import { openLog, readEndpoint } from './part.ts';
import { manyCuts, writeSetup } from './setup.ts';
import { Part, Supervisor } from './supervisor.ts';

const captures = join(import.meta.dirname, '..', 'lab', 'captures', 'isis-lan3');
/** The captures are from a day that may be long ago by now. */
const config = alertsConfig.parse({ tellWithinMinutes: 100 * 365 * 1440 });
/** What is told of this capture, at least. */
const ENOUGH = 7;

it('alerts come into the store once, wherever the sink is killed amid them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-reports-'));
  const supervisor = new Supervisor(directory);
  writeSetup(directory, { log: 'embedded', partitions: 1, worker: manyCuts, collectors: [] });
  try {
    await supervisor.start('store');
    await supervisor.start('worker');
    expect(await new Part('replay', directory, { given: [join(captures, 'lan0.pcap.gz')] }).ended()).toBe('0');
    await decoded(directory);
    expect(await supervisor.part('worker').kill('SIGTERM')).toBe('0');
    const reports = await report(directory);
    expect(reports.rows).toBeGreaterThanOrEqual(ENOUGH);

    for (const fault of ['report:before', 'report:ledger']) {
      const sink = await supervisor.start('sink', fault);
      expect(await sink.ended(), fault).toBe('SIGKILL');
    }
    await supervisor.start('sink');
    const waits = async (): Promise<number> => (await auditOf(directory)).partitions.reduce((sum, { waiting }) => sum + waiting, 0);
    for (let tries = 0; tries < 300 && await waits() > 0; tries++) await sleep(100);
    const { findings, partitions } = await auditOf(directory);
    expect(findings).toEqual([]);
    expect(partitions.map(({ waiting }) => waiting)).toEqual(partitions.map(() => 0));
    const client = quietClient({ url: readEndpoint(directory).url });
    const rows = await (await client.query({ query: 'SELECT count() AS rows, uniqExact(event_id) AS ids FROM routewatch.alerts', format: 'JSONEachRow' })).json<{ rows: string | number; ids: string | number }>();
    await client.close();
    expect(rows.map((row) => [Number(row.rows), Number(row.ids)])).toEqual([[reports.rows, reports.rows]]);
  } finally {
    await supervisor.end();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}, 180_000);

/** Waits for the worker. */
async function decoded(directory: string): Promise<void> {
  const log = await openLog(directory);
  try {
    const { next } = await log.bounds(framesTopic, 0);
    for (let tries = 0; tries < 600 && (await log.committed('worker', framesTopic, 0) ?? 0n) < next; tries++) await sleep(100);
  } finally {
    await log.close();
  }
}

/** Judges all events that are there; how many rows its reports have. */
async function report(directory: string): Promise<{ rows: number }> {
  const log = await openLog(directory);
  try {
    const sink = new AlertSink({ log, partitions: 1, file: join(directory, 'alerts.sqlite'), config, rules, channels: [], complain: () => undefined });
    await sink.start();
    await sink.drained();
    // They are written behind what was decided.
    for (let tries = 0; tries < 200 && await reportedRows(log) < ENOUGH; tries++) await sleep(100);
    await sink.stop();
    return { rows: await reportedRows(log) };
  } finally {
    await log.close();
  }
}

async function reportedRows(log: Log): Promise<number> {
  let rows = 0;
  for await (const { value } of log.read(reportsTopic, 0, 0n)) rows += decodeReport(value).header.sections.reduce((sum, section) => sum + section.rows, 0);
  return rows;
}
