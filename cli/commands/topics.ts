/** `routewatch topics`: makes the topics on Kafka, and refuses those that cannot work. */
import { type Command, InvalidArgumentError } from 'commander';
import { ensureKafkaTopics, grantRoles, parseGrant } from '../../stream/log/kafka/index.ts';
import { type LogOptions, neededKafka, withLogOptions } from '../lib/kafka.ts';
import { EXIT, complain, printRows } from '../lib/output.ts';

type Grant = ReturnType<typeof parseGrant>;

interface Options extends LogOptions {
  readonly partitions?: number;
  readonly replication?: number;
  readonly framesHours?: number;
  readonly eventsHours?: number;
  readonly grant?: readonly Grant[];
  readonly check?: boolean;
  readonly json?: boolean;
}

export function topics(program: Command): void {
  withLogOptions(program.command('topics')
    .description('make the topics on Kafka that are missing, and check those that are there'))
    .option('--partitions <n>', 'partitions of frames, events and checkpoints (default: 8); fixed for the life of the log', whole)
    .option('--replication <n>', 'copies of each (default: 3, or as many as there are brokers)', whole)
    .option('--frames-hours <n>', 'keep frames so long (default: 72); checkpoints three times as long', whole)
    .option('--events-hours <n>', 'keep events so long: what a sink may be behind (default: 168)', whole)
    .option('--grant <role:user>', 'give a user (or the CN of a certificate) the rights of collector, worker, sink, alerter or reader by ACLs; may be repeated', granted)
    .option('--check', 'make nothing')
    .option('--json', 'as JSON')
    .addHelpText('after', `
Run it once before anything else uses a new Kafka; again it changes nothing. Exit code 1 when a topic is missing (--check)
or has settings that would lose data or stop a part; each is named with what to set.

Examples:
  routewatch topics --log kafka://kafka1:9092
  routewatch topics --log kafka://kafka1:9092/site-a. --partitions 16 --frames-hours 24
  routewatch topics --config admin.json --grant worker:rw-worker --grant collector:rw-edge --grant sink:rw-sink
  routewatch topics --config /etc/routewatch.json --check`)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { partitions, replication, framesHours, eventsHours } = options;
  const report = await ensureKafkaTopics(neededKafka(options), {
    isCheckOnly: options.check === true, ...(partitions === undefined ? {} : { partitions }),
    plan: {
      ...(replication === undefined ? {} : { replication }), ...(framesHours === undefined ? {} : { framesHours }), ...(eventsHours === undefined ? {} : { eventsHours }),
    },
  });
  printRows(report.topics.map(({ topic, state, partitions: count, replication: copies, settings }) => ({
    topic, state, partitions: count, replication: copies, hours: hoursText(settings.get('retention.ms')), 'min.insync.replicas': settings.get('min.insync.replicas') ?? '', 'max.message.bytes': settings.get('max.message.bytes') ?? '',
  })), options.json === true ? 'json' : 'table');
  if (options.grant !== undefined && options.check !== true) await grantRoles(neededKafka(options), options.grant);
  for (const problem of report.problems) complain(problem);
  if (report.problems.length > 0) process.exitCode = EXIT.failed;
}

function hoursText(ms: string | undefined): string {
  return ms === undefined ? '' : ms === '-1' ? 'for ever' : String(Number(ms) / 3_600_000);
}

function granted(text: string, others: readonly Grant[] = []): Grant[] {
  try {
    return [...others, parseGrant(text)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on is needed');
  return value;
}
