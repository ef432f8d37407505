/** The configuration of the alert channels: `alerts.channels` of routewatch.json. No secret stands in it: each is named by file or environment variable. */
import { z } from 'zod';
import { secret } from '../../../contract/secret.ts';

const enterprise = z.string().regex(/^1\.3\.6\.1\.4\.1\.[1-9]\d*(\.(0|[1-9]\d*))*$/, 'is no OID below 1.3.6.1.4.1, such as 1.3.6.1.4.1.YOUR-NUMBER.1');
const port = z.number().int().min(1).max(65_535);
const bearer = secret.optional().describe('token sent as Authorization: Bearer');
const caFile = z.string().min(1).optional().describe('certificates (PEM) of whom to trust, where the system\'s do not do');

const common = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is no name of a-z, 0-9 and -').describe('of this channel'),
  timeoutMs: z.number().int().min(100).max(60_000).default(5000).describe('within which the receiver must have acknowledged; then it is tried again'),
};

const openTelemetry = z.strictObject({
  kind: z.literal('opentelemetry').describe('log records by OTLP http/protobuf'),
  ...common,
  url: z.url({ protocol: /^https?$/ }).describe('of the collector, with its path: http://HOST:4318/v1/logs'),
  bearer,
  caFile,
});

const webhook = z.strictObject({
  kind: z.literal('webhook').describe('plain JSON by POST'),
  ...common,
  url: z.url({ protocol: /^https?$/ }),
  bearer,
  signature: secret.optional().describe('key by which each body is signed (HMAC-SHA256, headers webhook-id, webhook-timestamp, webhook-signature)'),
  caFile,
});

const alertmanager = z.strictObject({
  kind: z.literal('alertmanager').describe('Alertmanager\'s API, version 2'),
  ...common,
  url: z.url({ protocol: /^https?$/ }).describe('http://HOST:9093, with the path prefix if it has one'),
  bearer,
  caFile,
});

const syslog = z.strictObject({
  kind: z.literal('syslog').describe('RFC 5424'),
  ...common,
  host: z.string().min(1),
  port: port.default(514).describe('with tls mostly 6514'),
  transport: z.enum(['udp', 'tcp', 'tls']).default('tcp').describe('udp tells nobody what was lost'),
  facility: z.number().int().min(0).max(23).default(16).describe('16 is local0'),
  enterpriseNumber: z.number().int().positive().optional().describe('your private enterprise number (IANA): then the parts of an alert go as structured data too'),
  caFile,
});

const snmpUser = z.strictObject({
  name: z.string().min(1),
  auth: z.enum(['sha', 'sha256', 'sha512', 'md5']).optional(),
  authPassword: secret.optional(),
  priv: z.enum(['aes', 'des']).optional().describe('aes: AES-128'),
  privPassword: secret.optional(),
}).refine(({ auth, authPassword }) => (auth === undefined) === (authPassword === undefined), 'auth and authPassword belong together')
  .refine(({ priv, privPassword }) => (priv === undefined) === (privPassword === undefined), 'priv and privPassword belong together')
  .refine(({ auth, priv }) => priv === undefined || auth !== undefined, 'priv needs auth');

const snmp = z.strictObject({
  kind: z.literal('snmp').describe('SNMP notifications, v2c or v3'),
  ...common,
  host: z.string().min(1),
  port: port.default(162),
  version: z.enum(['2c', '3']).default('2c'),
  notification: z.enum(['inform', 'trap']).default('inform').describe('an inform is acknowledged and tried again; of a trap nobody knows whether it came'),
  community: secret.optional().describe('of v2c; default: public'),
  user: snmpUser.optional().describe('of v3: name, auth, authPassword, priv, privPassword'),
  engineId: z.string().regex(/^[0-9a-fA-F]{10,64}$/, 'is no 5 to 32 bytes in hex').optional().describe('of ours, for v3 traps: the receiver must know it'),
  enterprise: enterprise.optional().describe('OID of your own below which ROUTEWATCH-MIB stands: for all that no standard MIB has a notification for'),
  standardOnly: z.boolean().default(false).describe('in place of `enterprise`: what no standard MIB has a notification for is not told here'),
}).refine(({ version, user }) => version === '2c' || user !== undefined, { path: ['user'], message: 'v3 needs a user' })
  .refine(({ version, notification, engineId }) => version === '2c' || notification === 'inform' || engineId !== undefined, { path: ['engineId'], message: 'v3 traps need an engineId, which the receiver knows (informs do not)' })
  .refine(({ enterprise: own, standardOnly }) => (own === undefined) === standardOnly, { path: ['enterprise'], message: 'name an OID of your own (1.3.6.1.4.1.YOUR-NUMBER.1), or set standardOnly' });

const kinds = [openTelemetry, webhook, alertmanager, syslog, snmp] as const;

/** One channel. */
export const channelConfig = z.discriminatedUnion('kind', kinds);

/** All channels; their names differ. */
export const channelsConfig = z.array(channelConfig)
  .refine((channels) => new Set(channels.map(({ name }) => name)).size === channels.length, 'two channels have the same name');

export type ChannelConfig = z.infer<typeof channelConfig>;
export type OpenTelemetryConfig = z.infer<typeof openTelemetry>;
export type WebhookConfig = z.infer<typeof webhook>;
export type AlertmanagerConfig = z.infer<typeof alertmanager>;
export type SyslogConfig = z.infer<typeof syslog>;
export type SnmpConfig = z.infer<typeof snmp>;

/** For people: each kind of channel with its settings. */
export function channelSettings(): { readonly kind: string; readonly about: string; readonly settings: readonly { readonly name: string; readonly about: string }[] }[] {
  return kinds.map(({ shape }) => ({
    kind: shape.kind.value,
    about: shape.kind.description ?? '',
    settings: Object.entries(shape).filter(([name]) => name !== 'kind').map(([name, schema]) => ({ name, about: schema.description ?? '' })),
  }));
}
