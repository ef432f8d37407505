/** Commands on Kafka where it is not as it should be; the whole path over it is in infra/lab/kafka.test.ts. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBroker, kafkaLacking } from '../../infra/dev/kafka/broker.ts';
import { EXIT } from '../lib/output.ts';
import { labCaptures, routewatch, scratch } from '../testing.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: commands on a real Kafka: ${lacking}`);
const place = scratch();
afterAll(() => { place.remove(); });

const config = (name: string, kafka: object): string => {
  const file = place.path(name);
  writeFileSync(file, JSON.stringify({ kafka }));
  return file;
};

it('without a Kafka, or at a wrong address, a command says so at once and has started nothing', async () => {
  const away = config('away.json', { brokers: ['127.0.0.1:1'], startMs: 300 });
  const data = place.path('nothing');
  const [none, bad, silent] = await Promise.all([
    routewatch(['worker']), routewatch(['topics', '--log', 'kafka://work:hunter2@kafka1:9092']), routewatch(['replay', labCaptures('isis-lan3')[0]!, '--config', away, '--data', data]),
  ]);
  expect(none).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('which Kafka? Name it with --log kafka://HOST:PORT') as string });
  expect(bad.code).toBe(EXIT.usage);
  expect(`${bad.out}${bad.err}`).not.toContain('hunter2');
  expect(silent).toMatchObject({ code: EXIT.unavailable, out: '', err: expect.stringMatching(/Kafka does not answer at 127\.0\.0\.1:1 \(.*ECONNREFUSED/) as string });
});

describe.skipIf(lacking !== undefined)(`on a real Kafka${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  let broker: KafkaBroker;
  beforeAll(async () => { broker = await KafkaBroker.start(); });
  afterAll(() => broker?.stop());

  it('topics are looked for, made once, and never made otherwise; doctor looks at them, too', async () => {
    const log = ['--log', `kafka://${broker.address}/t.`];
    const missing = await routewatch(['topics', ...log, '--check']);
    expect(missing.code).toBe(EXIT.failed);
    expect(missing.err).toContain('t.routewatch.frames.v1 is missing');
    const absent = await routewatch(['worker', ...log]);
    expect(absent).toMatchObject({ code: EXIT.failed, err: expect.stringContaining('has no topic t.routewatch.frames.v1: `routewatch topics` makes the topics') as string });
    expect((await routewatch(['topics', ...log, '--partitions', '3', '--frames-hours', '10'])).code).toBe(0);
    const again = await routewatch(['topics', ...log, '--json']);
    expect((JSON.parse(again.out) as object[])[2]).toMatchObject({ topic: 'routewatch.checkpoints.v1', state: 'there', partitions: 3, hours: '30' });
    const other = await routewatch(['topics', ...log, '--partitions', '4']);
    expect(other).toMatchObject({ code: EXIT.failed, err: expect.stringContaining('has 3 partitions; 4 were asked for') as string });
    const { out } = await routewatch(['doctor', ...log]);
    expect(out).toMatch(/kafka +127\.0\.0\.1:\d+, 3 partitions/);
    expect(out).toMatch(/ok +topics/);
  }, 120_000);
});
