/** `routewatch audit`: compares log, ledger and tables; exit code 1 when anything is wrong. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditReport, audit as auditStore } from '../../stream/audit/index.ts';
import { reportTopics } from '../../stream/contract/log.ts';
import { openAll } from '../../stream/log/embedded/manifest.ts';
import { serverClient } from '../lib/client.ts';
import { clickhouseOf } from '../lib/config.ts';
import { configOf, type LogOptions, kafkaOf, openKafka, withLogOptions } from '../lib/kafka.ts';
import { EXIT, type Record_, UsageError, colour, formatTable } from '../lib/output.ts';
import { defaultDataDir, withReader } from '../lib/reader.ts';
import { timeText } from '../lib/time.ts';

export function audit(program: Command): void {
  withLogOptions(program.command('audit')
    .description('prove that every row of the log is in the store once: gaps, overlaps, counts'))
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--store <url>', 'a ClickHouse server that sinks fill, perhaps with a user: http://USER@HOST:8123 (default: `clickhouse` of --config, else the store in the data directory)')
    .option('--json', 'as JSON')
    .addHelpText('after', `
Compares the events log with the ledger of inserted cuts, and the ledger with every table, cut by cut.
Runs beside a running system: what is in flight counts as waiting. Exit code 1 when anything is wrong.

Examples:
  routewatch audit
  routewatch audit --config /etc/routewatch.json   (Kafka and ClickHouse as it says; the password as for \`sink\`)
  routewatch audit --data /var/lib/routewatch --json | jq .findings`)
    .action(run);
}

/** Longest that one question to a server may take, ms: a table's counts by cut. */
const REQUEST_MS = 120_000;

interface Options extends LogOptions {
  readonly data: string;
  readonly store?: string;
  readonly json?: boolean;
}

async function run(options: Options): Promise<void> {
  const kafka = kafkaOf(options);
  if (kafka === undefined && !existsSync(join(options.data, 'log'))) throw new UsageError(`there is no log in ${options.data}: fill it with \`routewatch replay FILE --data ${options.data}\``);
  const generations = kafka === undefined ? await openAll(join(options.data, 'log')) : [await openKafka(kafka)];
  try {
    if (kafka !== undefined) await generations[0]!.log.ensureTopics(reportTopics);
    const current = generations.at(-1)!;
    const report = await withRows(options, (rows) => auditStore({ ...current, reports: true, earlier: generations.slice(0, -1).map((each) => ({ ...each, reports: true })), rows }));
    process.stdout.write(options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : text(report));
    if (report.findings.length > 0) process.exitCode = EXIT.failed;
  } finally {
    for (const { log } of generations) await log.close();
  }
}

/** Asks the ClickHouse server where one is named, else the data directory's store. */
async function withRows<T>(options: Options, work: (rows: (sql: string) => Promise<Record_[]>) => Promise<T>): Promise<T> {
  const isServer = options.store !== undefined || (configOf(options).clickhouse !== undefined);
  if (!isServer) return withReader(options.data, (reader) => work((sql) => reader.rows(sql)));
  const client = serverClient(clickhouseOf(options.store, configOf(options)), { request_timeout: REQUEST_MS });
  try {
    return await work(async (query) => (await client.query({ query, format: 'JSONEachRow' })).json<Record_>());
  } finally {
    await client.close();
  }
}

function text({ partitions, tables, findings, missingLogs }: AuditReport): string {
  const grown = partitions.some(({ generation }) => generation > 1);
  const filled = tables.filter(({ stored, expected }) => stored > 0 || expected > 0);
  return `${formatTable([...(grown ? ['generation'] : []), 'partition', 'events records', 'passed over', 'cuts', 'waiting'], partitions.map((row) => [...(grown ? [row.generation] : []), row.partition, row.records, row.passedOver, row.cuts, row.waiting]))}
${formatTable(['table', 'rows stored', 'rows by the ledger'], filled.map((row) => [row.table, row.stored, row.expected]))}
${findings.map(({ kind, partition, table, detail }) => `${colour('red', kind)}${partition < 0 ? '' : ` partition ${partition}`}${table === '' ? '' : ` ${table}`}: ${detail}\n`).join('')}${
  partitions.flatMap(({ partition, lost }) => lost.map((span) => `partition ${partition}: events ${span} were gone by retention before they were stored\n`)).join('')}${
  missingLogs.map(({ logId, cuts, rows, newestCutNs }) => `log ${logId} is not here: ${rows} rows of its ${cuts} cuts (the last at ${timeText(BigInt(newestCutNs)).slice(0, 19)} UTC) were compared with the ledger only\n`).join('')}${
  findings.length === 0 ? colour('green', missingLogs.length === 0 ? 'nothing is lost, nothing is twice\n' : 'in the log that is here nothing is lost, and nothing is twice\n') : `${findings.length} ${findings.length === 1 ? 'thing is' : 'things are'} wrong\n`}`;
}
