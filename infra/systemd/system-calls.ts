/** Which system calls a unit allows, by its file and systemd's own groups, and which of those that a program made are not among them. */
import { readFileSync } from 'node:fs';
import { run } from '../dev/checks/tools.ts';

/** libuv looks for io_uring, and does without where it is refused. SQLite gives its files to the directory's owner, where it runs as root (as in a test). */
const DONE_WITHOUT = ['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'fchown'];

/** What `strace` is told to leave out, since it costs too much: all of it is in systemd's @default, @basic-io, @io-event and @file-system. */
export const FREQUENT = ['read', 'write', 'futex', 'epoll_wait', 'epoll_pwait', 'mmap', 'munmap', 'mprotect', 'madvise', 'clock_gettime', 'pread64', 'pwrite64', 'close', 'lseek', 'fstat', 'newfstatat', 'statx', 'openat'];

/** The command before another one that has its system calls written to a file. */
export function traced(file: string): string[] {
  return ['strace', '-f', '--seccomp-bpf', '-qq', '-o', file, '-e', `trace=!${FREQUENT.join(',')}`];
}

/** The calls in a file of `strace -f` that the unit would refuse. */
export function refusedCalls(unit: string, trace: string): string[] {
  const allowed = allowedCalls(readFileSync(unit, 'utf8'));
  const made = new Set([...readFileSync(trace, 'utf8').matchAll(/^\d+ +(?:<\.\.\. )?([a-z0-9_]+)/gm)].map(([, name]) => name!));
  return [...made, ...FREQUENT].filter((name) => !allowed.has(name) && !DONE_WITHOUT.includes(name)).toSorted();
}

/** Lines of SystemCallFilter= in order: the first allows, one with ~ takes away (systemd.exec(5)). */
function allowedCalls(unit: string): Set<string> {
  const allowed = new Set<string>();
  for (const [, away, words] of unit.matchAll(/^SystemCallFilter=(~?)(.+)$/gm)) {
    for (const name of words!.split(' ').flatMap(callsOf)) {
      if (away === '') allowed.add(name);
      else allowed.delete(name);
    }
  }
  return allowed;
}

function callsOf(word: string): string[] {
  if (!word.startsWith('@')) return [word];
  const lines = run('systemd-analyze', ['syscall-filter', word]).out.split('\n').slice(1).map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).flatMap(callsOf);
}
