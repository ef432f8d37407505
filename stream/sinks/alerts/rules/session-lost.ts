/** A BGP session left established. */
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import { type Finding, fromRow, type Input, isOurOwn, labelsOf, type Rule, text } from '../rule.ts';

/** A peer that restarts gracefully has so long to come back (the time that it asked for is in its OPEN, not in the rows), ms. */
const RESTART_MS = 120_000;

export const sessionLost: Rule = {
  name: 'session-lost',
  severity: 'error',
  meaning: 'A BGP session left established; one that restarts gracefully only where it does not come back in time, or has lost its forwarding state.',
  tables: ['session_events', 'rib_marks'],
  waitMs: 500,
  firesAnyway: true,
  holdMs: 10_000,
  judge: ({ table, row }: Input) => (table === 'session_events' ? session(row) : mark(row)),
};

/** Link-local addresses name a session with their link only. */
function keyOf(row: Row, ends: readonly [string, string]): string {
  return [text(row, 'domain'), text(row, 'network_instance'), ...ends.toSorted(), ends[0].startsWith('fe80:') ? text(row, 'link') : ''].join('\n');
}

function session(row: Row): Finding[] {
  const [router, peer] = [text(row, 'router'), text(row, 'peer')];
  const [from, to] = [text(row, 'prev_state'), text(row, 'state')];
  const base = describe(row, router, peer);
  if (isOurOwn(row)) return [{ ...base, says: 'void' }];
  if (to === 'established') return [{ ...base, says: 'well' }];
  if (from === 'established' && row['initial'] !== true) return [{ ...base, says: 'lost' }];
  return [{ ...base, says: 'unwell' }];
}

function describe(row: Row, router: string, peer: string): Omit<Finding, 'says'> {
  const as = (column: string): string => (row[column] === 0 ? '' : ` AS${text(row, column)}`);
  const code = row['code'] === 0 ? '' : ` ${text(row, 'code')}/${text(row, 'subcode')}`;
  const words = text(row, 'shutdown_text') === '' ? '' : ` "${text(row, 'shutdown_text')}"`;
  const why = `${text(row, 'reason')}${code}${words}`;
  return {
    key: keyOf(row, [router, peer]), part: router, ...fromRow(row),
    subject: `BGP session ${router}${as('router_as')} - ${peer}${as('peer_as')}`,
    summary: `The BGP session of ${router}${as('router_as')} with ${peer}${as('peer_as')} left established: ${why}.`,
    reason: why,
    labels: labelsOf({
      domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: 'bgp', router, neighbor: peer, link: text(row, 'link'), tap: text(row, 'tap'),
      router_as: row['router_as'] === 0 ? '' : text(row, 'router_as'), neighbor_as: row['peer_as'] === 0 ? '' : text(row, 'peer_as'),
      router_id: text(row, 'router_id'), neighbor_id: text(row, 'peer_id'), code: row['code'] === 0 ? '' : text(row, 'code'), subcode: row['code'] === 0 ? '' : text(row, 'subcode'), shutdown_text: text(row, 'shutdown_text'), state: text(row, 'state'), prev_state: text(row, 'prev_state'),
    }),
    line: `bgp ${router} -> ${peer}: ${text(row, 'prev_state')} -> ${text(row, 'state')} (${why})`,
  };
}

/** RFC 4724: routes kept as stale say that the loss is a planned one; what follows says whether it went well. */
const broken = new Set(['restart-timer-expired', 'forwarding-state-lost', 'family-not-renegotiated', 'llgr-expired']);

function mark(row: Row): Finding[] {
  const isPlanned = row['mark'] === 'stale';
  if (!isPlanned && !broken.has(text(row, 'reason'))) return [];
  const base = describe(row, text(row, 'receiver'), text(row, 'sender'));
  const line = `bgp ${text(row, 'receiver')}: ${text(row, 'routes')} ${text(row, 'afi_safi')} routes of ${text(row, 'sender')} ${text(row, 'mark')} (${text(row, 'reason')})`;
  return [isPlanned ? { ...base, says: 'planned', forMs: RESTART_MS, line } : { ...base, says: 'confirmed', line }];
}
