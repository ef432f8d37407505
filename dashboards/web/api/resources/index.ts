/** All resources of the API: a line each. */
import type { Resource } from '../resource.ts';
import { adjacencies } from './adjacencies.ts';
import { alerts } from './alerts.ts';
import { auditEvents } from './audit-events.ts';
import { cookbook } from './cookbook.ts';
import { coverage } from './coverage.ts';
import { events } from './events.ts';
import { addExpected, freezeExpected, learnExpected, listExpected, removeExpected, setExpected } from './expected-neighbors.ts';
import { interfaces, inventory, routers } from './inventory.ts';
import { lsdb } from './lsdb.ts';
import { addWindow, listWindows, removeWindow } from './maintenance-windows.ts';
import { neighborCounts } from './neighbor-counts.ts';
import { missingNeighbors, neighbors } from './neighbors.ts';
import { packets } from './packets.ts';
import { query } from './query.ts';
import { rib } from './rib.ts';
import { routes } from './routes.ts';
import { sessions } from './sessions.ts';
import { collectors, taps } from './taps.ts';
import { timeline } from './timeline.ts';
import { topology } from './topology.ts';

export const resources: readonly Resource[] = [
  alerts, adjacencies, neighbors, missingNeighbors, neighborCounts, sessions, routes, rib, lsdb, topology, timeline, coverage, taps, collectors,
  routers, inventory, interfaces, packets, query, cookbook, events,
  listExpected, addExpected, setExpected, removeExpected, learnExpected, freezeExpected, listWindows, addWindow, removeWindow, auditEvents,
];
