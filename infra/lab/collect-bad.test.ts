/** `routewatch collect` and its neighbours where something is wrong: one message with what to do, an end, and no secret anywhere. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printed, type Ran, type Running, startDirectly } from '../../cli/testing.ts';
import { whyNotLive } from '../../collectors/loader/testing.ts';
import { ensureKafkaTopics, grantRoles } from '../../stream/log/kafka/index.ts';
import { KafkaBroker, kafkaLacking } from '../dev/kafka/broker.ts';

const why = whyNotLive() ?? kafkaLacking();
if (why !== undefined) console.warn(`not run: a collector where something is wrong: ${why}`);

const SECRET = 'edge-secret-4711';

describe.skipIf(why !== undefined)(`where something is wrong${why === undefined ? '' : ` (not run: ${why})`}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-bad-'));
  const full = join(directory, 'full');
  let broker: KafkaBroker;
  beforeAll(async () => {
    broker = await KafkaBroker.start({ users: { edge: SECRET, work: 'work-secret-4711' }, acls: true });
    const plain = { brokers: [broker.address] };
    await ensureKafkaTopics(plain, { partitions: 2, plan: {}, isCheckOnly: false });
    await grantRoles(plain, [{ role: 'collector', user: 'edge' }, { role: 'worker', user: 'work' }]);
    mkdirSync(full);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full]);
    writeFileSync(join(full, 'filler'), new Uint8Array(60 << 10));
  }, 120_000);
  afterAll(async () => {
    execFileSync('umount', [full]);
    await broker?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const written = (name: string, content: unknown): string => {
    const file = join(directory, name);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const secure = (user: string, password: string): object => ({
    brokers: [broker.secure!.sasl], tls: { ca: broker.secure!.certificates.ca }, sasl: { username: user, passwordFile: written(`${user}.${password.length}.password`, `${password}\n`) }, startMs: 20_000,
  });
  const collector = (name: string, more: object): string => written(`${name}.json`, { collector: name, taps: [{ match: 'nosuch0' }], data: join(directory, name), ...more });
  const collect = (name: string, more: object, ...words: string[]): Running => startDirectly(['collect', '--config', collector(name, more), ...words]);
  /** What it said beside that it runs as root here, and that the interface is not there. */
  const complaints = ({ err }: Ran): string[] => err.trim().split('\n').filter((line) => !/the shipper runs as root|no interface matches nosuch0 \(there are .*one that does is tapped as soon as it is there/.test(line));

  it('a collector says once what it is, with what to do, and ends', async () => {
    const plain = { brokers: [broker.address], startMs: 20_000 };
    const cases: [string, object, number, RegExp][] = [
      ['address', { kafka: { brokers: ['127.0.0.1:1'], startMs: 500 } }, 69, /Kafka does not answer at 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\)\. Check the address/],
      ['password', { kafka: secure('edge', 'hunter2-wrong') }, 69, /refuses the login of edge: .*Check user name, password and mechanism/],
      ['topic', { kafka: { ...plain, prefix: 'none.' } }, 69, /has no topic none\.routewatch\.frames\.v1: `routewatch topics` makes the topics/],
      ['log', { log: join(directory, 'nothing') }, 2, /nothing has no log: `routewatch up --data .*` makes it/],
      ['disk', { kafka: plain, data: join(full, 'spool') }, 69, /the spool in .*full\/spool cannot be opened \(.*\): make room there/],
    ];
    await Promise.all(cases.map(async ([name, more, code, message]) => {
      const ran = await collect(name, more).ended;
      expect([name, ran.code, complaints(ran)]).toEqual([name, code, [expect.stringMatching(message) as string]]);
      expect(`${ran.out}${ran.err}`).not.toContain('hunter2');
    }));
  });

  it('an interface that is not there is told once and waited for, and so is, at a later start, the log', async () => {
    const running = collect('waits', { kafka: secure('edge', SECRET) });
    await printed(running, 'collector waits: 0 taps');
    running.process.kill('SIGINT');
    const ran = await running.ended;
    expect([ran.code, complaints(ran)]).toEqual([0, []]);
    expect(ran.err.match(/no interface matches nosuch0/g)).toHaveLength(1);

    // It knows the log by its spool: from then on it may be away.
    const alone = collect('alone', { collector: 'waits', data: join(directory, 'waits'), kafka: { brokers: ['127.0.0.1:1'], startMs: 500 } });
    await printed(alone, 'collector waits: 0 taps');
    alone.process.kill('SIGINT');
    const later = await alone.ended;
    expect([later.code, complaints(later)]).toEqual([0, [expect.stringMatching(/Kafka does not answer at 127\.0\.0\.1:1 .*; what is seen goes to the spool meanwhile$/) as string]]);
  });

  it('no password stands in an argument, in the metrics or in what is printed, of any process', async () => {
    const ports = [await freePort(), await freePort()];
    const running = [
      collect('quiet', { kafka: secure('edge', SECRET) }, '--health', String(ports[0])),
      startDirectly(['worker', '--config', written('worker.json', { kafka: secure('work', 'work-secret-4711') }), '--data', join(directory, 'worker'), '--health', String(ports[1])]),
    ];
    await Promise.all([printed(running[0]!, 'collector quiet:'), printed(running[1]!, 'worker: a share')]);
    const family = running.flatMap(({ process: { pid } }) => descendants(pid!));
    expect(family.length).toBeGreaterThan(3);
    for (const pid of family) expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toMatch(/secret-4711/);
    for (const port of ports) {
      const figures = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(figures).toContain('routewatch_');
      expect(figures).not.toMatch(/secret-4711/);
    }
    for (const { process: child } of running) child.kill('SIGTERM');
    for (const { ended } of running) {
      const { out, err } = await ended;
      expect(`${out}${err}`).not.toMatch(/secret-4711/);
    }
  });
});

/** One that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A process and all that it started, as far as they run. */
function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number));
  return [pid, ...children.flatMap(descendants)];
}
