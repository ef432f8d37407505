/** What Grafana's documentation of file provisioning allows in the files that we ship; strict, so that a misspelt field is an error. */
import { z } from 'zod';

const duration = z.string().regex(/^\d+(ms|s|m|h|d|w|y)$/);
const uid = z.string().regex(/^[a-zA-Z0-9_-]{1,40}$/);
const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
/** Grafana replaces what begins with a dollar in these texts by its environment. */
const noDollar = z.string().regex(/^[^$]*$/);
const env = z.string().regex(/^\$__env\{[A-Z_]+\}$/);

const source = z.strictObject({ type: z.string(), uid: z.string() });
const range = z.strictObject({ from: z.int().positive(), to: z.literal(0) });

const clickHouseModel = z.strictObject({
  refId: z.string(), datasource: source, editorType: z.literal('sql'), queryType: z.enum(['table', 'timeseries']), format: z.union([z.literal(0), z.literal(1)]),
  rawSql: z.string().min(1), pluginVersion: z.string(), intervalMs: z.int(), maxDataPoints: z.int(),
});
const thresholdModel = z.strictObject({
  refId: z.string(), type: z.literal('threshold'), expression: z.string(), datasource: z.strictObject({ type: z.literal('__expr__'), uid: z.literal('__expr__') }),
  conditions: z.array(z.strictObject({ evaluator: z.strictObject({ type: z.enum(['gt', 'lt', 'within_range', 'outside_range']), params: z.array(z.number()).min(1) }) })).length(1),
  intervalMs: z.int(), maxDataPoints: z.int(),
});

const rule = z.strictObject({
  uid, title: noDollar, condition: z.string(), for: duration, isPaused: z.boolean(),
  noDataState: z.enum(['NoData', 'Alerting', 'OK', 'KeepLast']), execErrState: z.enum(['Error', 'Alerting', 'OK', 'KeepLast']),
  dashboardUid: uid, panelId: z.int().positive(), labels: z.record(labelName, noDollar), annotations: z.record(labelName, z.string()),
  data: z.array(z.strictObject({ refId: z.string(), relativeTimeRange: range, datasourceUid: z.string(), model: z.union([clickHouseModel, thresholdModel]) })).min(1),
}).refine((value) => value.data.some((query) => query.refId === value.condition), 'the condition names no query of the rule')
  .refine((value) => value.data.every((query) => query.model.refId === query.refId && query.model.datasource.uid === query.datasourceUid), 'query and model disagree')
  .refine((value) => value.data.every(({ model }) => !('expression' in model) || value.data.some((query) => query.refId === model.expression)), 'an expression names no query of the rule');

/** A file of provisioning/alerting. */
export const alerting = z.strictObject({
  apiVersion: z.literal(1),
  groups: z.array(z.strictObject({ orgId: z.literal(1), name: noDollar, folder: noDollar, interval: duration, rules: z.array(rule).min(1) })).min(1),
});

/** A file of provisioning/datasources; `jsonData` as the ClickHouse plugin reads it. */
export const dataSources = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(z.strictObject({
    name: z.string(), uid, type: z.literal('grafana-clickhouse-datasource'), access: z.literal('proxy'), orgId: z.literal(1), isDefault: z.boolean(), editable: z.boolean(),
    jsonData: z.strictObject({ host: env, port: env, protocol: z.enum(['http', 'native']), username: env, defaultDatabase: z.string(), dialTimeout: z.string().regex(/^\d+$/), queryTimeout: z.string().regex(/^\d+$/) }),
    secureJsonData: z.strictObject({ password: env }),
  })).length(1),
});

/** A file of provisioning/dashboards. */
export const providers = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(z.strictObject({
    name: z.string(), orgId: z.literal(1), folder: noDollar, folderUid: uid, type: z.literal('file'), disableDeletion: z.boolean(), allowUiUpdates: z.boolean(),
    updateIntervalSeconds: z.int().min(10), options: z.strictObject({ path: z.string().startsWith('/etc/grafana/provisioning/') }),
  })).length(1),
});
