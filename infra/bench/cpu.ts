/** CPU time of whole processes (user and system, all threads), and what rounds of measurements say. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What one run took. */
export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Standard output, where it was asked for. */
  readonly output: string;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Give standard output back; else it goes to /dev/null. */
  readonly keepOutput?: boolean;
}

/** As the command has it (cli/routewatch.mjs). */
const NODE_COMPILE_CACHE = join(import.meta.dirname, '../../build/compile-cache');
/** A run that takes longer is ended. */
const PATIENCE_MS = 300_000;

/** Bash has the time of a child by getrusage, in ms; /usr/bin/time and other shells count in 10 ms. */
const TIMED = 'TIMEFORMAT="cpu %3U %3S"; time "$@" 2>/dev/null';
const TIMED_SILENT = 'TIMEFORMAT="cpu %3U %3S"; time "$@" >/dev/null 2>&1';

/** Runs a command to its end; throws when it fails. */
export async function runTimed(command: Command): Promise<Cost> {
  const script = command.keepOutput === true ? TIMED : TIMED_SILENT;
  const began = performance.now();
  const child = spawn('bash', ['-c', script, 'bash', command.file, ...command.args], {
    stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS, env: { ...process.env, LC_ALL: 'C', NODE_OPTIONS: '', NODE_COMPILE_CACHE },
  });
  const [output, errors, code] = await Promise.all([
    text(child.stdout), text(child.stderr), new Promise<number | null>((resolve, reject) => { child.once('close', resolve).once('error', reject); }),
  ]);
  const times = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(errors);
  if (code !== 0 || times === null) throw new Error(`${command.file} ${command.args.join(' ')} ended with ${code ?? 'a signal'}: run it by hand to see why`);
  return { cpuMs: (Number(times[1]) + Number(times[2])) * 1000, wallMs: performance.now() - began, output };
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** Values of the rounds of one thing. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly rounds: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { min: sorted[0]!, median, rounds: sorted.length };
}

/** Runs every measurement once a round, one after the other, so that what disturbs the machine disturbs them all alike. */
export async function interleaved<T>(rounds: number, measurements: ReadonlyMap<string, () => Promise<T>>, told: (name: string, round: number) => void): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>([...measurements.keys()].map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, measure] of measurements) {
      told(name, round);
      results.get(name)!.push(await measure());
    }
  }
  return results;
}
