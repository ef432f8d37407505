/** Real receivers of alerts for tests: Alertmanager and snmptrapd on free ports of loopback, ended by their process ids. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './otelcol/collector.ts';

/** Longest that one may take to start, ms. */
const START_MS = 30_000;
/** Daemons stand where only root's PATH looks. */
const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

/** Debian's packages of receivers that are not here, with the command that brings them; undefined where all are. */
export function receiversLacking(): string | undefined {
  const missing = ['prometheus-alertmanager', 'snmptrapd'].filter((program) => spawnSync('sh', ['-c', `command -v ${program}`], { env: environment }).status !== 0);
  return missing.length === 0 ? undefined : `no ${missing.join(', no ')} here: sudo apt-get install --no-install-recommends ${missing.join(' ')}`;
}

/** A process with a directory of its own. */
class Daemon {
  readonly directory = mkdtempSync(join(tmpdir(), 'routewatch-receiver-'));
  private child: ChildProcess | undefined;
  private printed = '';

  /** `onLine` gets each line that it prints, as it comes. */
  start(program: string, words: readonly string[], onLine: (line: string) => void = () => undefined): void {
    const child = spawn(program, [...words], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, MIBS: '', SNMP_PERSISTENT_DIR: this.directory } });
    this.child = child;
    let open = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        this.printed = (this.printed + piece).slice(-4000);
        const lines = (open + piece).split('\n');
        open = lines.pop()!;
        for (const line of lines) onLine(line);
      });
    }
    child.on('error', (error) => { this.printed += error.message; });
  }

  async ready(isReady: () => boolean | Promise<boolean>): Promise<void> {
    for (const until = performance.now() + START_MS; performance.now() < until && this.child?.exitCode === null; await sleep(50)) if (await isReady()) return;
    throw new Error(`a receiver did not start: ${this.printed}`);
  }

  get said(): string {
    return this.printed;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** An alert that Alertmanager takes to be firing. */
export interface ManagedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly updatedAt: string;
  readonly endsAt: string;
}

export class Alertmanager {
  readonly url: string;
  private readonly daemon: Daemon;

  private constructor(daemon: Daemon, port: number) {
    this.daemon = daemon;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Resolves when it takes alerts; it passes them on to nobody. */
  static async start(): Promise<Alertmanager> {
    const daemon = new Daemon();
    const port = await freePort();
    writeFileSync(join(daemon.directory, 'alertmanager.yml'), 'route: { receiver: none }\nreceivers: [{ name: none }]\n');
    daemon.start('prometheus-alertmanager', [
      `--config.file=${join(daemon.directory, 'alertmanager.yml')}`, `--storage.path=${daemon.directory}`, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address=',
    ]);
    const manager = new Alertmanager(daemon, port);
    try {
      await daemon.ready(() => fetch(`${manager.url}/-/ready`).then(({ ok }) => ok, () => false));
      return manager;
    } catch (error) {
      await daemon.stop();
      throw error;
    }
  }

  /** What fires now. */
  async active(): Promise<readonly ManagedAlert[]> {
    return await (await fetch(`${this.url}/api/v2/alerts`)).json() as ManagedAlert[];
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }
}

/** A notification as snmptrapd has decoded it: value by numeric OID, each as it prints it (`INTEGER: 2`). */
export interface Trap {
  /** Wall time at which it was printed, ms. */
  readonly atMs: number;
  readonly objects: ReadonlyMap<string, string>;
}

export class TrapReceiver {
  readonly port: number;
  readonly traps: Trap[] = [];
  private readonly daemon: Daemon;

  private constructor(daemon: Daemon, port: number) {
    this.daemon = daemon;
    this.port = port;
  }

  static async start(): Promise<TrapReceiver> {
    const daemon = new Daemon();
    const receiver = new TrapReceiver(daemon, await freePort());
    const config = join(daemon.directory, 'snmptrapd.conf');
    writeFileSync(config, 'disableAuthorization yes\nformat2 %V|%v\\n\nformat1 %V|%v\\n\n');
    daemon.start('snmptrapd', ['-f', '-Lo', '-On', '-C', '-c', config, '-p', join(daemon.directory, 'pid'), `udp:127.0.0.1:${receiver.port}`], (line) => { receiver.take(line); });
    try {
      await daemon.ready(() => daemon.said.includes('NET-SNMP version'));
      return receiver;
    } catch (error) {
      await daemon.stop();
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }

  private take(line: string): void {
    if (!line.includes('|')) return;
    const objects = line.split('|').map((field) => field.trim().split(' = ') as [string, string?]);
    this.traps.push({ atMs: Date.now(), objects: new Map(objects.map(([oid, value = '']) => [oid, value])) });
  }
}
