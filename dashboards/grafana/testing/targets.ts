/** The queries of a dashboard, and its variables at All, for tests. */
import type { Dashboard, Panel, RowPanel } from '@grafana/schema';
import type { ClickHouseQuery } from '../kit/query.ts';
import { ALL, type VariableValues } from './expand.ts';

export function panelsOf(dashboard: Dashboard): Panel[] {
  return (dashboard.panels ?? []).filter((panel: Panel | RowPanel): panel is Panel => panel.type !== 'row');
}

export function targetsOf(panel: Panel): ClickHouseQuery[] {
  return (panel.targets ?? []) as unknown as ClickHouseQuery[];
}

export function variablesOf(dashboard: Dashboard, values: (name: string) => string | readonly string[]): VariableValues {
  return Object.fromEntries((dashboard.templating?.list ?? []).map((variable) => [variable.name, values(variable.name)]));
}

/** All of everything; a text is empty. */
export function allOf(dashboard: Dashboard): VariableValues {
  return variablesOf(dashboard, (name) => (name === 'prefix' ? '' : ALL));
}
