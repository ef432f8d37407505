/** Ctrl-C, SIGTERM and SIGHUP: the first asks for a clean end, one a second later ends at once. */
import { EXIT, complain } from './output.ts';

/** A terminal sends Ctrl-C to the whole process group, and the launcher passes it on: both are one. */
const SAME_MS = 700;

export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly asked: Promise<void>;
}

/** From now on signals do not end the process by themselves. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => { controller.signal.addEventListener('abort', () => { resolve(); }); });
  let first: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (first === undefined) {
        first = performance.now();
        controller.abort();
        if (process.stderr.isTTY) complain('ending; once more ends at once');
      } else if (performance.now() - first > SAME_MS) process.exit(EXIT.interrupted);
    });
  }
  return { signal: controller.signal, asked };
}
