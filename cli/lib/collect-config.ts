/** The configuration file of `routewatch collect`: one schema that checks, describes and fills in defaults. */
import { mkdirSync, readFileSync, statSync, chownSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { keyMapSchema } from '../../collectors/batching/key-map.ts';
import { ENCAPSULATIONS, type EncapsulationName, type LoaderConfig, ruleMatches, type TapRule } from '../../collectors/loader/config.ts';
import { shipperConfig } from '../../collectors/shipper/index.ts';
import { kafkaConfig } from '../../stream/log/kafka/index.ts';
import { telemetryConfig } from './otlp.ts';
import { UsageError } from './output.ts';

const number = z.number().int().nonnegative();

const tapRule = z.strictObject({
  match: z.string().min(1).describe('an interface by name, a pattern with * and ?, or all (all but loopback); the first rule that fits counts'),
  namespace: z.string().min(1).optional().describe('network namespace by its name as of ip netns, or by path'),
  domain: z.string().min(1).optional().describe('routing universe of these taps'),
  encapsulations: z.array(z.enum(Object.keys(ENCAPSULATIONS) as [EncapsulationName, ...EncapsulationName[]])).optional().describe('what is looked through; default: vlan, qinq, mpls'),
  vlans: z.array(number.max(4095)).optional().describe('only these; 0: frames without a tag'),
  greKeys: z.array(number).optional().describe('only these; 0: tunnels without a key'),
  vnis: z.array(number).optional().describe('only these'),
  promiscuous: z.boolean().optional().describe('for SPAN ports: see the frames of other hosts too'),
  directions: z.array(z.enum(['ingress', 'egress'])).min(1).optional().describe('default: both'),
});

export const collectConfig = z.strictObject({
  collector: z.string().min(1).default(hostname()).describe('name of this collector, one of its own for each host'),
  domain: z.string().min(1).default('default').describe('routing universe'),
  taps: z.array(tapRule).min(1).describe('which interfaces are tapped, and how'),
  map: keyMapSchema.default([]).describe('names of domains, network instances and links, by tap, VLAN and tunnel'),
  data: z.string().min(1).default('routewatch-collector').describe('directory of the spool'),
  kafka: kafkaConfig.optional().describe('where the log is: brokers, prefix, tls, sasl (docs/kafka.md)'),
  log: z.string().min(1).optional().describe('in place of kafka: data directory of a `routewatch up` on this machine'),
  user: z.string().min(1).optional().describe('as whom the shipper runs where the loader runs as root; default: the owner of `data`'),
  telemetry: telemetryConfig.prefault({}).describe('metrics of this process to an OpenTelemetry collector (docs/telemetry.md)'),
  loader: z.strictObject({
    ringBytes: z.number().int().positive().optional().describe('of the kernel\'s ring, a power of two'),
    hellos: z.number().int().positive().optional().describe('senders of hellos that are counted in place of shipping'),
    helloShipSeconds: z.number().nonnegative().optional().describe('an unchanged hello is shipped this often; 0: always'),
    mostTaps: z.number().int().positive().optional().describe('interfaces tapped at a time at most'),
    attach: z.enum(['auto', 'tcx', 'clsact']).optional(),
    cpuPercent: z.number().positive().max(100_000).optional().describe('of one CPU, that all filters together may take; beyond it the one that costs most is detached'),
    pin: z.string().min(1).optional().describe('directory on a BPF file system where filter and ring outlive the collector, so that an upgrade misses nothing (`routewatch detach` ends it)'),
  }).prefault({}).describe('the privileged half'),
  shipper: shipperConfig.prefault({}).describe('the unprivileged half'),
}).refine(({ kafka, log }) => kafka === undefined || log === undefined, { path: ['log'], message: 'and kafka exclude each other' });

export type CollectConfig = z.infer<typeof collectConfig>;

/** Reads and checks a file; UsageError lists every mistake with its place. */
export function readCollectConfig(file: string): CollectConfig {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} ${error instanceof SyntaxError ? 'is no JSON' : 'cannot be read'}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = collectConfig.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file} has mistakes:\n${parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(top)'}: ${issue.message}`).join('\n')}`);
}

/** What the loader is told. */
export function loaderConfigOf({ taps, loader }: CollectConfig): LoaderConfig {
  return JSON.parse(JSON.stringify({ ...loader, taps: taps.map((rule) => ({ ...rule, domain: undefined })) })) as LoaderConfig;
}

/** The domain of a tap by its name (`eth0`, `blue/eth0`): that of the rule by which it is tapped. */
export function domainOf({ taps, domain }: CollectConfig, tap: string): string {
  const [name = '', namespace = ''] = tap.split('/').toReversed();
  const rule = taps.find((one) => (one.namespace?.split('/').at(-1) ?? '') === namespace && ruleMatches(one as TapRule, { name, isLoopback: name === 'lo' }));
  return rule?.domain ?? domain;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** As whom the shipper runs, where we are root; the spool's directory is made for them. Undefined: as ourselves. */
export function shipperUser({ user, data }: CollectConfig): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = user === undefined ? undefined : findUser(user);
  const isNew = mkdirSync(data, { recursive: true }) !== undefined;
  if (isNew && found !== undefined) chownSync(data, found.uid, found.gid);
  if (found !== undefined) return found;
  const { uid, gid } = statSync(data);
  return uid === 0 ? undefined : { uid, gid };
}

function findUser(name: string): User {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new UsageError(`there is no user ${name} on this host: make one (useradd --system ${name}), or name another as \`user\``);
  return { uid: Number(uid), gid: Number(gid) };
}
