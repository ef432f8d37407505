/** A collector's shipper that is killed where it hurts most, on the real log and before the real worker: the events of an undisturbed one. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readRows, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { EventsReader } from '../../stream/contract/events-reader.ts';
import { eventsTopic } from '../../stream/contract/log.ts';
import { openCurrent } from '../../stream/log/embedded/manifest.ts';
import { Worker } from '../../stream/worker/index.ts';

/** Seconds of the capture a second: undisturbed, and where there has to be time for what kills. */
const QUICK = 100;
const SLOW = 20;
const EPOCH = '1700000000000000000';
const capture = join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz');
const faults = ['shipper:before-spool#4', 'shipper:after-spool#3', 'shipper:after-append#3', 'shipper:after-spool#2'];

const directories: string[] = [];
afterAll(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 3 }); });

/** Runs the collector until it ends by itself or by a fault; gives how it ended. */
function collect(directory: string, speed: number, startedMs: number, fault?: string): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'recorded-collector.ts'), directory, String(speed), EPOCH, String(startedMs), capture], {
    stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...(fault === undefined ? {} : { ROUTEWATCH_FAULT: fault }) },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => { resolve(signal ?? String(code)); });
  });
}

/** The ids of all events, by table, after a worker has read the whole log; and the batches that it dropped as doubled are not among them. */
async function eventsOf(directory: string): Promise<string[]> {
  const { log, partitions } = await openCurrent(join(directory, 'log'));
  const worker = new Worker({ log, partitions: Array.from({ length: partitions }, (_, partition) => partition), owner: randomUUID(), config: { clockMs: 3_600_000 } });
  await worker.start();
  await worker.drained();
  await worker.stop();
  const ids: string[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const reader = new EventsReader(`events ${partition}`);
    for await (const logged of log.read(eventsTopic, partition, 0n)) {
      const placed = reader.take(logged);
      placed?.record.header.sections.forEach((section, index) => {
        for (const row of readRows(section.layout, placed.record.rows[index]!)) ids.push(`${tableOf(section.layout).name} ${String(row['event_id'])}`);
      });
    }
  }
  await log.close();
  return ids.toSorted();
}

it('killed before and after it spools and sends, a shipper loses nothing and doubles nothing', async () => {
  const [calm, wild] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'routewatch-killed-'))) as [string, string];
  directories.push(calm, wild);
  expect(await collect(calm, QUICK, Date.now())).toBe('0');
  const startedMs = Date.now();
  const ends: string[] = [];
  // On a machine that is slow to start processes the capture may be over before the last of them.
  for (const fault of [...faults, undefined]) if (ends.at(-1) !== '0') ends.push(await collect(wild, SLOW, startedMs, fault));
  expect(ends.at(-1)).toBe('0');
  expect(ends.slice(0, -1).every((end) => end === 'SIGKILL')).toBe(true);
  expect(ends.length).toBeGreaterThan(1);
  const expected = await eventsOf(calm);
  expect(expected.length).toBeGreaterThan(100);
  expect(await eventsOf(wild)).toEqual(expected);
}, 60_000);
