/** Every dashboard, in the order in which people go through them. */
import type { Dashboard } from '@grafana/schema';
import { fleet } from './fleet.ts';
import { isisDashboard } from './isis.ts';
import { ospfDashboard } from './ospf.ts';
import { pipelineDashboard } from './pipeline.ts';
import { routesDashboard } from './routes.ts';
import { sessionsDashboard } from './sessions.ts';
import { topologyDashboard } from './topology.ts';

export const dashboards: readonly Dashboard[] = [fleet, isisDashboard, ospfDashboard, sessionsDashboard, routesDashboard, topologyDashboard, pipelineDashboard];
