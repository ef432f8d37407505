/** A part that fills ClickHouse goes on without it: where it is away, or lets nobody in, that is said once, and tried until it holds. */
import { ClickHouseError } from '@clickhouse/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Interrupt } from './interrupt.ts';
import { complain } from './output.ts';

/** Pauses between two tries, ms; the last one from then on. */
const RETRY_MS = [1000, 2000, 5000, 10_000];
/** So long all has to go well before it is said that it does: an insert that fails is tried for 9 s by itself. */
const WELL_MS = 15_000;
/** Codes of ClickHouse: unknown user, wrong password, password missing, authentication failed. */
const LOGIN = new Set(['192', '193', '194', '516']);
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_STREAM_PREMATURE_CLOSE']);
/** What the client's own errors say, which have no code. */
const NETWORK_TEXT = /^(Timeout error\.|socket hang up|aborted)/;

/** What waits for ClickHouse. */
export interface Waiting {
  /** Its address and user, for the message. */
  readonly server: { readonly url: string; readonly username: string };
  readonly interrupt: Interrupt;
  /** Is told why it waits. */
  readonly tell: (why: string) => void;
}

/** Runs `work` until it ends; begins it anew where ClickHouse is the reason that it cannot go on. Other errors go through. */
export async function goOnWithoutStore({ server, interrupt, tell }: Waiting, work: () => Promise<void>): Promise<void> {
  let last: string | undefined;
  for (let attempt = 0; ; attempt++) {
    const well = setTimeout(() => {
      if (last !== undefined) complain(`ClickHouse at ${server.url} takes rows again`);
      last = undefined;
      attempt = -1;
    }, WELL_MS);
    try {
      return await work();
    } catch (error) {
      const why = storeFault(error, server);
      if (why === undefined || interrupt.signal.aborted) throw error;
      if (why !== last) complain(`${why}. It is tried again until it holds; nothing is lost: events wait on Kafka`);
      last = why;
      tell(why);
    } finally {
      clearTimeout(well);
    }
    await Promise.race([interrupt.asked, sleep(RETRY_MS[Math.min(Math.max(attempt, 0), RETRY_MS.length - 1)], undefined, { ref: false })]);
    if (interrupt.signal.aborted) return;
  }
}

/** What ClickHouse has against us, and what to do; undefined where an error is not its. */
function storeFault(error: unknown, { url, username }: Waiting['server']): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ClickHouseError) {
    if (LOGIN.has(error.code)) return `ClickHouse at ${url} does not let ${username} in: user or password are wrong. Write the right password into the file of \`clickhouse.passwordFile\` (it is read at each try), or start again with another user or environment`;
    return `ClickHouse at ${url} refuses: ${firstLine(error)} (code ${error.code})`;
  }
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (NETWORK.has(code) || NETWORK_TEXT.test(error.message)) return `ClickHouse at ${url} does not answer (${firstLine(error) || code}): is it running, and is that its address?`;
  if (syscall === 'open') return `the password for ClickHouse at ${url} cannot be read: ${firstLine(error)}`;
  return undefined;
}

function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0]!.slice(0, 300);
}
