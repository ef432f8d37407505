/** What the figures were had on. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** One line: processor, cores, memory, kernel, Node. */
export function describeMachine(): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${gigabytes} GiB; Linux ${release()}; Node ${process.version}`;
}

/** Load of the last minute: above the cores' number, the figures are of a machine with other work. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** The commit that is measured, with a + when files differ from it. */
export function describeCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no', '../../decoders-wasm', '../../collectors', '../../stream') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}
