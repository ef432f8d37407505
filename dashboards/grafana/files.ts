/** Every file of provisioning/ by its path: `make generate` writes them. */
import { dataSource } from './kit/query.ts';
import { alertingFile } from './kit/rule.ts';
import { toYaml } from './kit/yaml.ts';
import { engineRules } from './rules/engine.ts';
import { eventRules } from './rules/events.ts';
import { pipelineRules } from './rules/pipeline.ts';
import { dashboards } from './source/index.ts';

const from = '# Generated from dashboards/grafana by `npm run generate`; do not edit.\n';

/** Where the dashboards lie inside Grafana when provisioning/ is mounted at its usual place. */
const mounted = '/etc/grafana/provisioning/dashboards/routewatch';

/** Address, user and password come from Grafana's environment: one file for every installation. */
const dataSources = {
  apiVersion: 1,
  datasources: [{
    name: 'RouteWatch', uid: dataSource.uid, type: dataSource.type, access: 'proxy', orgId: 1, isDefault: true, editable: false,
    jsonData: {
      host: '$__env{ROUTEWATCH_CLICKHOUSE_HOST}', port: '$__env{ROUTEWATCH_CLICKHOUSE_PORT}', protocol: 'http', username: '$__env{ROUTEWATCH_CLICKHOUSE_USER}', defaultDatabase: 'routewatch',
      dialTimeout: '10', queryTimeout: '60',
    },
    secureJsonData: { password: '$__env{ROUTEWATCH_CLICKHOUSE_PASSWORD}' },
  }],
};

const provider = {
  apiVersion: 1,
  providers: [{
    name: 'RouteWatch', orgId: 1, folder: 'RouteWatch', folderUid: 'routewatch', type: 'file', disableDeletion: false, allowUiUpdates: false, updateIntervalSeconds: 60, options: { path: mounted },
  }],
};

/** Path from the project's root to content. */
export function grafanaFiles(): Map<string, string> {
  const at = 'dashboards/grafana/provisioning';
  return new Map([
    [`${at}/datasources/routewatch.yaml`, from + toYaml(dataSources)],
    [`${at}/dashboards/routewatch.yaml`, from + toYaml(provider)],
    ...[pipelineRules, engineRules, eventRules].map((group): [string, string] => [`${at}/alerting/${group.name}.yaml`, from + toYaml(alertingFile(group))]),
    ...dashboards.map((dashboard): [string, string] => [`${at}/dashboards/routewatch/${dashboard.uid ?? ''}.json`, `${JSON.stringify(dashboard, null, 2)}\n`]),
  ]);
}
