/** What the tests of the command share: the real launcher in a process of its own, scratch directories, the lab's captures. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
export const launcher = join(root, 'cli', 'routewatch.mjs');
/** What the launcher starts: saves the start of a second runtime where the launcher itself is not the question. */
const main = ['--disable-warning=ExperimentalWarning', join(root, 'cli', 'main.ts')];
const captures = join(root, 'infra', 'lab', 'captures');

/** A command may take this long until it is asked to end, and then until it must, ms. */
const LONGEST_MS = 90_000;
const LAST_MS = 10_000;

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly process: ChildProcess;
  /** What was printed so far. */
  readonly out: () => string;
  readonly ended: Promise<Ran>;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Standard input; empty without. */
  readonly input?: string | Uint8Array;
  /** For a command that stays up, ms. */
  readonly longestMs?: number;
}

/** Starts `routewatch` by its launcher with these words; one that does not end is ended. */
export function start(words: readonly string[], options: RunOptions = {}): Running {
  return startOf([launcher], words, options);
}

/** As `start`, without the launcher before it: what is killed is the command itself. */
export function startDirectly(words: readonly string[], options: RunOptions = {}): Running {
  return startOf(main, words, options);
}

function startOf(program: readonly string[], words: readonly string[], { cwd, input, longestMs = LONGEST_MS }: RunOptions): Running {
  const child = spawn(process.execPath, [...program, ...words], { cwd: cwd ?? root, stdio: ['pipe', 'pipe', 'pipe'] });
  const pieces = { out: [] as Buffer[], err: [] as Buffer[] };
  child.stdout.on('data', (piece: Buffer) => pieces.out.push(piece));
  child.stderr.on('data', (piece: Buffer) => pieces.err.push(piece));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  let timer = setTimeout(() => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), LAST_MS);
  }, longestMs);
  const out = (): string => Buffer.concat(pieces.out).toString('utf8');
  const ended = new Promise<Ran>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, out: out(), err: Buffer.concat(pieces.err).toString('utf8') });
    });
  });
  return { process: child, out, ended };
}

/** Runs `routewatch` with these words to its end. */
export function routewatch(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return startOf(main, words, options).ended;
}

/** Waits until the command has printed the text; throws with what it printed instead. */
export async function printed(running: Running, text: string): Promise<string> {
  for (const until = performance.now() + LONGEST_MS; performance.now() < until && running.process.exitCode === null; await sleep(50)) {
    if (running.out().includes(text)) return running.out();
  }
  if (running.out().includes(text)) return running.out();
  const { code, out, err } = await running.ended;
  throw new Error(`"${text}" was not printed; exit code ${code}, output:\n${out}\n${err}`);
}

/** Captures of a shipped lab. */
export function labCaptures(lab: string): string[] {
  return readdirSync(join(captures, lab)).filter((name) => name.endsWith('.pcap.gz')).toSorted().map((name) => join(captures, lab, name));
}

export interface LabEvent {
  /** Seconds since 1970 by the captures' clock. */
  readonly t: number;
  readonly event: string;
  readonly target: string;
}

/** What was done in a shipped lab. */
export function labEvents(lab: string): LabEvent[] {
  return readFileSync(join(captures, lab, 'events.jsonl'), 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as LabEvent);
}

export interface Scratch {
  readonly path: (name: string) => string;
  readonly remove: () => void;
}

export function scratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-cli-'));
  return { path: (name) => join(directory, name), remove: () => { rmSync(directory, { recursive: true, force: true, maxRetries: 5 }); } };
}

/** Rows of `--json` or ndjson output. */
export function rowsOf(ran: Ran): Record<string, unknown>[] {
  if (ran.code !== 0) throw new Error(`exit code ${ran.code}: ${ran.err}`);
  const text = ran.out.trim();
  return text.startsWith('[') ? JSON.parse(text) as Record<string, unknown>[] : text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}
