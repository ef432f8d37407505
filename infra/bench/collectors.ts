/** Collectors at rest, in simulated time: what many of them send, and what of the frames' bytes is shipped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shipper } from '../../collectors/shipper/index.ts';
import { type QuietNetwork, QuietRing } from '../../collectors/shipper/testing.ts';
import { compressed } from '../../stream/log/kafka/kafkajs.ts';

const PARTITIONS = 8;
const ROUND_MS = 250;

export interface AtRest {
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  /** The same appends as the producer for Kafka sends them. */
  readonly compressedPerSecond: number;
  readonly capturedPerSecond: number;
}

/** Runs collectors one after the other for so long beside a first minute that is not counted; figures are for all of them. */
export async function collectorsAtRest(collectors: number, seconds: number, network: QuietNetwork): Promise<AtRest> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-at-rest-'));
  const sum = { records: 0, bytes: 0, compressed: 0, captured: 0 };
  try {
    for (let collector = 0; collector < collectors; collector++) {
      const port = new QuietRing(network, collector / collectors);
      let isCounted = false;
      const compressing: Promise<Buffer>[] = [];
      const log = {
        append: (_topic: string, _partition: number, values: readonly Uint8Array[]) => {
          if (!isCounted) return Promise.resolve(0n);
          sum.records += values.length;
          const records = Buffer.concat(values);
          sum.bytes += records.length;
          compressing.push(compressed(records));
          return Promise.resolve(0n);
        },
      };
      const shipper = new Shipper({ port, log, partitions: PARTITIONS, collector: `host${collector}`, directory: join(directory, String(collector)), domainOf: () => 'core', isDurable: false });
      await shipper.begin();
      shipper.sender.start();
      for (let ms = 0; ms < 60_000; ms += ROUND_MS) {
        port.pass(ROUND_MS);
        await shipper.round();
      }
      isCounted = true;
      const before = port.captured.bytes;
      for (let ms = 0; ms < seconds * 1000; ms += ROUND_MS) {
        port.pass(ROUND_MS);
        await shipper.round();
      }
      sum.captured += port.captured.bytes - before;
      await new Promise((resolve) => { setImmediate(resolve); });
      isCounted = false;
      await shipper.stop();
      for (const { length } of await Promise.all(compressing)) sum.compressed += length;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { recordsPerSecond: sum.records / seconds, bytesPerSecond: sum.bytes / seconds, compressedPerSecond: sum.compressed / seconds, capturedPerSecond: sum.captured / seconds };
}

if (import.meta.main) {
  const collectors = Number(process.argv[2] ?? 500);
  const network = { hellos: 10, helloSeconds: 10, holdSeconds: 30, sessions: 10, keepaliveSeconds: 60, taps: 4 };
  const began = performance.now();
  const found = await collectorsAtRest(collectors, 60, network);
  process.stdout.write(`${collectors} collectors with ${JSON.stringify(network)}: ${found.recordsPerSecond.toFixed(0)} records/s, ${(found.bytesPerSecond / 1024).toFixed(0)} KB/s (${(found.compressedPerSecond / 1024).toFixed(0)} compressed) of ${(found.capturedPerSecond / 1024).toFixed(0)} captured; ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}
