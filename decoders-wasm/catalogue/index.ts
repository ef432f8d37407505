/** The catalogue: every table whose rows come from frames or reports, one line each. */
import { adjacencyEvents } from './adjacency-events.ts';
import { alerts } from './alerts.ts';
import { coverageEvents } from './coverage-events.ts';
import { lsdbChanges } from './lsdb-changes.ts';
import { neighborCounts } from './neighbor-counts.ts';
import { operatorChanges } from './operator-changes.ts';
import { pathAttributes } from './path-attributes.ts';
import { protocolErrors } from './protocol-errors.ts';
import { quarantine } from './quarantine.ts';
import { ribMarks } from './rib-marks.ts';
import { routeChanges } from './route-changes.ts';
import { routerNames } from './router-names.ts';
import { sessionEvents } from './session-events.ts';
import { topologyChanges } from './topology-changes.ts';
import type { Table } from './define.ts';

export const catalogue: readonly Table[] = [
  adjacencyEvents,
  neighborCounts,
  topologyChanges,
  routeChanges,
  pathAttributes,
  ribMarks,
  sessionEvents,
  protocolErrors,
  coverageEvents,
  quarantine,
  routerNames,
  lsdbChanges,
  alerts,
  operatorChanges,
];

export { envelope } from './envelope.ts';
export type { Column, Current, EventType, Severity, Table, Wire } from './define.ts';
