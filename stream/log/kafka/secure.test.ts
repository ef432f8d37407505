import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBroker, kafkaLacking } from '../../../infra/dev/kafka/broker.ts';
import { checkpointsTopic, eventsTopic, framesTopic, logTopics } from '../../contract/log.ts';
import { ensureKafkaTopics, grantRoles, type KafkaLog, type KafkaSettings, openKafkaLog } from './index.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: TLS, logins and ACLs on a real Kafka: ${lacking}`);

const PARTITIONS = 2;
const topics = logTopics(PARTITIONS);
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const users = { edge: 'edge-secret', work: 'work-secret', fill: 'fill-secret' };

describe.skipIf(lacking !== undefined)(`on a real Kafka with TLS${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  let broker: KafkaBroker;
  const logs: KafkaLog[] = [];
  beforeAll(async () => {
    broker = await KafkaBroker.start({ users, acls: true });
    const plain: KafkaSettings = { brokers: [broker.address] };
    await ensureKafkaTopics(plain, { partitions: PARTITIONS, plan: {}, isCheckOnly: false });
    await grantRoles(plain, [{ role: 'collector', user: 'edge' }, { role: 'worker', user: 'work' }, { role: 'sink', user: 'fill' }, { role: 'collector', user: 'tap-7' }]);
  });
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await broker?.stop();
  });
  /** Login of a user, whose password stands in a file. */
  const settings = (username: keyof typeof users, password: string = users[username]): KafkaSettings => {
    const passwordFile = join(broker.directory, `${username}.password`);
    writeFileSync(passwordFile, `${password}\n`);
    return { brokers: [broker.secure!.sasl], tls: { ca: broker.secure!.certificates.ca }, sasl: { username, passwordFile }, startMs: 3000 };
  };
  const open = async (given: KafkaSettings): Promise<KafkaLog> => {
    const log = await openKafkaLog(given);
    logs.push(log);
    return log;
  };

  it('lets each role do its part with SCRAM-SHA-512, and nothing else', async () => {
    const edge = await open(settings('edge'));
    await edge.ensureTopics([topics[0]!]);
    expect(await edge.append(framesTopic, 0, [bytes('a frame')])).toBe(0n);
    await expect((async () => { for await (const record of edge.read(framesTopic, 0, 0n)) void record; })()).rejects.toMatchObject({ fault: 'not-allowed' });
    await expect(edge.ensureTopics([topics[1]!])).rejects.toThrow(/does not allow edge to use routewatch\.events\.v1 .*--grant ROLE:USER/);

    const work = await open(settings('work'));
    await work.ensureTopics(topics);
    for await (const { value } of work.read(framesTopic, 0, 0n)) expect(Buffer.from(value).toString()).toBe('a frame');
    for (const { topic } of topics) expect(await work.append(topic, 1, [bytes('x')])).toBe(0n);
    await work.commit('worker', framesTopic, 0, 1n);
    await work.commit('checkpoints', checkpointsTopic, 0, 1n);
    const got = Promise.withResolvers<readonly number[]>();
    const membership = work.join('worker', framesTopic, { assigned: async (partitions) => { got.resolve(partitions); }, revoked: async () => undefined });
    expect(await Promise.race([got.promise, membership.failed])).toEqual([0, 1]);
    await membership.stop();

    const fill = await open(settings('fill'));
    await fill.ensureTopics(topics);
    for await (const { value } of fill.read(eventsTopic, 1, 0n)) expect(Buffer.from(value).toString()).toBe('x');
    await fill.commit('clickhouse', eventsTopic, 1, 1n);
    await expect(fill.append(eventsTopic, 0, [bytes('forged')])).rejects.toMatchObject({ fault: 'not-allowed' });
    await expect(fill.commit('worker', eventsTopic, 0, 1n)).rejects.toMatchObject({ fault: 'not-allowed' });
  });

  it('logs in by a client certificate, whose common name is the user', async () => {
    const { certificates, mtls } = broker.secure!;
    const { cert, key } = certificates.client('tap-7');
    const tap = await open({ brokers: [mtls], tls: { ca: certificates.ca, cert, key } });
    await tap.ensureTopics([topics[0]!]);
    const offset = await tap.append(framesTopic, 0, [bytes('by certificate')]);
    expect(offset).toBe(1n);
    await expect(tap.ensureTopics([topics[1]!])).rejects.toMatchObject({ fault: 'not-allowed' });
    await expect(openKafkaLog({ brokers: [mtls], tls: { ca: certificates.ca }, startMs: 3000 })).rejects.toMatchObject({ fault: 'tls' });
  });

  it('says what is wrong: address, password, user, authority, TLS on one side', async () => {
    const fault = async (given: KafkaSettings): Promise<string> => {
      const began = performance.now();
      const error = await openKafkaLog(given).then(() => new Error('it was let in'), (thrown: Error) => thrown);
      expect(performance.now() - began).toBeLessThan(8000);
      return error.message;
    };
    const { ca } = broker.secure!.certificates;
    const { sasl } = broker.secure!;
    expect(await fault({ brokers: ['127.0.0.1:1'], startMs: 500 })).toMatch(/^Kafka does not answer at 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\)\. Check the address/);
    expect(await fault({ brokers: ['no-such-host.invalid:9092'], startMs: 500 })).toMatch(/^Kafka does not answer at no-such-host\.invalid:9092 .*(ENOTFOUND|EAI_AGAIN)/);
    expect(await fault(settings('work', 'wrong'))).toMatch(/refuses the login of work: .*Check user name, password and mechanism/);
    expect(await fault({ ...settings('work'), sasl: { username: 'nobody', passwordFile: join(broker.directory, 'work.password') } })).toMatch(/refuses the login of nobody/);
    expect(await fault({ ...settings('work'), sasl: { username: 'work', passwordVariable: 'RW_NOT_SET' } })).toMatch(/^there is no password for Kafka: set RW_NOT_SET, or name sasl\.passwordFile/);
    expect(await fault({ ...settings('work'), tls: true })).toMatch(/^no TLS connection with Kafka .*certificate.*Check tls\.ca/);
    expect(await fault({ brokers: [sasl], startMs: 1000 })).toMatch(/that it is a port without TLS \(or set tls\)/);
    expect(await fault({ brokers: [broker.address], tls: { ca }, startMs: 1000 })).toMatch(/Kafka (does not answer|at)|no TLS connection/);
  });

  it('never tells a password, and takes a new one without a restart', async () => {
    const given = settings('work');
    const log = await open(given);
    await log.ensureTopics(topics);
    expect(inspect(log, { depth: 10, showHidden: true })).not.toContain(users.work);
    const wrong = await openKafkaLog(settings('work', 'hunter2-wrong')).catch((error: unknown) => error);
    expect(`${JSON.stringify(wrong)} ${String((wrong as Error).stack)} ${String(((wrong as Error).cause as Error).stack)}`).not.toContain('hunter2-wrong');
    broker.setPassword('work', 'changed-secret');
    settings('work', 'changed-secret');
    // A subscription has connections of its own: it logs in now.
    const seen = Promise.withResolvers<string>();
    const subscription = log.consume({ topic: framesTopic, partition: 1, from: 0n }, async ([first]) => { seen.resolve(Buffer.from(first!.value).toString()); });
    expect(await Promise.race([seen.promise, subscription.failed])).toBe('x');
    await subscription.stop();
  });
});
