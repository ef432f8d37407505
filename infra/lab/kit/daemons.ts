/** FRR and BIRD in the foreground, one process each, known by process id and reached by their own sockets. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcesses, isAlive, run } from './command.ts';
import type { Network } from './network.ts';
import type { FrrDaemon, NodeSpec } from './spec.ts';

const FRR_FOLDER = '/usr/lib/frr';
const FRR_ORDER: FrrDaemon[] = ['zebra', 'staticd', 'isisd', 'ospfd', 'bgpd'];

/** Called for each daemon that was started. */
export type DaemonStarted = (node: string, daemon: string, pid: number) => void;

/** All daemons of one run. `runFolder` holds sockets and logs, `configFolder` keeps the configurations. */
export class Daemons {
  readonly #network: Network;
  readonly #runFolder: string;
  readonly #configFolder: string;
  readonly #onStart: DaemonStarted;
  readonly #under: readonly string[];
  readonly #pids = new Map<string, number>();

  /** `under` is a command that runs each daemon and becomes it, such as `chrt`. */
  constructor(
    network: Network,
    runFolder: string,
    configFolder: string,
    onStart: DaemonStarted,
    under: readonly string[] = [],
  ) {
    this.#network = network;
    this.#runFolder = runFolder;
    this.#configFolder = configFolder;
    this.#onStart = onStart;
    this.#under = under;
  }

  /** Writes a node's configurations and starts its daemons, zebra first. */
  async startNode(node: NodeSpec): Promise<void> {
    const folder = this.#folder(node.name);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    if (node.frr !== undefined) this.#writeFrr(node);
    if (node.bird !== undefined) this.#writeConfig(node.name, 'bird', node.bird);
    await this.start(node.name, [
      ...FRR_ORDER.filter(
        (daemon) => node.frr !== undefined && (daemon === 'zebra' || daemon in node.frr),
      ),
      ...(node.bird === undefined ? [] : ['bird']),
    ]);
    if (node.vlanMux !== undefined) this.#startMux(node.name, node.vlanMux);
  }

  /** Starts daemons whose configuration is already written (again, after a kill). */
  async start(node: string, daemons: string[]): Promise<void> {
    for (const daemon of daemons) {
      if (daemon === 'zebra') {
        // Sockets of a killed zebra would let the others connect to nobody and wait 10 s.
        for (const file of ['zebra.vty', 'zserv.api'])
          rmSync(join(this.#folder(node), file), { force: true });
      }
      this.#spawn(
        node,
        daemon,
        daemon === 'bird' ? this.#birdCommand(node) : this.#frrCommand(node, daemon),
      );
      if (daemon === 'zebra') await this.#waitFor(node, 'zebra.vty');
    }
  }

  /** kill -9 for each daemon, all at one moment. */
  kill(node: string, daemons: string[]): void {
    const pids = daemons.map((daemon) => {
      const pid = this.#pids.get(`${node}.${daemon}`);
      if (pid === undefined) throw new Error(`${daemon} was never started on ${node}`);
      return pid;
    });
    endProcesses(pids, 'SIGKILL', 3);
    for (const daemon of daemons) this.#pids.delete(`${node}.${daemon}`);
  }

  /** Runs vtysh commands against a node's daemons and returns what they print. */
  vtysh(node: string, lines: string[]): string {
    const folder = this.#folder(node);
    const commands = lines.flatMap((line) => ['-c', line]);
    return run(['vtysh', '--vty_socket', folder, '--config_dir', folder, ...commands], {
      check: false,
    });
  }

  /** Runs one birdc command. */
  birdc(node: string, command: string): string {
    return run(['birdc', '-s', join(this.#folder(node), 'bird.ctl'), command], { check: false });
  }

  /** Daemons that ended although nobody killed them: `node.daemon`. */
  crashed(): string[] {
    return [...this.#pids].filter(([, pid]) => !isAlive(pid)).map(([name]) => name);
  }

  #writeFrr(node: NodeSpec): void {
    const folder = this.#folder(node.name);
    const ids = ['-u', '-g'].map((flag) => Number(run(['id', flag, 'frr'])));
    chownSync(folder, ids[0] ?? 0, ids[1] ?? 0);
    for (const daemon of FRR_ORDER) {
      const own = node.frr?.[daemon];
      if (own === undefined && daemon !== 'zebra') continue;
      const head = [
        `hostname ${node.hostname ?? node.name}`,
        'log timestamp precision 6',
        `log file ${folder}/${daemon}.log informational`,
      ];
      this.#writeConfig(node.name, daemon, `${head.join('\n')}\n${own ?? ''}`);
    }
  }

  #writeConfig(node: string, daemon: string, text: string): void {
    writeFileSync(join(this.#folder(node), `${daemon}.conf`), text);
    const kept = text.replaceAll(`${this.#folder(node)}/`, '');
    writeFileSync(join(this.#configFolder, `${node}.${daemon}.conf`), kept);
  }

  #frrCommand(node: string, daemon: string): string[] {
    const at = (file: string) => join(this.#folder(node), file);
    return [
      join(FRR_FOLDER, daemon),
      '-f',
      at(`${daemon}.conf`),
      '-i',
      at(`${daemon}.pid`),
      '-z',
      at('zserv.api'),
      '--vty_socket',
      this.#folder(node),
      '-A',
      '127.0.0.1',
      '-P',
      '0',
      '-u',
      'frr',
      '-g',
      'frr',
    ];
  }

  #birdCommand(node: string): string[] {
    const at = (file: string) => join(this.#folder(node), file);
    return ['bird', '-f', '-c', at('bird.conf'), '-s', at('bird.ctl'), '-P', at('bird.pid')];
  }

  #startMux(node: string, mux: { trunk: string; access: Record<string, number> }): void {
    const access = Object.entries(mux.access).map(([name, vlan]) => `${name}:${vlan}`);
    this.#spawn(node, 'vlan_relay', [
      'python3',
      join(import.meta.dirname, 'vlan_relay.py'),
      mux.trunk,
      ...access,
    ]);
  }

  #spawn(node: string, daemon: string, command: string[]): void {
    // A file of its own for stderr: FRR writes its log file by itself.
    const folder = this.#folder(node);
    mkdirSync(folder, { recursive: true });
    const output = openSync(
      join(folder, daemon === 'bird' ? 'bird.log' : `${daemon}.stderr.log`),
      'a',
    );
    // `ip netns exec` becomes the daemon, so this is the daemon's own process id.
    const inside = ['ip', 'netns', 'exec', this.#network.namespace(node), ...command];
    const [program = '', ...rest] = [...this.#under, ...inside];
    const child = spawn(program, rest, {
      cwd: folder,
      stdio: ['ignore', output, output],
      env: { PATH: process.env['PATH'], TZ: 'UTC' },
    });
    closeSync(output);
    child.on('error', () => undefined);
    if (child.pid === undefined) throw new Error(`${daemon} on ${node} could not be started`);
    this.#pids.set(`${node}.${daemon}`, child.pid);
    this.#onStart(node, daemon, child.pid);
  }

  async #waitFor(node: string, file: string): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      if (existsSync(join(this.#folder(node), file))) return;
      await sleep(50);
    }
    throw new Error(`${node}: ${file} did not appear within 5 s; see its log in the output folder`);
  }

  #folder(node: string): string {
    return join(this.#runFolder, node);
  }
}
