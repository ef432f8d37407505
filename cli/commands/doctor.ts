/** `routewatch doctor`: what this machine has of what RouteWatch needs. */
import type { Command } from 'commander';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { registry } from '../../decoders-wasm/contract/host.ts';
import { ensureKafkaTopics, KafkaError, type KafkaSettings } from '../../stream/log/kafka/index.ts';
import { type Store, startStore } from '../../stream/store/index.ts';
import { readCollectConfig } from '../lib/collect-config.ts';
import { checkCollector, type Finding, printFindings } from '../lib/collector-checks.ts';
import { kafkaOf, type LogOptions, openKafka, withLogOptions } from '../lib/kafka.ts';
import { EXIT, printRows } from '../lib/output.ts';

export function doctor(program: Command): void {
  withLogOptions(program.command('doctor')
    .description('check this machine: runtime, decoders, store, confinement, disk and memory; and Kafka, where the log is there'))
    .option('--collector <file>', 'configuration of a collector on this machine: kernel, capabilities, NIC offloads, clock, spool, log and topics')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExamples:\n  routewatch doctor\n  routewatch doctor --log kafka://kafka1:9092\n  routewatch doctor --collector /etc/routewatch-collector.json\n  routewatch doctor --json`)
    .action(async (options: LogOptions & { json?: boolean; collector?: string }) => {
      const findings = [runtime(), ...decoders(), disk(), memory(), ...await store(), ...await kafka(options), ...options.collector === undefined ? [] : await checkCollector(readCollectConfig(options.collector))];
      if (options.json === true) printRows(findings.map((finding) => ({ ...finding })), 'json');
      else printFindings(findings);
      if (findings.some((finding) => finding.result === 'missing')) process.exitCode = EXIT.unavailable;
    });
}

function runtime(): Finding {
  return { check: 'runtime', result: 'ok', detail: `Node.js ${process.versions.node}` };
}

function decoders(): Finding[] {
  const folder = join(import.meta.dirname, '..', '..', 'build', 'wasm');
  return ['link', ...registry.map((module) => module.name)].map((name) => {
    const built = existsSync(join(folder, `${name}.wasm`));
    return { check: `${name}.wasm`, result: built ? 'ok' : 'missing', detail: built ? 'built' : 'not built: run `make setup`' };
  });
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync('.');
  const gigabytes = (bavail * bsize) / 2 ** 30;
  return { check: 'disk', result: gigabytes < 2 ? 'warn' : 'ok', detail: `${gigabytes.toFixed(1)} GB free here${gigabytes < 2 ? ': a busy table of routes needs more' : ''}` };
}

function memory(): Finding {
  const gigabytes = freemem() / 2 ** 30;
  return { check: 'memory', result: gigabytes < 1 ? 'warn' : 'ok', detail: `${gigabytes.toFixed(1)} GB free` };
}

/** Whether Kafka lets us in, and has topics that can work. */
async function kafka(options: LogOptions): Promise<Finding[]> {
  const settings = kafkaOf(options);
  if (settings === undefined) return [];
  try {
    const { log, partitions } = await openKafka(settings);
    await log.close();
    return [{ check: 'kafka', result: 'ok', detail: `${settings.brokers.join(', ')}, ${partitions} partitions` }, ...await topics(settings)];
  } catch (error) {
    return [{ check: 'kafka', result: 'missing', detail: error instanceof Error ? error.message : String(error) }];
  }
}

async function topics(settings: KafkaSettings): Promise<Finding[]> {
  try {
    const { problems } = await ensureKafkaTopics(settings, { plan: {}, isCheckOnly: true });
    return problems.length === 0 ? [{ check: 'topics', result: 'ok', detail: 'settings as they should be' }] : problems.map((detail) => ({ check: 'topics', result: 'warn', detail }));
  } catch (error) {
    if (!(error instanceof KafkaError) || error.fault !== 'not-allowed') throw error;
    return [{ check: 'topics', result: 'warn', detail: 'their settings cannot be seen by this user; an administrator can: `routewatch topics --check`' }];
  }
}

function confined({ files, network, landlock, filter }: Store['confinement']): Finding {
  const by = [...landlock.version > 0 ? [`Landlock ${landlock.version}`] : [], ...filter ? ['a system call filter'] : []].join(' and ');
  const open = [...files ? [] : ['files outside of its directories (Landlock, Linux 5.13, is missing)'], ...network ? [] : ['outgoing connections']];
  return open.length === 0
    ? { check: 'confinement', result: 'ok', detail: `the store reaches no files but its own and makes no connections (${by})` }
    : { check: 'confinement', result: 'warn', detail: `the store is not kept from ${open.join(' and ')}` };
}

async function store(): Promise<Finding[]> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-doctor-'));
  try {
    const running = await startStore({ dataDir: directory });
    const { engineVersion, confinement } = running;
    await running.stop();
    return [
      { check: 'store', result: 'ok', detail: `ClickHouse engine ${engineVersion}` },
      confined(confinement),
    ];
  } catch (error) {
    return [{ check: 'store', result: 'missing', detail: error instanceof Error ? error.message : String(error) }];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
