/** What a route, an update and a change take on disk: in Kafka's topics, in checkpoints, in ClickHouse's tables. `node infra/bench/sizes.ts`; docs/sizing.md has the figures. */
import type { ClickHouseClient } from '@clickhouse/client';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openCaptures } from '../../cli/lib/captures.ts';
import { openKafka } from '../../cli/lib/kafka.ts';
import { replayInto } from '../../cli/lib/replay.ts';
import { labCaptures } from '../../cli/testing.ts';
import { ensureKafkaTopics } from '../../stream/log/kafka/index.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate } from '../../stream/store/index.ts';
import { openTestStore } from '../../stream/store/testing.ts';
import { Worker } from '../../stream/worker/index.ts';
import { KafkaBroker } from '../dev/kafka/broker.ts';
import { benchFiles } from './generate/files.ts';

/** Bytes of each topic's segments on the broker's disk, by the topic's short name. */
function topicBytes(directory: string): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const folder of readdirSync(join(directory, 'data')).filter((name) => name.startsWith('routewatch.'))) {
    const topic = folder.split('.')[1]!;
    for (const file of readdirSync(join(directory, 'data', folder)).filter((name) => name.endsWith('.log'))) sizes[topic] = (sizes[topic] ?? 0) + statSync(join(directory, 'data', folder, file)).size;
  }
  return sizes;
}

interface TableSize {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Rows and compressed bytes of the tables, their parts merged. */
async function tableSizes(writer: ClickHouseClient): Promise<TableSize[]> {
  const ask = async <T>(query: string): Promise<T[]> => (await writer.query({ query, format: 'JSONEachRow' })).json();
  const sizes = 'SELECT table, toUInt32(sum(rows)) AS rows, toUInt32(sum(data_compressed_bytes)) AS bytes FROM system.parts WHERE active AND database = \'routewatch\' GROUP BY table HAVING rows > 0 ORDER BY bytes DESC';
  for (const { table } of await ask<TableSize>(sizes)) await writer.command({ query: `OPTIMIZE TABLE routewatch.${table} FINAL` });
  return ask<TableSize>(sizes);
}

async function measure(title: string, files: readonly string[]): Promise<void> {
  const broker = await KafkaBroker.start();
  const test = await openTestStore();
  try {
    await ensureKafkaTopics({ brokers: [broker.address] }, { partitions: 1, plan: {}, isCheckOnly: false });
    await migrate(test.writer, migrations);
    const { log } = await openKafka({ brokers: [broker.address] });
    const worker = new Worker({ log, partitions: [0], owner: 'sizes' });
    const sink = new ClickHouseSink({ log, client: test.writer, partitions: [0] });
    await worker.start();
    await sink.start();
    await replayInto({ log, partitions: 1 }, { captures: await openCaptures(files), tapNames: files.map((file) => basename(file)), domain: 'bench', shiftNs: 0n });
    await worker.drained();
    await sink.drained();
    await worker.stop();
    await sink.stop();
    await log.close();
    const captured = files.reduce((sum, file) => sum + statSync(file).size, 0);
    process.stdout.write(`\n${title} (captures: ${captured} bytes)\n`);
    for (const [topic, bytes] of Object.entries(topicBytes(broker.directory))) process.stdout.write(`  Kafka ${topic}: ${bytes} bytes\n`);
    for (const { table, rows, bytes } of await tableSizes(test.writer)) process.stdout.write(`  table ${table}: ${rows} rows, ${bytes} bytes, ${(bytes / rows).toFixed(1)} a row\n`);
  } finally {
    await test.close();
    await broker.stop();
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'routewatch-sizes-'));
try {
  const { pcap, prefixes, updates } = await benchFiles(scratch, { prefixes: Number(process.argv[2] ?? 200_000), seed: 1, segmentBytes: 1460 });
  await measure(`a BGP table of ${prefixes} prefixes in ${updates} UPDATEs`, [pcap]);
  await measure('the lab `isis-ring`', labCaptures('isis-ring'));
  await measure('the demo', labCaptures('demo'));
} finally {
  rmSync(scratch, { recursive: true });
}
