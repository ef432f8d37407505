/** The configuration file of `routewatch up`: one schema that checks, describes and fills in defaults. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type KeyMap, keyMapSchema } from '../../collectors/inputs/pcap/index.ts';
import { webSettings } from '../../dashboards/web/config.ts';
import { logConfig } from '../../stream/log/embedded/index.ts';
import { kafkaConfig } from '../../stream/log/kafka/index.ts';
import { type AlertsConfig, alertsConfig } from '../../stream/sinks/alerts/config.ts';
import { workerConfig } from '../../stream/worker/config.ts';
import type { ServerLogin } from './client.ts';
import { telemetryConfig } from './otlp.ts';
import { UsageError } from './output.ts';

/** Where the page is unless somebody says otherwise. */
const PAGE_PORT = 8080;

const clickhouseConfig = z.strictObject({
  url: z.url().describe('HTTP address'),
  username: z.string().min(1).default('default'),
  passwordFile: z.string().min(1).optional().describe('file whose first line is the password'),
  passwordVariable: z.string().min(1).default('ROUTEWATCH_CLICKHOUSE_PASSWORD').describe('environment variable with the password, where no file is named'),
});

const pageConfig = webSettings.extend({ port: webSettings.shape.port.default(PAGE_PORT) });

export const upConfig = z.strictObject({
  data: z.string().min(1).default('routewatch-data').describe('data directory'),
  storePort: z.number().int().min(0).max(65_535).default(8123).describe('SQL endpoint on loopback; 0: a free one'),
  web: pageConfig.prefault({}).describe('the page and its API: host, port, url, allowedHosts, allowedOrigins, limits (docs/page.md)'),
  map: keyMapSchema.default([]).describe('names of domains, network instances and links, by tap, VLAN and tunnel; replay --map reads them'),
  keep: logConfig.prefault({}).describe('what the log keeps of frames, events and checkpoints, by bytes and hours; default: everything'),
  kafka: kafkaConfig.optional().describe('the log is on Kafka: brokers, prefix, tls, sasl (docs/kafka.md); default: in the data directory'),
  clickhouse: clickhouseConfig.optional().describe('server that `sink` fills: url, username, passwordFile or passwordVariable'),
  alerts: alertsConfig.prefault({}).describe('who is told of what: channels, maintenance windows, rules that are off (docs/alerts.md)'),
  telemetry: telemetryConfig.prefault({}).describe('metrics of this process to an OpenTelemetry collector (docs/telemetry.md)'),
  worker: workerConfig.partial().default({}).describe('settings of the worker'),
});

export type UpConfig = z.infer<typeof upConfig>;

/** Reads and checks a file; UsageError lists every mistake with its place. */
export function readConfig(file: string): UpConfig {
  return checked(file, readJson(file), upConfig);
}

/** Settings of the alert engine; its links begin with the page's address where they have none of their own. */
export function alertsOf({ alerts, web }: Pick<UpConfig, 'alerts' | 'web'>): AlertsConfig {
  return alerts.url === undefined && web.url !== undefined ? { ...alerts, url: web.url } : alerts;
}

/** The rules of a map: a list of its own, or `map` of a configuration file. UsageError lists every mistake with its place. */
export function readMap(file: string): KeyMap {
  const json = readJson(file);
  return Array.isArray(json) ? checked(file, json, keyMapSchema) : checked(file, json, upConfig).map;
}

/** Where the ClickHouse server is, by option and configuration; the password by file or environment. */
export function clickhouseOf(store: string | undefined, { clickhouse: configured }: UpConfig): ServerLogin {
  const url = store ?? configured?.url;
  if (url === undefined) throw new UsageError('which ClickHouse? Name it with --store http://HOST:8123, or in the part `clickhouse` of the configuration file');
  if (!URL.canParse(url)) throw new UsageError(`--store ${url} is no http://HOST:PORT`);
  const address = new URL(url);
  if (address.password !== '') throw new UsageError('a password has no place in an address, which others can read: set ROUTEWATCH_CLICKHOUSE_PASSWORD, or name a file in the configuration file');
  const { username, passwordFile, passwordVariable } = clickhouseConfig.parse({ ...configured, url, ...(address.username === '' ? {} : { username: decodeURIComponent(address.username) }) });
  address.username = '';
  return { url: address.href, username, readPassword: () => (passwordFile === undefined ? process.env[passwordVariable] ?? '' : readFileSync(passwordFile, 'utf8').split(/\r?\n/, 1)[0]!) };
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function checked<T>(file: string, json: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(top)'}: ${issue.message}`).join('\n');
  throw new UsageError(`${file} has mistakes:\n${mistakes}`);
}
