/** The Compose file by Compose's own library, its rules of our own, and the configuration files that it hands to the programs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCollectConfig } from '../../cli/lib/collect-config.ts';
import { alertsOf, readConfig } from '../../cli/lib/config.ts';
import { because, composeCheck, composeLacking, pythonLacking, readYaml, run } from '../dev/checks/tools.ts';
import { roles } from '../images/roles.ts';
import { badWords } from '../images/words.ts';

const here = import.meta.dirname;
const file = join(here, 'compose.yaml');
const lacking = composeLacking();
if (lacking !== undefined) console.warn(`not run: the Compose file: ${lacking}`);
const yamlLacking = pythonLacking();
if (yamlLacking !== undefined) console.warn(`not run: the Collector's configuration: ${yamlLacking}`);

interface Service {
  readonly image: string;
  readonly build?: { readonly target: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly host_ip?: string }[];
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly privileged?: boolean;
  readonly read_only?: boolean;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

describe.skipIf(lacking !== undefined)(`compose.yaml${because(lacking)}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'routewatch-compose-'));
  afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });
  let services: [string, Service][] = [];
  beforeAll(() => {
    const { code, out, err } = run(composeCheck, [file]);
    expect([code, err]).toEqual([0, '']);
    services = Object.entries((JSON.parse(out) as { services: Record<string, Service> }).services);
  });

  it('has every part of the system, and every role of ours as an image that can be built', () => {
    expect(services.map(([name]) => name)).toEqual(['alerter', 'clickhouse', 'collector', 'grafana', 'kafka', 'otelcol', 'page', 'sink', 'topics', 'worker']);
    const stages = [...readFileSync(join(here, '../images/Containerfile'), 'utf8').matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);
    expect(stages.filter((name) => name !== 'build').toSorted()).toEqual(roles.map(({ name }) => name).toSorted());
    for (const [, { build, image }] of services) if (image.startsWith('routewatch/')) expect(stages).toContain(build?.target);
  });

  it('pins every image by its version, ours by the program\'s', () => {
    const { version } = JSON.parse(readFileSync(join(here, '../../package.json'), 'utf8')) as { version: string };
    for (const [name, { image }] of services) expect(image, name).toMatch(image.startsWith('routewatch/') ? new RegExp(`:${version}$`) : /:\d+\.\d+(\.\d+)?$/);
  });

  it('has a health check for each service but those that cannot have one', () => {
    expect(services.filter(([, { healthcheck }]) => healthcheck === undefined).map(([name]) => name)).toEqual(['otelcol', 'topics']);
  });

  it('opens ports on loopback only, and runs ours without rights but those that the loader needs', () => {
    for (const [name, service] of services) {
      for (const port of service.ports ?? []) expect(port.host_ip, name).toBe('127.0.0.1');
      expect(service.privileged, name).not.toBe(true);
      if (!service.image.startsWith('routewatch/')) continue;
      expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(service.cap_add ?? [], name).toEqual(name === 'collector' ? ['BPF', 'NET_ADMIN', 'PERFMON', 'SETUID', 'SETGID'] : []);
    }
  });

  it('calls our commands with options that they have, and hands over no password but as a file', () => {
    for (const [name, { image, command, environment }] of services) {
      if (image.startsWith('routewatch/')) expect(badWords(command ?? []), name).toEqual([]);
      for (const [variable, value] of Object.entries(environment ?? {})) {
        if (/PASSWORD|SECRET|TOKEN/i.test(variable)) expect([variable, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/run\/secrets\//)]);
      }
    }
  });

  it('is refused where a condition or a service does not exist: the check does check', () => {
    const text = readFileSync(file, 'utf8');
    for (const [from, to] of [['service_healthy', 'service_well'], ['topics: { condition', 'nobody: { condition']] as const) {
      const bad = join(scratch, 'compose.yaml');
      writeFileSync(bad, text.replace(from, to));
      expect(run(composeCheck, [bad]).code, to).toBe(1);
    }
  });
});

describe('configuration files for Compose', () => {
  it('are understood by the programs', () => {
    expect(readConfig(join(here, 'config/routewatch.json'))).toMatchObject({ kafka: { brokers: ['kafka:9093'] }, clickhouse: { passwordFile: '/run/secrets/clickhouse' } });
    const [channel] = alertsOf(readConfig(join(here, 'config/alerter.json'))).channels;
    expect(channel).toMatchObject({ kind: 'opentelemetry', url: 'http://otelcol:4318/v1/logs' });
    expect(readConfig(join(here, 'config/page.json')).storePort).not.toBe(8123);
    expect(readCollectConfig(join(here, 'config/collector.json')).kafka?.brokers).toEqual(['127.0.0.1:9092']);
  });

  it.skipIf(yamlLacking !== undefined)(`have in the Collector's pipelines what it declares, and all of that${because(yamlLacking)}`, () => {
    type Parts = Record<string, object>;
    const [config] = readYaml(readFileSync(join(here, 'config/otelcol.yaml'), 'utf8')) as [Record<'receivers' | 'processors' | 'exporters' | 'extensions', Parts> & { service: { extensions: string[]; pipelines: Record<string, Record<string, string[]>> } }];
    for (const kind of ['receivers', 'processors', 'exporters'] as const) {
      const used = Object.values(config.service.pipelines).flatMap((pipeline) => pipeline[kind] ?? []);
      expect([...new Set(used)].toSorted(), kind).toEqual(Object.keys(config[kind]).toSorted());
    }
    expect(config.service.extensions).toEqual(Object.keys(config.extensions));
  });

  it('secrets.sh makes passwords once, each another one', () => {
    const copy = mkdtempSync(join(tmpdir(), 'routewatch-secrets-'));
    writeFileSync(join(copy, 'secrets.sh'), readFileSync(join(here, 'secrets.sh')));
    const make = (): string[] => {
      expect(spawnSync('sh', [join(copy, 'secrets.sh')]).status).toBe(0);
      return ['clickhouse', 'grafana'].map((name) => readFileSync(join(copy, 'secrets', name), 'utf8'));
    };
    const made = make();
    expect(made[0]).toMatch(/^[0-9a-f]{48}$/);
    expect(new Set(made).size).toBe(2);
    expect(make()).toEqual(made);
    rmSync(copy, { recursive: true });
  });
});
