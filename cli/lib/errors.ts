/** Errors as the user reads them: one message, and the exit code that goes with it. */
import { CaptureError } from '../../collectors/inputs/pcap/index.ts';
import { KafkaError } from '../../stream/log/kafka/index.ts';
import { MigrationError } from '../../stream/store/index.ts';
import { EXIT, UnavailableError, UsageError } from './output.ts';
import { SqlError } from './sql.ts';

/** What to try, by the system's error code. */
const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room and run the same command again; it goes on where it stopped',
  EDQUOT: 'your disk quota is used up: make room and run the same command again; it goes on where it stopped',
  EROFS: 'the file system is read-only: name another directory with --data',
  EACCES: 'permission is missing: change it, or name another file or directory',
  EPERM: 'permission is missing: change it, or name another file or directory',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  EIO: 'the disk cannot be read or written: look into the kernel log (dmesg)',
  EADDRINUSE: 'another program has that port: stop it, or choose another one in the configuration file (0: a free one)',
};

/** Faults that only a mistake of ours makes. */
const ourFaults = [TypeError, RangeError, ReferenceError, SyntaxError];

/** One line (or a list) for the user, and the exit code. */
export function explainError(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof UsageError || error instanceof CaptureError) return { text: error.message, code: EXIT.usage };
  if (error instanceof UnavailableError) return { text: error.message, code: EXIT.unavailable };
  if (error instanceof SqlError) return { text: error.message, code: error.usersOwn ? EXIT.usage : EXIT.failed };
  if (error instanceof MigrationError) return { text: error.message, code: EXIT.failed };
  if (error instanceof KafkaError) return { text: error.message, code: error.fault === 'unreachable' ? EXIT.unavailable : EXIT.failed };
  if (!(error instanceof Error)) return { text: String(error), code: EXIT.failed };
  const { code } = error as NodeJS.ErrnoException;
  const full = code === 'ERR_SQLITE_ERROR' && /disk is full/.test(error.message) ? 'ENOSPC' : code ?? '';
  if (advice[full] !== undefined) return { text: `${error.message}: ${advice[full]}`, code: EXIT.failed };
  if (ourFaults.some((kind) => error instanceof kind) && !/fetch failed/.test(error.message)) {
    return { text: `${error.message}. This is a fault of RouteWatch's: please report it with what ROUTEWATCH_DEBUG=1 prints`, code: EXIT.internal };
  }
  return { text: error.cause instanceof Error && error.message === 'fetch failed' ? `the store does not answer: ${error.cause.message}` : error.message, code: EXIT.failed };
}
