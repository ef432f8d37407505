/** One `routewatch collect` for each router of a live lab, on the router's own interfaces. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcesses, processesNaming } from '../kit/command.ts';
import type { Network } from '../kit/network.ts';
import type { Beside, CollectorAction } from '../labkit.ts';
import { nodes, ports } from './network.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const START_MS = 40_000;
/** What a collector may take to ship what it has, s. */
const STOP_SECONDS = 10;

export class Collectors implements Beside {
  readonly failed: Promise<never>;
  readonly #fail: (error: Error) => void;
  readonly #log: string;
  #network: Network | undefined;
  #folder = '';
  /** Process id by router; a router that is blind has none. */
  readonly #pids = new Map<string, number>();

  /** `log` is what `routewatch collect --log` takes. */
  constructor(log: string) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.failed.catch(() => undefined);
    this.#fail = reject;
    this.#log = log;
  }

  async start(network: Network, folder: string): Promise<void> {
    this.#network = network;
    this.#folder = folder;
    await Promise.all(nodes.map(({ name }) => this.#start(name)));
  }

  async act({ do: what, node }: CollectorAction): Promise<void> {
    if (what === 'unblind') {
      // The script goes on meanwhile.
      this.#start(node).catch((error: unknown) => { this.#fail(error as Error); });
      return;
    }
    this.#pids.delete(node);
    endProcesses(processesNaming(this.#config(node)), 'SIGKILL', 3);
  }

  close(): void {
    const pids = [...this.#pids.values()];
    this.#pids.clear();
    if (pids.length > 0) endProcesses(pids, 'SIGTERM', STOP_SECONDS);
  }

  async #start(node: string): Promise<void> {
    const output = join(this.#folder, node, 'collect.log');
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(this.#config(node), JSON.stringify(this.#configuration(node)));
    const file = openSync(output, 'a');
    const before = statSync(output).size;
    const words = ['collect', '--config', this.#config(node), '--log', this.#log];
    // A group of its own: a signal from the terminal is for the lab.
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'cli', 'collector.ts'), ...words], { stdio: ['ignore', file, file], detached: true });
    closeSync(file);
    if (child.pid === undefined) throw new Error(`the collector of ${node} could not be started`);
    this.#pids.set(node, child.pid);
    const said = (): string => readFileSync(output, 'utf8').slice(before).trim();
    const ended = new Promise<never>((_, reject) => {
      child.once('exit', (code, signal) => {
        const error = new Error(`the collector of ${node} ended with ${code ?? signal}: ${said()}`);
        reject(error);
        if (this.#pids.get(node) === child.pid) this.#fail(error);
      });
    });
    ended.catch(() => undefined);
    const wanted = `collector ${node}: ${ports.filter((port) => port.node === node).length} taps`;
    await Promise.race([ended, printed(said, wanted)]);
  }

  #config(node: string): string {
    return join(this.#folder, node, 'collect.json');
  }

  #configuration(node: string): unknown {
    const namespace = this.#network!.namespace(node);
    const own = ports.filter((port) => port.node === node);
    return {
      collector: node,
      domain: 'lab',
      taps: own.map((port) => ({ match: port.interface, namespace })),
      // Both ends of a link are tapped: it has one name.
      map: own.map((port) => ({ tap: `${namespace}/${port.interface}`, to: { link: port.link } })),
      data: join(this.#folder, node, 'spool'),
      ...(this.#log.startsWith('kafka:') && isOpenToAll(root) ? { user: 'nobody' } : {}),
      loader: { ringBytes: 1 << 20 },
    };
  }
}

async function printed(said: () => string, wanted: string): Promise<void> {
  for (const until = performance.now() + START_MS; performance.now() < until; await sleep(50)) {
    if (said().includes(wanted)) return;
  }
  throw new Error(`"${wanted}" was not printed within ${START_MS / 1000} s: ${said()}`);
}

/** Whether any user may read below `path`: the shipper then runs as nobody, as it should. */
function isOpenToAll(path: string): boolean {
  if ((statSync(path).mode & 0o005) !== 0o005) return false;
  return path === '/' || isOpenToAll(dirname(path));
}
