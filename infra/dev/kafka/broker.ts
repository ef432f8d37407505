/** A real single-node Kafka for tests: KRaft, free loopback ports, a fresh directory, ended by its process id. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import '../../../stream/log/kafka/kafkajs.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { brokerProperties, logProperties } from './properties.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const libs = join(root, 'build', 'kafka', 'libs');
const JARS = 46;
/** Longest that a broker may take to start, or to end once it was asked to, ms. */
const START_MS = 60_000;
const STOP_MS = 15_000;

export interface BrokerOptions {
  /** Kept by the one who names it; default: a fresh one that goes with the broker. */
  readonly directory?: string;
  readonly port?: number;
  /** Users of a SASL_SSL listener with SCRAM-SHA-512 (name → password); with it comes a listener that asks for certificates. */
  readonly users?: Readonly<Record<string, string>>;
  /** Only what an ACL allows; whoever comes without a name (PLAINTEXT) may do all. */
  readonly acls?: boolean;
}

/** Why no broker can be started here, with the command that helps; undefined where one can. */
export function kafkaLacking(): string | undefined {
  if (spawnSync('java', ['-version']).status !== 0) return 'no java here: sudo apt-get install --no-install-recommends openjdk-17-jre-headless maven';
  if (!existsSync(libs) || readdirSync(libs).length !== JARS) return 'no jars of Kafka in build/kafka: sh infra/dev/kafka/fetch.sh';
  return undefined;
}

export class KafkaBroker {
  readonly directory: string;
  /** `127.0.0.1:port` without encryption. */
  readonly address: string;
  /** With users: listeners for SASL_SSL and for client certificates, and what clients need for them. */
  readonly secure: { readonly sasl: string; readonly mtls: string; readonly certificates: Certificates } | undefined;
  private readonly isOwnDirectory: boolean;
  private child: ChildProcess | undefined;

  private constructor(directory: string, isOwnDirectory: boolean, ports: readonly number[], certificates: Certificates | undefined) {
    this.directory = directory;
    this.isOwnDirectory = isOwnDirectory;
    this.address = `127.0.0.1:${ports[0]}`;
    this.secure = certificates === undefined ? undefined : { sasl: `127.0.0.1:${ports[2]}`, mtls: `127.0.0.1:${ports[3]}`, certificates };
  }

  /** Formats and starts a broker; resolves when it answers. */
  static async start(options: BrokerOptions = {}): Promise<KafkaBroker> {
    const lacking = kafkaLacking();
    if (lacking !== undefined) throw new Error(lacking);
    const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'routewatch-kafka-'));
    mkdirSync(directory, { recursive: true });
    const free = await freePorts(4);
    const ports = [options.port ?? free[0]!, ...free.slice(1)];
    const certificates = options.users === undefined ? undefined : makeCertificates(directory);
    writeFileSync(join(directory, 'server.properties'), brokerProperties({ directory, ports, certificates, acls: options.acls === true }));
    writeFileSync(join(directory, 'log4j2.properties'), logProperties);
    const broker = new KafkaBroker(directory, options.directory === undefined, ports, certificates);
    try {
      if (!existsSync(join(directory, 'data'))) broker.format(options.users ?? {});
      await broker.restart();
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the broker does not run');
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What the broker has logged. */
  get log(): string {
    return readFileSync(join(this.directory, 'broker.log'), 'utf8');
  }

  /** Starts it again on the same directory and ports. */
  async restart(): Promise<void> {
    // The JIT's second stage costs 2 s at the start, and TLS needs its AES.
    const quick = this.secure === undefined ? ['-XX:TieredStopAtLevel=1'] : [];
    const java = ['java', '-Xms256m', '-Xmx256m', '-XX:+UseSerialGC', ...quick, ...this.java(), 'kafka.Kafka', join(this.directory, 'server.properties')];
    // The broker ends with the process that started it, however that ends.
    const output = openSync(join(this.directory, 'broker.log'), 'a');
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', ...java], { stdio: ['ignore', output, output], detached: true });
    closeSync(output);
    const failed = once(this.child, 'error').then(([error]: Error[]) => { throw error!; });
    await Promise.race([failed, this.answers()]);
  }

  /** Ends it as asked and waits for that; the data stays. */
  async kill(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT');
    await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
    await exited;
  }

  /** It stands still, with its connections open, until `thaw`. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** Gives a user of the SASL_SSL listener another password. */
  setPassword(user: string, password: string): void {
    const { status, stdout, stderr } = spawnSync('java', [
      ...this.java(), 'kafka.admin.ConfigCommand', '--bootstrap-server', this.address, '--alter', '--entity-type', 'users', '--entity-name', user,
      '--add-config', `SCRAM-SHA-512=[password=${password}]`,
    ], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the password of ${user} was not set: ${stdout}${stderr}`);
  }

  /** Ends it and takes its directory away, if that is its own. */
  async stop(): Promise<void> {
    await this.kill(this.isOwnDirectory ? 'SIGKILL' : 'SIGTERM');
    if (this.isOwnDirectory) rmSync(this.directory, { recursive: true, force: true });
  }

  private java(): string[] {
    return [`-Dlog4j2.configurationFile=${join(this.directory, 'log4j2.properties')}`, '-cp', join(libs, '*')];
  }

  private format(users: Readonly<Record<string, string>>): void {
    const scram = Object.entries(users).flatMap(([name, password]) => ['--add-scram', `SCRAM-SHA-512=[name=${name},password=${password}]`]);
    const id = randomBytes(16).toString('base64url').replace(/^-/, 'a');
    const { status, stdout, stderr } = spawnSync('java', [...this.java(), 'kafka.tools.StorageTool', 'format', '-t', id, '-c', join(this.directory, 'server.properties'), ...scram], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Kafka's directory was not formatted: ${stdout}${stderr}`);
  }

  private async answers(): Promise<void> {
    const end = performance.now() + START_MS;
    while (performance.now() < end) {
      if (!this.isRunning) throw new Error(`the broker ended: ${this.log.split('\n').filter((line) => / (ERROR|FATAL) |Exception in/.test(line)).slice(-5).join('\n')}`);
      const admin = new Kafka({ brokers: [this.address], logLevel: logLevel.NOTHING, connectionTimeout: 1000, requestTimeout: 2000, retry: { retries: 0 } }).admin();
      try {
        await admin.connect();
        const { brokers } = await admin.describeCluster();
        if (brokers.length > 0) return;
      } catch {
        await sleep(100);
      } finally {
        await admin.disconnect().catch(() => undefined);
      }
    }
    throw new Error(`the broker did not answer within ${START_MS / 1000} s; its log is ${join(this.directory, 'broker.log')}`);
  }
}

/** Ports that nobody has now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => { server.close(resolve); })));
  return ports;
}
