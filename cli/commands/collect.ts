/** `routewatch collect`: taps interfaces of this host. The loader is a process of its own with capabilities; the shipper, here, has none. */
import type { Command } from 'commander';
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { openLiveRing } from '../../collectors/inputs/ebpf/port.ts';
import { ruleMatches, type TapRule } from '../../collectors/loader/config.ts';
import { listLinks } from '../../collectors/loader/netlink.ts';
import { partitionsOfSpool, type RingPort, Shipper } from '../../collectors/shipper/index.ts';
import { parseKafkaAddress } from '../../stream/log/kafka/index.ts';
import { type CollectConfig, domainOf, loaderConfigOf, readCollectConfig, shipperUser } from '../lib/collect-config.ts';
import { checkCollector, printFindings } from '../lib/collector-checks.ts';
import { LateLog, openFramesLog } from '../lib/collector-log.ts';
import { HEALTH_OPTION, startHealth } from '../lib/health.ts';
import { onInterrupt } from '../lib/interrupt.ts';
import { complain, EXIT, printRows, UnavailableError, UsageError } from '../lib/output.ts';

const ENTRY = join(import.meta.dirname, '..', 'collector.ts');
const LOADER = join(import.meta.dirname, '..', '..', 'collectors', 'loader', 'main.ts');
const NODE_OPTIONS = ['--disable-warning=ExperimentalWarning'];

interface Options {
  readonly config: string;
  readonly log?: string;
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly json?: boolean;
  readonly shipper?: boolean;
  readonly health?: string;
}

export function collect(program: Command): void {
  program.command('collect')
    .description('tap interfaces of this host and ship what their routing protocols say (Linux, root)')
    .requiredOption('--config <file>', 'configuration file')
    .option('--log <address>', 'the log: kafka://HOST:PORT[,HOST:PORT...][/PREFIX], or the data directory of a system on this machine (default: as configured)')
    .option('--dry-run', 'say which interfaces would be tapped, and how; attach nothing')
    .option('--check', 'check kernel, capabilities, NIC offloads, clock, spool, log and topics; attach nothing')
    .option('--json', 'as JSON (--dry-run, --check)')
    .option(...HEALTH_OPTION)
    .option('--shipper', 'the unprivileged half, as the loader starts it')
    .addHelpText('after', `
What is seen waits in a bounded spool on disk while the log is away. Ctrl-C or SIGTERM ships what is there and detaches,
unless loader.pin keeps filter and ring for the next start; \`routewatch detach\` then ends them.

The smallest configuration:
  {"taps": [{"match": "eth*"}], "kafka": {"brokers": ["kafka1:9092"]}}

Examples:
  routewatch collect --config /etc/routewatch-collector.json --dry-run
  routewatch collect --config /etc/routewatch-collector.json --check
  sudo routewatch collect --config /etc/routewatch-collector.json`)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const config = withLog(readCollectConfig(options.config), options.log);
  if (options.dryRun === true) printDryRun(config, options.json === true);
  else if (options.check === true) await printChecks(config, options.json === true);
  else if (options.shipper === true) await ship(config, options.health);
  else process.exitCode = await load(config, options);
}

function withLog(config: CollectConfig, log: string | undefined): CollectConfig {
  if (log === undefined) return config;
  const { kafka, log: _, ...rest } = config;
  if (!log.startsWith('kafka://')) return { ...rest, log };
  try {
    return { ...rest, kafka: { ...kafka, ...parseKafkaAddress(log) } as CollectConfig['kafka'] };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The privileged half as a child, with the other half as the command that it runs; gives its exit code. */
function load(config: CollectConfig, { config: file, log, health }: Options): Promise<number> {
  const user = shipperUser(config);
  if (user === undefined && process.getuid?.() === 0) complain(`the shipper runs as root, since ${config.data} is root's: name a \`user\` in the configuration file`);
  const shipper = [process.execPath, ...NODE_OPTIONS, ENTRY, 'collect', '--config', resolve(file), '--shipper', ...(log === undefined ? [] : ['--log', log]), ...(health === undefined ? [] : ['--health', health])];
  // A group of its own: a terminal's Ctrl-C reaches it once, through us; twice would end the shipper at once.
  const child = spawn(process.execPath, [...NODE_OPTIONS, LOADER, JSON.stringify({ ...loaderConfigOf(config), ...user }), ...shipper], { stdio: 'inherit', detached: true });
  const interrupt = onInterrupt();
  void interrupt.asked.then(() => child.kill('SIGTERM'));
  return new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => { ended(code ?? EXIT.failed); });
  });
}

/** The unprivileged half: until a signal comes or the loader has gone, then what is there is shipped. */
async function ship(config: CollectConfig, address: string | undefined): Promise<void> {
  if (process.send === undefined) throw new UsageError('--shipper is for the loader, which hands over the ring: run `routewatch collect` without it');
  const interrupt = onInterrupt();
  const health = await startHealth(address, config.telemetry.otlp).catch(cannotStart);
  const gone = Promise.withResolvers<void>();
  const port = await openLiveRing(process, gone.resolve);
  const { shipper, log } = await openShipper(config, port).catch(cannotStart);
  await shipper.start();
  health.tell({ notReady: () => undefined, metrics: () => shipper.metrics() });
  process.stdout.write(`collector ${config.collector}: ${port.taps().length} taps, spool ${config.data}, log ${config.kafka?.brokers.join(', ') ?? config.log ?? ''}\n`);
  try {
    await Promise.race([interrupt.asked, gone.promise, shipper.failed]);
  } finally {
    const isEmpty = await shipper.stop({ keepTaps: config.loader.pin !== undefined });
    if (!isEmpty) complain(`some batches could not be shipped: they stay in ${config.data} and go with the next start`);
    await log.close();
    await port.close();
    await health.stop();
  }
}

/** To start again mends nothing of it: the loader ends with us. */
function cannotStart(error: unknown): never {
  throw error instanceof UsageError ? error : new UnavailableError(error instanceof Error ? error.message : String(error), { cause: error });
}

async function openShipper(config: CollectConfig, port: RingPort): Promise<{ shipper: Shipper; log: LateLog }> {
  const { late, partitions } = await openLate(config);
  const shipper = new Shipper({
    port, log: late, partitions, collector: config.collector, directory: config.data, map: config.map, config: config.shipper,
    domainOf: (tap) => domainOf(config, tap), tell: complain,
  });
  return { shipper, log: late };
}

/** The log, which may be away as long as the spool says how many partitions it has. */
async function openLate(config: CollectConfig): Promise<{ late: LateLog; partitions: number }> {
  const open = (): ReturnType<typeof openFramesLog> => openFramesLog(config);
  const known = partitionsOfSpool(config.data);
  try {
    const { log, partitions } = await open();
    return { late: new LateLog(partitions, open, log), partitions };
  } catch (error) {
    if (known === undefined || error instanceof UsageError) throw error;
    complain(`${error instanceof Error ? error.message : String(error)}; what is seen goes to the spool meanwhile`);
    return { late: new LateLog(known, open), partitions: known };
  }
}

/** Interfaces of this namespace by the rule that takes them; other namespaces are named only: entering them takes a capability. */
function printDryRun(config: CollectConfig, isJson: boolean): void {
  const described = (rule: CollectConfig['taps'][number]): Record<string, string> => ({
    domain: rule.domain ?? config.domain,
    directions: (rule.directions ?? ['ingress', 'egress']).join(' '),
    through: (rule.encapsulations ?? ['vlan', 'qinq', 'mpls']).join(' '),
    only: [...(rule.vlans ?? []).map((id) => `vlan ${id}`), ...(rule.greKeys ?? []).map((id) => `gre ${id}`), ...(rule.vnis ?? []).map((id) => `vni ${id}`)].join(' '),
    promiscuous: rule.promiscuous === true ? 'yes' : '',
  });
  const rows = listLinks().flatMap((link) => {
    const rule = config.taps.find((one) => one.namespace === undefined && ruleMatches(one as TapRule, link));
    return rule === undefined ? [] : [{ interface: link.name, carrier: link.carrier ? 'up' : 'down', rule: rule.match, ...described(rule) }];
  });
  for (const rule of config.taps) if (rule.namespace !== undefined) rows.push({ interface: `${rule.namespace}/${rule.match}`, carrier: '', rule: rule.match, ...described(rule) });
  printRows(rows, isJson ? 'json' : 'table');
  const idle = config.taps.filter((rule) => rule.namespace === undefined && !rows.some((row) => row.rule === rule.match));
  for (const { match } of idle) complain(`${match} takes no interface that is here now: one that comes is tapped then`);
}

async function printChecks(config: CollectConfig, isJson: boolean): Promise<void> {
  const findings = await checkCollector(config);
  if (isJson) printRows(findings.map((finding) => ({ ...finding })), 'json');
  else printFindings(findings);
  if (findings.some(({ result }) => result === 'missing')) process.exitCode = EXIT.unavailable;
}
