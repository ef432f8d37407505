/** `routewatch redecode`: history by the present decoders, the difference, and the swap. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaSettings } from '../../stream/log/kafka/index.ts';
import { startStore } from '../../stream/store/index.ts';
import { checkFiles, openCaptures, tapNames } from '../lib/captures.ts';
import { quietClient } from '../lib/client.ts';
import { readMap } from '../lib/config.ts';
import { kafkaOf, type LogOptions, type OpenKafka, openKafka, withLogOptions } from '../lib/kafka.ts';
import { UsageError, formatTable } from '../lib/output.ts';
import { type RedecodeResult, redecode as decodeAgain } from '../lib/redecode.ts';
import { finishSwap, openSwap } from '../lib/redecode-swap.ts';
import { defaultDataDir } from '../lib/reader.ts';
import { System, runningSystem } from '../lib/system.ts';
import { parseTime } from '../lib/time.ts';

interface Options extends LogOptions {
  readonly from?: string;
  readonly to?: string;
  readonly tap?: string[];
  readonly domain: string;
  readonly map?: string;
  readonly data: string;
  readonly swap?: boolean;
  readonly json?: boolean;
}

export function redecode(program: Command): void {
  withLogOptions(program.command('redecode')
    .description('decode history again by the present decoders, from the log or from captures, and show what differs'))
    .argument('[file...]', 'captures in place of the log')
    .option('--from <time>', 'compare events from this time on')
    .option('--to <time>', 'compare events before this time')
    .option('--swap', 'take the difference over: rows added, changed and gone')
    .option('--tap <name>', 'name of a tap, once a file in their order, as it was replayed', (name: string, names: readonly string[] | undefined) => [...names ?? [], name])
    .option('--domain <name>', 'name of the routing domain, as it was replayed', 'default')
    .option('--map <file>', 'the map with which it was replayed')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--json', 'as JSON')
    .addHelpText('after', `
Nothing may run on the data directory meanwhile, and nothing may write frames to a log on Kafka.
Without --swap nothing is changed. The state before --from is rebuilt from the begin of the log (or of the captures), so
the rows are those of a decoding of all of it.
A row that is the same event keeps its id, its ingest time and its locator; new rows get an ingest time of their own.

Examples:
  routewatch redecode
  routewatch redecode --from 2026-11-21T02:00:00Z --swap
  routewatch redecode lan0.pcap.gz`)
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  const settings = kafkaOf(options);
  if (!existsSync(join(options.data, settings === undefined ? 'log' : 'store'))) throw new UsageError(`there is no ${settings === undefined ? 'log' : 'store'} in ${options.data}`);
  const running = await runningSystem(options.data);
  if (running !== undefined) throw new UsageError(`${options.data} is in use by process ${running.pid}: stop that one first`);
  checkFiles(files);
  const fromNs = options.from === undefined ? {} : { fromNs: parseTime(options.from) };
  const toNs = options.to === undefined ? {} : { toNs: parseTime(options.to) };
  const captures = files.length === 0 ? {} : { captures: {
    captures: await openCaptures(files), tapNames: tapNames(files, options.tap ?? []), domain: options.domain, map: options.map === undefined ? [] : readMap(options.map),
  } };
  if (openSwap(options.data) === undefined) await drain(options.data, settings);
  const store = await startStore({ dataDir: join(options.data, 'store') });
  const client = quietClient({ url: store.url, username: 'writer', password: store.writerToken, request_timeout: 600_000 });
  let kafka: OpenKafka | undefined;
  try {
    if (settings !== undefined) kafka = await openKafka(settings);
    const begun = openSwap(options.data);
    if (begun !== undefined) {
      await finishSwap(client, options.data, begun);
      process.stderr.write(`routewatch: the swap of run ${begun.run}, which was broken off, is finished; run the command again for a new one\n`);
      return;
    }
    const result = await decodeAgain({ dataDir: options.data, kafka, ...fromNs, ...toNs, ...captures, swap: options.swap === true }, client);
    process.stdout.write(options.json === true ? `${JSON.stringify(result, undefined, 2)}\n` : text(result));
  } finally {
    await client.close();
    await store.stop();
    await kafka?.log.close();
  }
}

/** Brings every row of the log into the store, under the present schema. */
async function drain(dataDir: string, kafka: KafkaSettings | undefined): Promise<void> {
  const system = await System.start({ dataDir, kafka });
  try {
    await system.drained();
  } finally {
    await system.stop();
  }
}

function text({ tables, swapped }: RedecodeResult): string {
  const seen = tables.filter(({ equal, changed, added, gone }) => equal + changed + added + gone > 0);
  const differs = tables.some(({ changed, added, gone }) => changed + added + gone > 0);
  return `${formatTable(['table', 'equal', 'changed', 'added', 'gone'], seen.map((row) => [row.table, row.equal, row.changed, row.added, row.gone]))}${
    !differs ? 'no difference\n' : swapped ? 'swapped: the store has these rows now\n' : 'nothing was changed: --swap takes the difference over\n'}`;
}
