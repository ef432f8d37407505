/** Runs a lab from its specification: network, daemons, taps, fault script, truth, and total clean-up. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
} from 'node:fs';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { endProcesses, isAlive, processesNaming, whyNotRunnable } from './kit/command.ts';
import { Daemons } from './kit/daemons.ts';
import { Network, SWITCH } from './kit/network.ts';
import type { Action, CollectorAction, LabSpec, Step } from './kit/spec.ts';
import { Taps } from './kit/taps.ts';

export type { Action, CollectorAction, LabSpec, LinkSpec, NodeSpec, Step, TruthQuery } from './kit/spec.ts';

/** Start of the name of a run's own folder: sockets, logs, process id files. */
const RUN_FOLDER = 'routewatch-lab-';

/** The logs that a finished run keeps; a failed one keeps them all. */
const KEPT_LOGS = /^(isisd|ospfd|bgpd|bird)\.log$/;

/** Seconds a run may take beyond its own length before it is ended by force. */
const GRACE = 45;

/** One answer of a daemon: `json` when it was JSON, `text` otherwise. */
export interface TruthItem {
  t: number;
  node: string;
  via: string;
  cmd: string;
  json?: unknown;
  text?: string;
}

/** One line of events.jsonl. */
export interface LabEvent {
  /** Seconds since 1970, and since time zero. */
  t: number;
  rel: number;
  event: string;
  target: string;
  say?: string;
  [detail: string]: unknown;
}

/** What runs beside the daemons of a live lab: RouteWatch's collectors. */
export interface Beside {
  /** Rejects when a part of it ends that was not told to. */
  readonly failed: Promise<never>;
  /** The network is there and the daemons are not; `folder` is the run's own, with one for each node. */
  start(network: Network, folder: string): Promise<void>;
  act(action: CollectorAction): Promise<void>;
  /** Ends all of it; safe to call twice. */
  close(): void;
}

/** How a run differs from the making of captures. */
export interface RunOptions {
  readonly beside?: Beside;
  /** Told of every event; default: a line on standard output. */
  readonly tell?: (event: LabEvent) => void;
  /** The script's steps from this second on are played again and again until a signal comes. */
  readonly againFrom?: number;
  /** A command under which daemons run. */
  readonly under?: readonly string[];
}

/** A run of one lab. Everything it makes is gone after `close()`, except the files in `out`. */
class Lab {
  readonly #spec: LabSpec;
  readonly #out: string;
  readonly #options: RunOptions;
  readonly #run = mkdtempSync(join(tmpdir(), `${RUN_FOLDER}${process.pid}-`));
  readonly #network = new Network();
  readonly #daemons: Daemons;
  readonly #taps: Taps;
  #zero = Date.now();
  #truths = 0;
  #finished = false;
  #closed = false;

  constructor(spec: LabSpec, out: string, options: RunOptions) {
    this.#spec = spec;
    this.#out = out;
    this.#options = options;
    chmodSync(this.#run, 0o755);
    for (const folder of ['truth', 'config', 'log'])
      mkdirSync(join(out, folder), { recursive: true });
    this.#daemons = new Daemons(
      this.#network,
      this.#run,
      join(out, 'config'),
      (node, daemon, pid) => this.#event('daemon_start', node, { daemon, pid }),
      options.under,
    );
    this.#taps = new Taps(this.#network, out, join(out, 'log'));
  }

  /** Builds, runs the script and ends the captures. Call `close()` afterwards in any case. */
  async play(): Promise<void> {
    await this.#build();
    const { beside } = this.#options;
    await beside?.start(this.#network, this.#run);
    this.#zero = Date.now();
    this.#event('t0', '-');
    await (beside === undefined ? this.#script() : Promise.race([this.#script(), beside.failed]));
    for (const daemon of this.#daemons.crashed()) this.#event('daemon_crashed', daemon);
    this.#taps.stop();
    for (const link of this.#tapped()) this.#event('capture_stop', SWITCH, { file: link });
    this.#event('end', '-');
    this.#finished = true;
  }

  async #script(): Promise<void> {
    const starts: Step[] = this.#spec.nodes.map((node) => ({
      at: node.startAt ?? 0,
      actions: [{ do: 'start', node: node.name, daemons: [] }],
    }));
    const steps = [...starts, ...this.#spec.script].sort((a, b) => a.at - b.at);
    for (const step of steps) await this.#step(step);
    await this.#until(this.#spec.seconds);
    const { againFrom } = this.#options;
    if (againFrom === undefined) return;
    for (let later = this.#spec.seconds - againFrom; ; later += this.#spec.seconds - againFrom) {
      for (const step of this.#spec.script) await this.#step({ ...step, at: step.at + later });
    }
  }

  /** Ends every process, removes every namespace, keeps the logs, packs captures and truth. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.beside?.close();
    this.#taps.stop();
    this.#network.remove();
    endProcesses(processesNaming(this.#run), 'SIGKILL', 2);
    this.#keepLogs();
    rmSync(this.#run, { recursive: true, force: true });
    pack(this.#out, /\.pcap$/);
    pack(join(this.#out, 'truth'), /\.json$/);
  }

  async #build(): Promise<void> {
    this.#network.addNode(SWITCH, true);
    for (const node of this.#spec.nodes) this.#network.addNode(node.name);
    for (const link of this.#spec.links) this.#network.addLink(link);
    for (const node of this.#spec.nodes) {
      const loopback = (node.loopback ?? []).map((address) => `ip addr add ${address} dev lo`);
      for (const command of [...loopback, ...(node.setup ?? [])])
        this.#network.shell(node.name, command);
    }
    for (const link of this.#tapped()) {
      const file = await this.#taps.start(link, this.#spec.precision);
      this.#event('capture_start', SWITCH, { iface: link, file: `${file}.gz`, filter: '' });
    }
  }

  async #step(step: Step): Promise<void> {
    await this.#until(step.at);
    if (step.event !== undefined) {
      const said = step.say === undefined ? {} : { say: step.say };
      this.#event(step.event, step.target ?? '-', { ...said, ...step.detail });
    }
    for (const action of step.actions) await this.#act(action);
  }

  async #act(action: Action): Promise<void> {
    switch (action.do) {
      case 'vtysh':
        return this.#complain(action.node, this.#daemons.vtysh(action.node, action.lines));
      case 'configure':
        return this.#complain(
          action.node,
          this.#daemons.vtysh(action.node, ['configure terminal', ...action.lines]),
        );
      case 'birdc':
        this.#daemons.birdc(action.node, action.command);
        return;
      case 'shell':
        this.#network.shell(action.node, action.command);
        return;
      case 'kill':
        return this.#daemons.kill(action.node, action.daemons);
      case 'start':
        return this.#start(action.node, action.daemons);
      case 'loss':
        return this.#network.addLoss(action.link, action.from, action.where, action.match);
      case 'heal':
        return this.#network.removeLoss(action.link);
      case 'cut':
        return this.#network.setCarrier(action.link, 'down');
      case 'restore':
        return this.#network.setCarrier(action.link, 'up');
      case 'truth':
        return this.#truth(action.label, action.only);
      case 'blind':
      case 'unblind':
        return this.#options.beside?.act(action);
    }
  }

  async #start(name: string, daemons: string[]): Promise<void> {
    const node = this.#spec.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`no node is called ${name}`);
    if (daemons.length > 0) return this.#daemons.start(name, daemons);
    return this.#daemons.startNode(node);
  }

  /** A script's vtysh line that FRR refuses is an error of the script. */
  #complain(node: string, said: string): void {
    if (/^% |Unknown command|failed to connect/im.test(said))
      throw new Error(`${node}: vtysh said: ${said.trim()}`);
  }

  #truth(label: string, only?: string[]): void {
    const items: TruthItem[] = [];
    for (const { node, via, commands } of this.#spec.truth) {
      if (only !== undefined && !only.includes(node)) continue;
      for (const cmd of commands) {
        const t = Date.now() / 1000;
        const said = this.#ask(node, via, cmd);
        items.push({ t, node, via, cmd, ...asJson(said) });
      }
    }
    const file = `${String(this.#truths++).padStart(2, '0')}-${label}.json`;
    const now = Date.now();
    const truth = { label, rel: this.#rel(now), t: now / 1000, items };
    writeFileSync(join(this.#out, 'truth', file), `${JSON.stringify(truth, null, 1)}\n`);
    this.#event('truth', '-', { label, file: `${file}.gz` });
  }

  #ask(node: string, via: 'vt' | 'birdc' | 'x', command: string): string {
    if (via === 'vt') return this.#daemons.vtysh(node, [command]);
    if (via === 'birdc') return this.#daemons.birdc(node, command);
    return this.#network.shell(node, command, false);
  }

  #event(event: string, target: string, detail: Record<string, unknown> = {}): void {
    const now = Date.now();
    const line = { t: now / 1000, rel: this.#rel(now), event, target, ...detail };
    appendFileSync(join(this.#out, 'events.jsonl'), `${JSON.stringify(line)}\n`);
    const { tell } = this.#options;
    if (tell !== undefined) return tell(line);
    const rest = Object.keys(detail).length === 0 ? '' : ` ${JSON.stringify(detail)}`;
    console.log(`${this.#spec.name} ${line.rel.toFixed(2).padStart(7)} ${event} ${target}${rest}`);
  }

  #rel(now: number): number {
    return (now - this.#zero) / 1000;
  }

  async #until(seconds: number): Promise<void> {
    const left = this.#zero + seconds * 1000 - Date.now();
    if (left > 0) await sleep(left);
  }

  #tapped(): string[] {
    return this.#spec.links.filter((link) => link.tap !== false).map((link) => link.name);
  }

  #keepLogs(): void {
    for (const node of this.#spec.nodes) {
      const folder = join(this.#run, node.name);
      if (!existsSync(folder)) continue;
      for (const file of readdirSync(folder)) {
        const wanted = this.#finished ? KEPT_LOGS.test(file) : file.endsWith('.log');
        const text = wanted ? readFileSync(join(folder, file)) : undefined;
        if (text !== undefined && text.length > 0)
          writeFileSync(join(this.#out, 'log', `${node.name}.${file}`), text);
      }
    }
  }
}

/** Runs `spec` into the folder `out` (made new; must not exist or be empty). Rejects if a step failed. */
export async function runLab(spec: LabSpec, out: string, options: RunOptions = {}): Promise<void> {
  const reason = whyNotRunnable();
  if (reason !== undefined) throw new Error(`lab ${spec.name} cannot run here: ${reason}`);
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new Error(`${out} is not empty: give a new folder`);
  removeLeftovers();
  const lab = new Lab(spec, out, options);
  const leave = (code: number) => {
    lab.close();
    process.exit(code);
  };
  const onSignal = () => leave(130);
  const onFault = (error: Error) => {
    lab.close();
    console.error(`lab ${spec.name}: ${error.stack ?? error.message}`);
    process.exit(1);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, onSignal);
  process.once('uncaughtException', onFault);
  const onLimit = () => {
    console.error(`lab ${spec.name}: still running ${GRACE} s after its end; ended by force`);
    leave(124);
  };
  const isEndless = options.againFrom !== undefined;
  const limit = isEndless ? undefined : setTimeout(onLimit, (spec.seconds + GRACE) * 1000);
  try {
    await lab.play();
  } finally {
    clearTimeout(limit);
    lab.close();
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.removeListener(name, onSignal);
    process.removeListener('uncaughtException', onFault);
  }
}

/** The command line of every lab file: `node infra/lab/<name>.ts --out DIR`. */
export async function runFromCommandLine(spec: LabSpec): Promise<void> {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true || values.out === undefined) {
    console.log(
      `${spec.about}\n\nusage: node infra/lab/${spec.name}.ts --out DIR   (root; ${spec.seconds} s)`,
    );
    process.exitCode = values.help === true ? 0 : 2;
    return;
  }
  try {
    await runLab(spec, resolve(values.out));
  } catch (error) {
    console.error(`lab ${spec.name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

/** Removes what runs that were killed have left: processes, namespaces, folders for temporary files. */
export function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${RUN_FOLDER}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const folder = join(tmpdir(), name);
    endProcesses(processesNaming(folder), 'SIGKILL', 2);
    rmSync(folder, { recursive: true, force: true });
  }
  Network.removeStale();
}

function asJson(said: string): { json: unknown } | { text: string } {
  try {
    return { json: JSON.parse(said) as unknown };
  } catch {
    return { text: said };
  }
}

/** Replaces each matching file by its gzip. */
function pack(folder: string, pattern: RegExp): void {
  for (const file of readdirSync(folder).filter((name) => pattern.test(name))) {
    const path = join(folder, file);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    rmSync(path);
  }
}
