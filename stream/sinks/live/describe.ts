/** Rows as events for people: who, what, from what to what, why, and one readable line. One entry a table. */
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import type { LiveEvent } from '../../contract/live.ts';

type Said = Pick<LiveEvent, 'router' | 'routerName' | 'subject' | 'previous' | 'next' | 'reason' | 'severity' | 'line' | 'alert'>;

const text = (row: Row, column: string): string => String(row[column] ?? '');
const named = (id: string, name: string): string => (name === '' || name === id ? id : `${name} (${id})`);

/** Adjacency states from good to bad: going down this list is a loss. */
const good = new Set(['up', 'full']);

function adjacency(row: Row): Said {
  const router = text(row, 'router');
  const previous = text(row, 'prev_state');
  const next = text(row, 'state');
  const neighbor = named(text(row, 'neighbor'), text(row, 'neighbor_name'));
  const level = row['level'] === 0 ? '' : ` L${text(row, 'level')}`;
  const where = text(row, 'area') === '' ? level : ` area ${text(row, 'area')}`;
  const severity = good.has(next) ? 'good' : good.has(previous) ? 'loss' : 'info';
  return {
    router, routerName: text(row, 'router_name'), subject: `${text(row, 'protocol')}${where} neighbor ${neighbor}`,
    previous, next, reason: text(row, 'reason'), severity: row['initial'] === true && severity === 'loss' ? 'info' : severity,
    line: `${text(row, 'protocol')}${where} ${named(router, text(row, 'router_name'))} -> ${neighbor} on ${text(row, 'link')}: ${previous} -> ${next} (${text(row, 'reason')})`,
  };
}

function session(row: Row): Said {
  const previous = text(row, 'prev_state');
  const next = text(row, 'state');
  const code = row['code'] === 0 ? '' : ` ${text(row, 'code')}/${text(row, 'subcode')}`;
  const words = text(row, 'shutdown_text') === '' ? '' : ` "${text(row, 'shutdown_text')}"`;
  const as = (column: string): string => (row[column] === 0 ? '' : ` AS${text(row, column)}`);
  return {
    router: text(row, 'router'), routerName: '', subject: `bgp peer ${text(row, 'peer')}${as('peer_as')}`, previous, next, reason: `${text(row, 'reason')}${code}`,
    severity: next === 'established' ? 'good' : previous === 'established' ? 'loss' : 'info',
    line: `bgp ${text(row, 'router')}${as('router_as')} -> ${text(row, 'peer')}${as('peer_as')}: ${previous} -> ${next} (${text(row, 'reason')}${code})${words}`,
  };
}

function topology(row: Row): Said {
  const value = (number: string, words: string): string => (row[number] === null || row[number] === undefined ? text(row, words) : text(row, number));
  const previous = value('old_number', 'old_text');
  const next = value('new_number', 'new_text');
  const subject = `${text(row, 'object_type')} ${text(row, 'object_key')}`;
  const change = text(row, 'change');
  const level = row['level'] === 0 ? '' : ` L${text(row, 'level')}`;
  return {
    router: text(row, 'router'), routerName: text(row, 'router_name'), subject: `${text(row, 'protocol')}${level} ${subject}`, previous, next,
    reason: `${text(row, 'field')} ${change}`, severity: 'info',
    line: `${text(row, 'protocol')}${level} topology: ${subject} ${change === 'changed' ? `${text(row, 'field')} ${previous} -> ${next}` : change}`,
  };
}

function routeChange(row: Row): Said {
  const verbs: Record<string, string> = {
    tup: 'announces', tdown: 'withdraws', aadiff: 'changes', aadup: 'repeats', wwdup: 'withdraws again',
  };
  const change = text(row, 'change_class');
  const verb = verbs[change] ?? change;
  return {
    router: text(row, 'sender'), routerName: '', subject: `route ${text(row, 'prefix')} to ${text(row, 'receiver')}`, previous: '', next: verb, reason: change,
    severity: 'info', line: `bgp ${text(row, 'sender')} ${verb} ${text(row, 'prefix')} to ${text(row, 'receiver')}${row['origin_as'] === 0 ? '' : ` (origin AS${text(row, 'origin_as')})`}`,
  };
}

function ribMark(row: Row): Said {
  return {
    router: text(row, 'receiver'), routerName: '', subject: `${text(row, 'afi_safi')} routes from ${text(row, 'sender')}`, previous: '', next: text(row, 'mark'),
    reason: text(row, 'reason'), severity: 'info',
    line: `bgp ${text(row, 'receiver')}: ${text(row, 'routes')} ${text(row, 'afi_safi')} routes from ${text(row, 'sender')} ${text(row, 'mark')} (${text(row, 'reason')})`,
  };
}

function coverage(row: Row): Said {
  const what = text(row, 'what');
  return {
    router: '', routerName: '', subject: `tap ${text(row, 'subject')}`, previous: '', next: what, reason: text(row, 'detail'),
    severity: what === 'coverage-lost' ? 'loss' : what === 'gap' || what === 'coverage-suspect' || what === 'state-reset' ? 'error' : 'info',
    line: `coverage ${what} ${text(row, 'subject')}: ${text(row, 'detail')}`,
  };
}

function protocolError(row: Row): Said {
  const receiver = text(row, 'receiver') === '' ? '' : ` at ${text(row, 'receiver')}`;
  return {
    router: text(row, 'sender'), routerName: '', subject: `${text(row, 'protocol')} from ${text(row, 'sender')}`, previous: '', next: text(row, 'error'),
    reason: text(row, 'detail'), severity: 'error',
    line: `${text(row, 'protocol')} error ${text(row, 'error')} from ${text(row, 'sender')}${receiver}${text(row, 'detail') === '' ? '' : `: ${text(row, 'detail')}`}`,
  };
}

function quarantined(row: Row): Said {
  return {
    router: '', routerName: '', subject: `${text(row, 'protocol')} frame on ${text(row, 'link')}`, previous: '', next: 'quarantine', reason: text(row, 'error'),
    severity: 'error', line: `quarantine ${text(row, 'protocol')} frame on ${text(row, 'link')}: ${text(row, 'error')} at byte ${text(row, 'error_offset')}`,
  };
}

function alert(row: Row): Said {
  const state = text(row, 'state');
  const severity = text(row, 'severity');
  return {
    router: text(row, 'router'), routerName: text(row, 'router_name'), subject: text(row, 'subject'), previous: state === 'resolved' ? 'firing' : '', next: state, reason: text(row, 'reason'),
    severity: state === 'resolved' ? 'good' : severity === 'info' ? 'info' : severity === 'warning' ? 'error' : 'loss',
    line: `alert ${severity} ${state}: ${text(row, 'summary')}`,
    alert: {
      alert_id: text(row, 'alert_id'), rule: text(row, 'rule'), severity, protocol: text(row, 'protocol'), neighbor: text(row, 'neighbor'), neighbor_name: text(row, 'neighbor_name'),
      summary: text(row, 'summary'), evidence: text(row, 'evidence'), untold: text(row, 'untold'), incident: text(row, 'incident'), labels: text(row, 'labels'), related: text(row, 'related'),
      events: text(row, 'events'), since_ns: text(row, 'since'),
    },
  };
}

const described: Readonly<Record<string, (row: Row) => Said>> = {
  adjacency_events: adjacency,
  session_events: session,
  topology_changes: topology,
  route_changes: routeChange,
  rib_marks: ribMark,
  coverage_events: coverage,
  protocol_errors: protocolError,
  quarantine: quarantined,
  alerts: alert,
};

/** Tables whose rows are events for people. */
export const liveTables: ReadonlySet<string> = new Set(Object.keys(described));

/** The event of a row of one of `liveTables`. */
export function describe(table: string, row: Row): LiveEvent {
  return {
    id: text(row, 'event_id'), table, type: text(row, 'event_type'), time: text(row, 'time'), decidedTime: text(row, 'decided_time'),
    domain: text(row, 'domain'), link: text(row, 'link'), initial: row['initial'] === true, ...described[table]!(row),
  };
}
