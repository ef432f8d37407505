/** The roles that are packed, each with what starts it and the files beside the code that it reads; the code and the packages are found by following imports. */

export interface Role {
  readonly name: RoleName;
  /** In one line, for the package's description. */
  readonly about: string;
  /** What `bin/routewatch` runs. */
  readonly entry: string;
  /** Files and folders that the code names and reads. */
  readonly files: readonly string[];
  /** Files and folders that the code names, and that this role does without. */
  readonly without: readonly string[];
  /** Programs of this folder that go to bin/. */
  readonly helpers: readonly string[];
  /** Units of infra/systemd that come along. */
  readonly units: readonly string[];
}

export type RoleName = 'collector' | 'worker' | 'sink' | 'alerter' | 'page';

const DECODERS = ['isis', 'ospf', 'bgp'].map((name) => `build/wasm/${name}.wasm`);
const LINK = 'build/wasm/link.wasm';
const FILTER = 'build/bpf/routewatch.bpf.o';

export const roles: readonly Role[] = [
  {
    name: 'collector', about: 'taps interfaces of a host and ships frames: no store, no web server, no decoders, no compiler', entry: 'cli/collector.ts',
    files: [LINK, FILTER], without: ['build/wasm'], helpers: ['as-collector', 'ready'], units: ['routewatch-collector.service'],
  },
  { name: 'worker', about: 'decodes frames on Kafka into events', entry: 'cli/worker.ts', files: DECODERS, without: ['build/wasm', LINK], helpers: ['ready'], units: ['routewatch-worker.service'] },
  { name: 'sink', about: 'inserts events on Kafka into ClickHouse', entry: 'cli/sink.ts', files: [], without: ['build/wasm', LINK], helpers: ['ready'], units: ['routewatch-sink.service'] },
  { name: 'alerter', about: 'judges events on Kafka and tells who has to know', entry: 'cli/alerter.ts', files: [], without: ['build/wasm', LINK], helpers: ['ready'], units: ['routewatch-alerter.service'] },
  {
    name: 'page', about: 'the whole command: page, store, questions, and all other roles on one machine', entry: 'cli/main.ts',
    files: [...DECODERS, LINK, FILTER, 'dashboards/web/browser', 'dashboards/runbooks', 'docs/sql-cookbook.md', 'infra/lab/captures/demo', 'infra/lab/kit/vlan_relay.py'], without: ['build/wasm', 'build/compile-cache'], helpers: ['ready'], units: ['routewatch.service'],
  },
];
