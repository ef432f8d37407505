/** The packages of the roles as they run: unpacked where nothing else is, with the rights of their containers, under their units' system call filters. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCaptures } from '../../cli/lib/captures.ts';
import { openKafka } from '../../cli/lib/kafka.ts';
import { replayInto } from '../../cli/lib/replay.ts';
import { labCaptures, routewatch } from '../../cli/testing.ts';
import { VethPair, whyNotLive } from '../../collectors/loader/testing.ts';
import { decodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import { openCurrent } from '../../stream/log/embedded/manifest.ts';
import { ensureKafkaTopics, grantRoles } from '../../stream/log/kafka/index.ts';
import { type Store, startStore } from '../../stream/store/index.ts';
import { because, run, systemdLacking } from '../dev/checks/tools.ts';
import { KafkaBroker, kafkaLacking } from '../dev/kafka/broker.ts';
import { refusedCalls, traced } from '../systemd/system-calls.ts';
import { stage } from './dist.ts';
import { type RoleName, roles } from './roles.ts';

const PARTITIONS = 2;
const units = join(import.meta.dirname, '..', 'systemd');
const scratch = mkdtempSync(join(tmpdir(), 'routewatch-roles-'));
chmodSync(scratch, 0o755);
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});

const noStrace = existsSync('/usr/bin/strace') ? systemdLacking() : 'no strace here: sudo apt-get install strace';
if (noStrace !== undefined) console.warn(`not run: the units' system call filters against what the programs do: ${noStrace}`);
/** Before a command: its system calls go to a file. */
const watched = (name: string): string[] => (noStrace === undefined ? traced(join(scratch, `${name}.calls`)) : []);

function unpack(name: RoleName): string {
  const directory = join(scratch, `routewatch-${name}`);
  stage(roles.find((role) => role.name === name)!, directory, 0);
  return directory;
}

function configured(name: string, config: object): string {
  const file = join(scratch, name);
  writeFileSync(file, JSON.stringify(config));
  return file;
}

interface Part {
  readonly child: ChildProcess;
  readonly said: () => string;
}

/** With an environment that has nothing of ours in it. */
function begin(command: readonly string[]): Part {
  const child = spawn(command[0]!, command.slice(1), { cwd: scratch, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => { said += bytes.toString(); });
  return { child, said: () => said };
}

/** Under strace it is the program that is asked to end, not strace. */
async function end({ child, said }: Part): Promise<void> {
  const exit = once(child, 'exit');
  process.kill(noStrace === undefined ? childrenOf(child.pid!)[0]! : child.pid!, 'SIGTERM');
  expect(await exit, said()).toEqual([0, null]);
}

const childrenOf = (pid: number): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((word) => word !== '').map(Number);
const familyOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(familyOf)];
const argumentsOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: worker, sink and alerter as they are packed: ${lacking}`);

describe.skipIf(lacking !== undefined)(`worker, sink and alerter as they are packed, with logins over TLS${because(lacking)}`, () => {
  const secrets = { work: 'work-8d1f3a', fill: 'fill-77c02e', tell: 'tell-5e90b1' };
  let broker: KafkaBroker;
  let store: Store;
  const parts: { name: 'worker' | 'sink' | 'alerter'; part: Part; port: number }[] = [];
  beforeAll(async () => {
    [broker, store] = await Promise.all([KafkaBroker.start({ users: secrets, acls: true }), startStore({ dataDir: join(scratch, 'store') })]);
    const admin = { brokers: [broker.address] };
    await ensureKafkaTopics(admin, { partitions: PARTITIONS, plan: {}, isCheckOnly: false });
    await grantRoles(admin, [{ role: 'worker', user: 'work' }, { role: 'sink', user: 'fill' }, { role: 'alerter', user: 'tell' }]);
  }, 240_000);
  afterAll(async () => {
    for (const { part: { child } } of parts) child.kill('SIGKILL');
    await store?.stop();
    await broker?.stop();
  });
  const secretFile = (name: string, text: string): string => {
    writeFileSync(join(scratch, name), `${text}\n`, { mode: 0o600 });
    return join(scratch, name);
  };
  const kafkaOf = (username: keyof typeof secrets): object => ({
    brokers: [broker.secure!.sasl], tls: { ca: broker.secure!.certificates.ca }, sasl: { username, passwordFile: secretFile(username, secrets[username]) },
  });
  const ask = async (port: number, path: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return { status: answer?.status ?? 0, text: await answer?.text() ?? '' };
  };
  const figure = async (port: number, name: string): Promise<number> => [...(await ask(port, '/metrics')).text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);

  it('start, say when they are ready, and pass a capture on from Kafka to ClickHouse', async () => {
    const configs = { worker: { kafka: kafkaOf('work') }, sink: { kafka: kafkaOf('fill'), clickhouse: { url: store.url, username: 'writer', passwordFile: secretFile('clickhouse', store.writerToken) } }, alerter: { kafka: kafkaOf('tell') } };
    for (const name of ['worker', 'sink', 'alerter'] as const) {
      const port = await freePort();
      const data = name === 'sink' ? [] : ['--data', join(scratch, `${name}-data`)];
      const part = begin([...watched(name), join(unpack(name), 'bin/routewatch'), name, '--config', configured(`${name}.json`, configs[name]), ...data, '--health', String(port)]);
      parts.push({ name, part, port });
    }
    for (const { name, part, port } of parts) {
      await expect.poll(async () => [part.child.exitCode, (await ask(port, '/livez')).status], { timeout: 60_000, message: part.said() }).toEqual([null, 200]);
      await expect.poll(async () => (await ask(port, '/readyz')).text, { timeout: 60_000 }).toBe('ok\n');
      await expect.poll(part.said).toContain(name === 'alerter' ? `alerter: ${PARTITIONS} partitions` : `${name}: a share of ${PARTITIONS} partitions`);
    }
    const [worker, sink, alerter] = parts.map(({ port }) => port) as [number, number, number];
    const { log } = await openKafka({ brokers: [broker.address] });
    const files = labCaptures('isis-lan3');
    await replayInto({ log, partitions: PARTITIONS }, { captures: await openCaptures(files), tapNames: files.map((file) => basename(file)), domain: 'lab', shiftNs: 0n, batchBytes: 20_000 });
    await expect.poll(() => figure(sink, 'routewatch_sink_rows_total'), { timeout: 60_000 }).toBeGreaterThan(100);
    await expect.poll(() => figure(alerter, 'routewatch_alerts_active'), { timeout: 60_000 }).toBe(1);
    expect(await figure(worker, 'routewatch_worker_partitions')).toBe(PARTITIONS);
    expect(await figure(worker, 'routewatch_worker_claims_total')).toBe(PARTITIONS);
    expect(await figure(worker, 'routewatch_worker_replay_bytes')).toBeGreaterThan(1000);
    // A batch that comes a second time is counted, and gives nothing.
    const rows = await figure(worker, 'routewatch_worker_rows_total');
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for await (const { value } of log.read(framesTopic, partition, 0n)) {
        await log.append(framesTopic, partition, [value]);
        break;
      }
    }
    await expect.poll(() => figure(worker, 'routewatch_worker_doubled_batches_total'), { timeout: 60_000 }).toBeGreaterThan(0);
    expect(await figure(worker, 'routewatch_worker_rows_total')).toBe(rows);
    await log.close();

    process.env['ROUTEWATCH_CLICKHOUSE_PASSWORD'] = store.writerToken;
    const audited = await routewatch(['audit', '--log', `kafka://${broker.address}`, '--store', store.url.replace('//', '//writer@')]);
    delete process.env['ROUTEWATCH_CLICKHOUSE_PASSWORD'];
    expect([audited.code, audited.out], audited.err).toEqual([0, expect.stringContaining('nothing is lost, nothing is twice')]);
  }, 240_000);

  it('show no secret in arguments, output or figures', async () => {
    const hidden = [...Object.values(secrets), store.writerToken];
    for (const { name, part, port } of parts) {
      const shown = [...familyOf(part.child.pid!).map(argumentsOf), part.said(), (await ask(port, '/metrics')).text, (await ask(port, '/readyz')).text].join('\n');
      expect(shown).toContain(`${name} --config`);
      for (const secret of hidden) expect(shown.includes(secret), `${name} shows a secret`).toBe(false);
    }
  });

  it('end in order, and made no system call that their units refuse', async () => {
    for (const { name, part } of parts) {
      await end(part);
      if (noStrace === undefined) expect(refusedCalls(join(units, `routewatch-${name}.service`), join(scratch, `${name}.calls`)), name).toEqual([]);
    }
  }, 60_000);
});

it.skipIf(noStrace !== undefined)(`the whole system is ready on one machine, and makes no system call that its unit refuses${because(noStrace)}`, async () => {
  const port = await freePort();
  const main = [process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, '../../cli/main.ts')];
  const part = begin([...watched('page'), ...main, 'up', '--config', configured('up.json', { storePort: 0, web: { port: 0 } }), '--data', join(scratch, 'up'), '--health', String(port)]);
  await expect.poll(async () => [part.child.exitCode, await fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.status, () => 0)], { timeout: 90_000, interval: 300, message: part.said() }).toEqual([null, 200]);
  await end(part);
  expect(refusedCalls(join(units, 'routewatch.service'), join(scratch, 'page.calls'))).toEqual([]);
}, 120_000);

const notLive = whyNotLive();
if (notLive !== undefined) console.warn(`not run: the collector as it is packed: ${notLive}`);

/** Bits of CAP_NET_ADMIN, CAP_PERFMON and CAP_BPF, as /proc/PID/status has them. */
const LOADERS = '000000c000001000';

describe.skipIf(notLive !== undefined)(`the collector as it is packed${because(notLive)}`, () => {
  it('has in its container no more than the loader\'s capabilities, the shipper none, and no way back', async () => {
    const pair = new VethPair();
    const directory = unpack('collector');
    const data = join(scratch, 'system');
    const log = await openCurrent(join(data, 'log'));
    mkdirSync(join(scratch, 'spool'));
    for (const path of ['spool', 'system', 'system/log', ...readdirSync(join(data, 'log')).map((name) => `system/log/${name}`)]) chownSync(join(scratch, path), 10_001, 10_001);
    const config = configured('collector.json', { collector: 'host1', taps: [{ match: 'tap0' }], log: data, data: join(scratch, 'spool'), loader: { ringBytes: 1 << 18 } });
    const container = 'setpriv --inh-caps=-all --bounding-set=-all,+bpf,+net_admin,+perfmon,+setuid,+setgid'.split(' ');
    const part = begin(['ip', 'netns', 'exec', pair.left, ...watched('collector'), ...container, join(directory, 'bin/as-collector'), join(directory, 'bin/routewatch'), 'collect', '--config', config, '--health', '9465']);
    try {
      const ready = (): number | null => run('ip', ['netns', 'exec', pair.left, join(directory, 'bin/ready'), '9465']).code;
      await expect.poll(() => [part.child.exitCode, ready()], { timeout: 90_000, interval: 500, message: part.said() }).toEqual([null, 0]);
      const family = familyOf(part.child.pid!).map((pid) => ({ pid, words: argumentsOf(pid), status: readFileSync(`/proc/${pid}/status`, 'utf8') }));
      const rights = (words: RegExp): (string | undefined)[] => {
        const status = family.findLast((one) => words.test(one.words))?.status ?? '';
        return [/^Uid:\t(\d+)/m, /^CapPrm:\t(\w+)/m, /^CapEff:\t(\w+)/m, /^NoNewPrivs:\t(\d)/m].map((pattern) => pattern.exec(status)?.[1]);
      };
      expect(rights(/loader\/main\.ts/)).toEqual(['10001', LOADERS, LOADERS, '1']);
      expect(rights(/cli\/collector\.ts.*--shipper/)).toEqual(['10001', '0000000000000000', '0000000000000000', '1']);
      const [main] = family.filter(({ words }) => words.includes('cli/collector.ts')).map(({ pid }) => pid);
      const exit = once(part.child, 'exit');
      process.kill(main!, 'SIGTERM');
      expect(await exit, part.said()).toEqual([0, null]);
      let batches = 0;
      for (let partition = 0; partition < log.partitions; partition++) for await (const { value } of log.log.read(framesTopic, partition, 0n)) batches += decodeFrameBatch(value).header.taps.length;
      expect(batches).toBeGreaterThan(0);
      if (noStrace === undefined) expect(refusedCalls(join(units, 'routewatch-collector.service'), join(scratch, 'collector.calls'))).toEqual([]);
    } finally {
      part.child.kill('SIGKILL');
      await log.log.close();
      pair.close();
    }
  }, 150_000);
});
