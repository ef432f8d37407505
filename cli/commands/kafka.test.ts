/** Commands on Kafka where it is not as it should be; the whole path over it is in infra/lab/kafka.test.ts. */
import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecorded, type RecordedRing } from '../../collectors/recorded/index.ts';
import { Shipper } from '../../collectors/shipper/index.ts';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import { KafkaBroker, kafkaLacking } from '../../infra/dev/kafka/broker.ts';
import { compileChanged, without } from '../../infra/lab/lacking.ts';
import { registry } from '../../decoders-wasm/contract/host.ts';
import { batchesOf, decodeBatches, ids, loggedRows } from '../../infra/lab/testing.ts';
import type { Log } from '../../stream/contract/log.ts';
import { Worker } from '../../stream/worker/index.ts';
import { numbersTo, openKafka } from '../lib/kafka.ts';
import { EXIT } from '../lib/output.ts';
import { modulesFolder } from '../lib/data-dir.ts';
import { labCaptures, routewatch, rowsOf, scratch } from '../testing.ts';

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

  describe('what works on a data directory', () => {
    const data = place.path('data');
    const onKafka = (): string[] => ['--log', `kafka://${broker.address}/ops.`];
    const counts = async (from: string): Promise<unknown> => rowsOf(await routewatch(['query', 'SELECT (SELECT count() FROM adjacency_events) AS a, (SELECT uniqExact(event_id) FROM adjacency_events) AS u', '--json', '--data', from]));
    /** As replays into an embedded log give them (replay.test.ts). */
    const replayed = [{ a: 78, u: 78 }];
    beforeAll(async () => {
      expect((await routewatch(['topics', ...onKafka(), '--partitions', '2'])).code).toBe(0);
      expect((await routewatch(['replay', labCaptures('isis-lan3')[0]!, '--quiet', ...onKafka(), '--data', data])).code).toBe(0);
    }, 240_000);

    it('backs up the store alone; restored, or lost, it is filled from the log on Kafka', async () => {
      const made = await routewatch(['backup', ...onKafka(), '--data', data, '--to', place.path('copy'), '--json']);
      expect(made.code, made.err).toBe(0);
      const { log: topics } = JSON.parse(made.out) as { log: { prefix: string; topic: string; partitions: { next: string }[] }[] };
      expect(topics.map(({ prefix, topic }) => `${prefix}${topic}`)).toContain('ops.routewatch.events.v1');
      expect(topics.flatMap(({ partitions }) => partitions).some(({ next }) => next !== '0')).toBe(true);
      expect(await routewatch(['restore', '--from', place.path('copy'), '--data', place.path('back'), '--part', 'log'])).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('has no log: it was on Kafka, and stays there') as string });
      expect((await routewatch(['restore', '--from', place.path('copy'), '--data', place.path('back')])).code).toBe(0);
      expect(await counts(place.path('back'))).toEqual(replayed);
      expect((await routewatch(['audit', ...onKafka(), '--data', place.path('back')])).code).toBe(0);
      rmSync(place.path('back'), { recursive: true });
      expect((await routewatch(['replay', labCaptures('isis-lan3')[0]!, '--quiet', ...onKafka(), '--data', place.path('back')])).code).toBe(0);
      expect(await counts(place.path('back'))).toEqual(replayed);
    }, 240_000);

    it('decodes the log on Kafka again', async () => {
      const again = await routewatch(['redecode', ...onKafka(), '--data', data]);
      expect(again.code, again.err).toBe(0);
      expect(again.out).toContain('no difference');
    }, 240_000);

    it('finalizes where every partition was taken over by these decoders, and not before', async () => {
      const older = [await compileChanged('isis', [without('isis', 'TLV_IPV6_REACH')], place.path('isis.wasm')), ...registry.slice(1)];
      const kafka = await openKafka({ brokers: [broker.address], prefix: 'ops.' });
      const runWith = async (modules: typeof registry): Promise<void> => {
        const worker = new Worker({ log: kafka.log, partitions: numbersTo(kafka.partitions), owner: randomUUID(), modules, modulesFolder: modulesFolder(data) });
        await worker.start();
        await worker.stop();
      };
      await runWith(older);
      const early = await routewatch(['finalize', ...onKafka(), '--data', data]);
      expect(early).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('was not taken over yet by a worker with the decoders of this version') as string });
      await runWith(registry);
      const kept = readdirSync(modulesFolder(data)).filter((name) => name.endsWith('.wasm')).length;
      const done = await routewatch(['finalize', ...onKafka(), '--data', data]);
      expect(done.code, done.err).toBe(0);
      expect(done.out).toContain('left behind isis');
      expect(readdirSync(modulesFolder(data)).filter((name) => name.endsWith('.wasm'))).toHaveLength(kept - 1);
      await expect(runWith(older)).rejects.toThrow('was left behind by `routewatch finalize`');
      await kafka.log.close();
    }, 240_000);

    it('refuses other partitions, and says how one gets them', async () => {
      const refused = await routewatch(['repartition', '--partitions', '4', ...onKafka(), '--data', data]);
      expect(refused).toMatchObject({ code: EXIT.usage, out: '', err: expect.stringContaining('begin another one with `routewatch topics --log kafka://') as string });
    });

    it('moves a collector to a log with more partitions: no row comes twice, what is there is learned anew, and its old spool does not go along', async () => {
      let ms = 0;
      const lan = labCaptures('isis-lan3')[0]!;
      /** Of a loader that begins now: what came before is not in its ring. */
      const newShipper = async (log: Log, partitions: number, directory: string, epoch: bigint): Promise<{ shipper: Shipper; port: RecordedRing }> => {
        const port = await openRecorded({ files: [lan], tapNames: ['lan0'], epoch, speed: 1, startedMs: 0, now: () => ms });
        port.clock();
        port.read(new Uint8Array(16 << 20));
        return { port, shipper: new Shipper({ port, log, partitions, collector: 'host', directory: place.path(directory), domainOf: () => 'lab', isDurable: false }) };
      };
      const found: ReadonlyMap<string, readonly Row[]>[] = [];
      for (const [prefix, partitions, epoch] of [['old.', 2, 1n], ['new.', 4, 2n]] as const) {
        expect((await routewatch(['topics', '--log', `kafka://${broker.address}/${prefix}`, '--partitions', String(partitions)])).code).toBe(0);
        const { log } = await openKafka({ brokers: [broker.address], prefix });
        if (prefix === 'new.') await expect(newShipper(log, partitions, 'spool-old.', epoch)).rejects.toThrow('was written for 2 partitions, the log has 4');
        const { shipper, port } = await newShipper(log, partitions, `spool-${prefix}`, epoch);
        await shipper.begin();
        shipper.sender.start();
        for (const until = prefix === 'old.' ? 80_000 : Infinity; ms < until && !port.isOver; ms += 100) await shipper.round();
        expect(await shipper.stop()).toBe(true);
        const worker = new Worker({ log, partitions: numbersTo(partitions), owner: randomUUID() });
        await worker.start();
        await worker.drained();
        await worker.stop();
        found.push(await loggedRows(log, partitions));
        await log.close();
      }
      const [old, fresh] = found as [typeof found[number], typeof found[number]];
      const before = new Set(ids(old));
      expect(ids(fresh).filter((id) => before.has(id))).toEqual([]);
      const states = (rows: ReadonlyMap<string, readonly Row[]>): Map<string, unknown> => new Map(rows.get('adjacency_events')!.map((row) => [[row['router'], row['neighbor'], row['level']].join(' '), row['state']]));
      const whole = states(decodeBatches(await batchesOf(lan, 20_000)));
      const learned = states(fresh);
      expect(learned.size).toBeGreaterThan(10);
      expect([...learned].filter(([adjacency, state]) => whole.get(adjacency) !== state)).toEqual([]);
      expect(fresh.get('adjacency_events')!.some((row) => row['initial'] === true)).toBe(true);
    }, 240_000);
  });
});
