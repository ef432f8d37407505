/** For tests: entries to and exits from `established` against the ADJCHANGE lines of bgpd's own log, in order of each view. */
import type { Row } from '../../contract/row-reader.ts';
import type { BgpSessionChange } from '../../../infra/lab/truth/frr-log.ts';

/** What a row says of the session as a log line does. */
export interface SessionStep {
  readonly time: bigint;
  /** The name of the router whose view it is. */
  readonly router: string;
  readonly neighbor: string;
  readonly state: 'up' | 'down';
  readonly reason: string;
}

/** The steps into and out of `established` of routers that `nodeOf` names by an address of theirs; others write no log. */
export function sessionSteps(rows: readonly Row[], nodeOf: (address: string) => string | undefined): SessionStep[] {
  return rows.flatMap((row) => {
    const router = nodeOf(String(row['router']));
    if (router === undefined || (row['state'] !== 'established' && row['prev_state'] !== 'established')) return [];
    return [{ time: row['time'] as bigint, router, neighbor: String(row['peer']), state: row['state'] === 'established' ? 'up' as const : 'down' as const, reason: String(row['reason']) }];
  });
}

/** Pairs each line with the first unused step of the same view and state within `windowNs`; steps before it cannot come later. */
export function matchSessions(lines: readonly BgpSessionChange[], steps: readonly SessionStep[], windowNs: bigint): { pairs: { line: BgpSessionChange; step: SessionStep }[]; missing: BgpSessionChange[]; extra: SessionStep[] } {
  const used = new Set<SessionStep>();
  const last = new Map<string, number>();
  const pairs: { line: BgpSessionChange; step: SessionStep }[] = [];
  const missing: BgpSessionChange[] = [];
  for (const line of lines) {
    const view = `${line.router} ${line.neighbor}`;
    const index = steps.findIndex((step, at) => !used.has(step) && at > (last.get(view) ?? -1) && step.router === line.router && step.neighbor === line.neighbor
      && step.state === line.state && apart(step.time, line.time) <= windowNs);
    const step = steps[index];
    if (step === undefined) missing.push(line);
    else {
      used.add(step);
      last.set(view, index);
      pairs.push({ line, step });
    }
  }
  return { pairs, missing, extra: steps.filter((step) => !used.has(step)) };
}

function apart(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}
