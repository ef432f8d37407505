/** Settings of the log on Kafka: where it is, who we are there, what topics are made with. Secrets stand in files or the environment. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const address = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/@,]+):\d{1,5}$/, 'is no HOST:PORT');
const file = z.string().min(1);

const tls = z.strictObject({
  ca: file.optional().describe('PEM file of the authorities that are trusted; default: those of the system'),
  cert: file.optional().describe('PEM file of our certificate, for a listener that asks for one'),
  key: file.optional().describe('PEM file of its key'),
}).refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key belong together');

const sasl = z.strictObject({
  mechanism: z.enum(['scram-sha-512', 'scram-sha-256', 'plain']).default('scram-sha-512'),
  username: z.string().min(1),
  passwordFile: file.optional().describe('file whose first line is the password; read again at each login'),
  passwordVariable: z.string().min(1).default('ROUTEWATCH_KAFKA_PASSWORD').describe('environment variable with the password, where no file is named'),
});

export const kafkaConfig = z.strictObject({
  brokers: z.array(address).min(1).describe('HOST:PORT of some brokers; the others are found through them'),
  prefix: z.string().regex(/^[a-zA-Z0-9._-]{0,100}$/, 'has other characters than letters, digits, . _ -').default('').describe('before the name of every topic and group: several systems on one cluster'),
  clientId: z.string().min(1).default('routewatch').describe('name of this client in the logs of the broker'),
  tls: z.union([z.boolean(), tls]).default(false).describe('TLS: true, or files'),
  sasl: sasl.optional().describe('login: user name, and where the password stands'),
  startMs: z.number().int().positive().default(10_000).describe('how long brokers may be silent when we start, ms; later we wait for them without an end'),
  waitMs: z.number().int().min(10).max(5000).default(250).describe('a broker without new records answers after this, ms'),
  compression: z.enum(['zstd', 'none']).default('zstd').describe('of what we append; both are read, whatever stands here'),
  fetchBytes: z.number().int().positive().default(8 << 20).describe('bytes that are asked for at a time'),
}).refine((config) => config.sasl?.mechanism !== 'plain' || config.tls !== false, { path: ['sasl'], message: 'mechanism plain sends the password as it is: it needs tls' });

/** As given: what is left out has its default. */
export type KafkaSettings = z.input<typeof kafkaConfig>;
export type KafkaLogConfig = z.infer<typeof kafkaConfig>;

/** `kafka://HOST:PORT[,HOST:PORT...][/PREFIX]` as settings; throws an Error that says what is wrong. */
export function parseKafkaAddress(text: string): KafkaSettings {
  const [, list = '', prefix = ''] = /^kafka:\/\/([^/]*)(?:\/(.*))?$/.exec(text) ?? [];
  if (list.includes('@')) throw new Error('a user name or password has no place in the address of Kafka, which others can read: name them in the configuration file (sasl)');
  const parsed = kafkaConfig.safeParse({ brokers: list.split(','), prefix });
  if (!parsed.success) throw new Error(`${text} is no kafka://HOST:PORT[,HOST:PORT...][/PREFIX]: ${parsed.error.issues[0]!.message}`);
  return { brokers: parsed.data.brokers, prefix };
}

/** What TLS needs, read from the files for each connection: a renewed certificate needs no restart. */
export function tlsOptions({ tls: given }: KafkaLogConfig): { ca?: string; cert?: string; key?: string } | boolean {
  if (typeof given === 'boolean') return given;
  const options = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = given[name];
    if (path !== undefined) Object.defineProperty(options, name, { enumerable: true, get: () => readFileSync(path, 'utf8') });
  }
  return options;
}

/** The password as it stands now; throws an Error that says where it was looked for. */
export function readPassword({ passwordFile, passwordVariable }: NonNullable<KafkaLogConfig['sasl']>): string {
  if (passwordFile !== undefined) return readFileSync(passwordFile, 'utf8').split(/\r?\n/, 1)[0]!;
  const password = process.env[passwordVariable];
  if (password === undefined || password === '') throw new Error(`there is no password for Kafka: set ${passwordVariable}, or name sasl.passwordFile in the configuration file`);
  return password;
}
