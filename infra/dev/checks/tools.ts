/** The programs that check deployment files, as `make test` brings them (fetch.sh); which of them is lacking, and what to do. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const built = join(import.meta.dirname, '..', '..', '..', 'build', 'checks');
const FETCH = 'sh infra/dev/checks/fetch.sh';

export const composeCheck = join(built, 'compose-check');
export const grafanaCheck = join(built, 'grafana-check');
const python = join(built, 'python', 'bin');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a checker to its end; at most a minute. */
export function run(program: string, args: readonly string[], input?: string): Ran {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26, ...(input === undefined ? {} : { input }) });
  if (error !== undefined) throw error;
  return { code: status, out: stdout, err: stderr };
}

/** Why Compose files cannot be checked here; undefined where they can. */
export function composeLacking(): string | undefined {
  return existsSync(composeCheck) ? undefined : `no compose-check here: ${FETCH} (needs Go)`;
}

/** Why queries cannot be run by Grafana's own driver here. */
export function grafanaLacking(): string | undefined {
  return existsSync(grafanaCheck) ? undefined : `no grafana-check here: ${FETCH} (needs Go)`;
}

/** Why Kubernetes files cannot be checked here. */
export function kubernetesLacking(): string | undefined {
  return kustomizeCommand() === undefined ? `no kubectl with Kustomize 5 here, and none built: ${FETCH}` : pythonLacking();
}

/** Why neither schemas of CycloneDX nor those of Kubernetes are here. */
export function pythonLacking(): string | undefined {
  return existsSync(join(python, '..', 'done')) ? undefined : `no checkers from PyPI here: ${FETCH} (needs python3-venv)`;
}

/** Why units cannot be checked here. */
export function systemdLacking(): string | undefined {
  return spawnSync('systemd-analyze', ['--version']).status === 0 ? undefined : 'no systemd-analyze here: sudo apt-get install systemd';
}

/** `kubectl kustomize`, or Kustomize's own program. */
export function kustomize(directory: string): Ran {
  const [program = '', ...args] = kustomizeCommand() ?? [];
  return run(program, [...args, directory]);
}

/** `kubernetes-validate --strict` over a file of objects, by the schemas of a version of Kubernetes. */
export function validateKubernetes(file: string, version: string): Ran {
  return run(join(python, 'kubernetes-validate'), ['--strict', '-k', version, file]);
}

/** What models made of KEDA's custom resource definitions (2.16) say against its objects in a YAML text: wrong types, and fields that they do not have. */
export function validateKeda(text: string): string {
  const program = [
    'import sys, json, yaml', 'from cloudcoil.models.keda import v1alpha1 as keda',
    'for found in yaml.safe_load_all(sys.stdin):',
    '  if not found["apiVersion"].startswith("keda.sh/"): continue',
    '  try: read = getattr(keda, found["kind"]).model_validate(found)',
    '  except ValueError as fault:', '    print(found["kind"], fault)', '    continue',
    '  if json.loads(read.model_dump_json(by_alias=True, exclude_unset=True)) != found: print(found["kind"], "has fields that KEDA does not know")',
  ].join('\n');
  const { code, out, err } = run(join(python, 'python'), ['-c', program], text);
  return code === 0 ? out.trim() : err;
}

/** The documents of a YAML text, by PyYAML. */
export function readYaml(text: string): unknown[] {
  const { code, out, err } = run(join(python, 'python'), ['-c', 'import sys, json, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)'], text);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as unknown[];
}

/** What CycloneDX' own schema (1.6, strict) says against a bill of materials; empty where nothing. */
export function validateSbom(file: string): string {
  const program = 'import sys\nfrom cyclonedx.validation.json import JsonStrictValidator\nfrom cyclonedx.schema import SchemaVersion\n'
    + 'fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())\nprint("" if fault is None else repr(fault)[:2000])';
  const { code, out, err } = run(join(python, 'python'), ['-c', program, file]);
  return code === 0 ? out.trim() : err;
}

function kustomizeCommand(): string[] | undefined {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
  if (status === 0 && stdout.includes('Kustomize Version: v5')) return ['kubectl', 'kustomize'];
  const own = join(built, 'kustomize');
  return existsSync(own) ? [own, 'build'] : undefined;
}

/** The title's end of a test that did not run. */
export const because = (lacking: string | undefined): string => (lacking === undefined ? '' : ` (${lacking})`);
