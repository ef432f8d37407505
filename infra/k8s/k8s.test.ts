/** The Kubernetes files: built as `kubectl apply -k` builds them, by the API's own schemas, and by rules of ours. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCollectConfig } from '../../cli/lib/collect-config.ts';
import { alertsOf, readConfig } from '../../cli/lib/config.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import { because, kubernetesLacking, kustomize, readYaml, validateKeda, validateKubernetes } from '../dev/checks/tools.ts';
import { badWords } from '../images/words.ts';

const here = import.meta.dirname;
const lacking = kubernetesLacking();
if (lacking !== undefined) console.warn(`not run: the Kubernetes files: ${lacking}`);

/** The oldest and the newest that are checked; the former has all that we use. */
const VERSIONS = ['1.29', '1.36'];

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly object[];
  readonly securityContext: { readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] } };
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly resources: { readonly requests?: object; readonly limits?: object };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Pod {
  readonly hostNetwork?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext: object;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly hostPath?: object; readonly configMap?: { readonly name: string }; readonly secret?: { readonly defaultMode: number } }[];
}

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Record<string, unknown> & { readonly template?: { readonly spec: Pod }; readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[] };
}

describe.skipIf(lacking !== undefined)(`infra/k8s${because(lacking)}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'routewatch-k8s-'));
  afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });
  let text = '';
  let all: Resource[] = [];
  let pods: [string, Pod][] = [];
  beforeAll(() => {
    const { code, out, err } = kustomize(here);
    expect([code, err]).toEqual([0, '']);
    text = out;
    all = readYaml(text) as Resource[];
    pods = all.flatMap(({ metadata, spec }) => (spec?.template === undefined ? [] : [[metadata.name, spec.template.spec] as [string, Pod]]));
  });

  it.each(VERSIONS)('keeps to the schemas of Kubernetes %s, all but what KEDA brings; two spoiled copies do not', (version) => {
    const worker = JSON.stringify(all.find(({ kind }) => kind === 'Deployment'));
    const spoiled = [worker.replace('runAsNonRoot', 'runAsNobody'), worker.replace('"terminationGracePeriodSeconds":30', '"terminationGracePeriodSeconds":"soon"')];
    const file = join(scratch, 'objects.yaml');
    writeFileSync(file, [text, ...spoiled].join('\n---\n'));
    const { code, out, err } = validateKubernetes(file, version);
    const said = `${out}${err}`;
    expect(code, said).not.toBe(0);
    expect(said.match(/passed for resource/g)).toHaveLength(all.length - 2);
    expect([...said.matchAll(/find schema for kind (\w+)/g)].map(([, kind]) => kind)).toEqual(['ScaledObject', 'TriggerAuthentication']);
    expect(said).toMatch(/runAsNobody[^]*soon/);
  });

  it('has in what KEDA brings only what KEDA knows, by its own schemas; two spoiled copies have not', () => {
    const count = /maxReplicaCount: 8/;
    expect(text).toMatch(count);
    const said = validateKeda([text, text.replace(count, 'maxReplicaCount: many'), text.replace(count, 'mostReplicas: 8')].join('\n---\n'));
    expect(said.match(/^(ScaledObject|TriggerAuthentication) /gm), said).toHaveLength(2);
    expect(said).toMatch(/maxReplicaCount[^]*ScaledObject has fields that KEDA does not know/);
  });

  it('gives the collector the loader\'s capabilities and two for the step to them, and nobody else any', () => {
    expect(pods.map(([name]) => name).toSorted()).toEqual(['alerter', 'collector', 'page', 'sink', 'worker']);
    for (const [name, pod] of pods) {
      for (const container of pod.containers) {
        expect(container.securityContext, name).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
        expect(container.securityContext.capabilities.add ?? [], name).toEqual(name === 'collector' ? ['BPF', 'NET_ADMIN', 'PERFMON', 'SETUID', 'SETGID'] : []);
      }
      expect([pod.hostNetwork ?? false, pod.automountServiceAccountToken], name).toEqual([name === 'collector', false]);
      expect(pod.securityContext, name).toMatchObject({ seccompProfile: { type: 'RuntimeDefault' } });
      if (name === 'collector') continue;
      // The profile `restricted` of the Pod Security Standards.
      expect(pod.securityContext, name).toMatchObject({ runAsNonRoot: true, runAsUser: 10_001 });
      expect(pod.volumes.filter(({ hostPath }) => hostPath !== undefined), name).toEqual([]);
    }
  });

  it('asks every container how it is, bounds its memory, and pins its image', () => {
    for (const [name, { containers, initContainers = [] }] of pods) {
      for (const { livenessProbe, readinessProbe } of containers) {
        expect(livenessProbe, name).toMatchObject({ httpGet: { path: '/livez' } });
        expect(readinessProbe, name).toMatchObject({ httpGet: { path: '/readyz' } });
      }
      for (const { image, resources } of [...containers, ...initContainers]) {
        expect(image, name).toMatch(/^routewatch\/\w+:\d+\.\d+\.\d+$/);
        expect(resources, name).toMatchObject({ requests: { memory: expect.anything() as unknown }, limits: { memory: expect.anything() as unknown } });
      }
    }
  });

  it('hands secrets over as files of the group, and mounts only what is there', () => {
    for (const [name, { containers, initContainers = [], volumes }] of pods) {
      const claims = all.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === name)?.spec.volumeClaimTemplates ?? [];
      const known = [...volumes.map((volume) => volume.name), ...claims.map(({ metadata }) => metadata.name)];
      for (const { args = [], env, volumeMounts } of [...containers, ...initContainers]) {
        expect(env, name).toBeUndefined();
        expect(badWords(args), name).toEqual([]);
        for (const mount of volumeMounts) {
          expect(known, name).toContain(mount.name);
          if (mount.mountPath.startsWith('/run/secrets') || mount.mountPath.startsWith('/etc')) expect(mount.readOnly, mount.mountPath).toBe(true);
        }
      }
      for (const { secret, configMap } of volumes) {
        if (secret !== undefined) expect(secret.defaultMode, name).toBe(0o440);
        if (configMap !== undefined) expect(all.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name)).toContain(configMap.name);
      }
    }
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  it('gives what an alerter has told, and has yet to tell, a volume of its own', () => {
    const alerter = all.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'alerter')!;
    const { args, volumeMounts } = alerter.spec.template!.spec.containers[0]!;
    const data = args![args!.indexOf('--data') + 1];
    expect(volumeMounts.find(({ mountPath }) => mountPath === data)?.name).toBe(alerter.spec.volumeClaimTemplates![0]!.metadata.name);
    expect(alertsOf(readConfig(join(here, 'config/alerter.json'))).channels).toHaveLength(1);
  });

  it('scales the workers that are there by the lag of their own group', () => {
    const scaler = all.find(({ kind }) => kind === 'ScaledObject')!;
    const target = scaler.spec['scaleTargetRef'] as { kind: string; name: string };
    expect(all.some(({ kind, metadata }) => kind === target.kind && metadata.name === target.name)).toBe(true);
    const [trigger] = scaler.spec['triggers'] as { metadata: Record<string, string>; authenticationRef: { name: string } }[];
    expect(trigger!.metadata).toMatchObject({ topic: framesTopic, consumerGroup: 'routewatch.worker' });
    expect(all.filter(({ kind }) => kind === 'TriggerAuthentication').map(({ metadata }) => metadata.name)).toEqual([trigger!.authenticationRef.name]);
    expect(scaler.spec['maxReplicaCount']).toBe(8);
  });
});

describe('configuration files for Kubernetes', () => {
  it('are understood by the programs, with TLS, a login and passwords in files', () => {
    const configs = [...['worker', 'sink', 'alerter', 'page'].map((name) => readConfig(join(here, `config/${name}.json`))), readCollectConfig(join(here, 'config/collector.json'))];
    for (const { kafka } of configs) expect(kafka).toMatchObject({ tls: { ca: '/run/secrets/kafka/ca.pem' }, sasl: { mechanism: 'scram-sha-512', passwordFile: '/run/secrets/kafka/password' } });
  });
});
