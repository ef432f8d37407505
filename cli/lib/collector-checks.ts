/** What a collector needs of its host and of the log: what is there, what is not, and what to do about it. */
import koffi from 'koffi';
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { missingCapabilities } from '../../collectors/loader/capabilities.ts';
import { ruleMatches, type TapRule } from '../../collectors/loader/config.ts';
import { libbpf } from '../../collectors/loader/libbpf.ts';
import { listLinks } from '../../collectors/loader/netlink.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import type { CollectConfig } from './collect-config.ts';
import { openFramesLog } from './collector-log.ts';
import { colour } from './output.ts';

export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warn' | 'missing';
  readonly detail: string;
}

const OBJECT = join(import.meta.dirname, '..', '..', 'build', 'bpf', 'routewatch.bpf.o');

/** A line for each. */
export function printFindings(findings: readonly Finding[]): void {
  for (const { check, result, detail } of findings) {
    process.stdout.write(`${colour(result === 'ok' ? 'green' : result === 'warn' ? 'yellow' : 'red', result.padEnd(8))}${check.padEnd(14)}${detail}\n`);
  }
}

/** All checks, the host's first. */
export async function checkCollector(config: CollectConfig): Promise<Finding[]> {
  return [kernel(), btf(), object(), library(), capabilities(config), ...interfaces(config), clock(), spool(config), ...await log(config)];
}

function kernel(): Finding {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const isAtLeast = (wanted: number, behind: number): boolean => major > wanted || (major === wanted && minor >= behind);
  if (!isAtLeast(5, 8)) return { check: 'kernel', result: 'missing', detail: `Linux ${release()} has no BPF ring buffer: 5.8 or newer is needed` };
  return { check: 'kernel', result: 'ok', detail: `Linux ${release()}${isAtLeast(6, 6) ? ', attaches by TCX' : ', attaches by clsact (TCX comes with 6.6)'}` };
}

function btf(): Finding {
  return existsSync('/sys/kernel/btf/vmlinux') ? { check: 'BTF', result: 'ok', detail: 'the kernel describes its types' }
    : { check: 'BTF', result: 'warn', detail: '/sys/kernel/btf/vmlinux is not there: a kernel built with CONFIG_DEBUG_INFO_BTF=y is tested, this one is not' };
}

function object(): Finding {
  return existsSync(OBJECT) ? { check: 'filter', result: 'ok', detail: 'built' } : { check: 'filter', result: 'missing', detail: `${OBJECT} is not there: run \`make setup\` where clang is, or install the collector's package` };
}

function library(): Finding {
  try {
    libbpf();
    return { check: 'libbpf', result: 'ok', detail: 'libbpf.so.1' };
  } catch (error) {
    return { check: 'libbpf', result: 'missing', detail: `${messageOf(error)}: install libbpf1 (apt-get install libbpf1)` };
  }
}

function capabilities({ taps }: CollectConfig): Finding {
  const missing = missingCapabilities({ namespaces: taps.some(({ namespace }) => namespace !== undefined), promiscuous: taps.some(({ promiscuous }) => promiscuous === true) });
  return missing.length === 0 ? { check: 'capabilities', result: 'ok', detail: 'all that the loader needs' }
    : { check: 'capabilities', result: 'missing', detail: `this user lacks ${missing.join(', ')}: run the collector as root, or as a unit with AmbientCapabilities=${missing.join(' ')}` };
}

/** Whether each rule takes an interface, and what their hardware does that frames do not show. */
function interfaces({ taps }: CollectConfig): Finding[] {
  const links = listLinks();
  const own = taps.filter(({ namespace }) => namespace === undefined);
  const taken = links.filter((link) => own.some((rule) => ruleMatches(rule as TapRule, link)));
  const without = own.filter((rule) => !links.some((link) => ruleMatches(rule as TapRule, link)));
  const found: Finding[] = own.length === 0 ? [] : [taken.length === 0 ? { check: 'interfaces', result: 'warn', detail: 'no interface of this host is taken by a rule' }
    : { check: 'interfaces', result: 'ok', detail: taken.map(({ name, carrier }) => (carrier ? name : `${name} (no carrier)`)).join(', ') }];
  for (const { match } of without) found.push({ check: 'interfaces', result: 'warn', detail: `${match} matches none of ${links.map(({ name }) => name).join(', ')}: it is tapped when it comes` });
  const merging = taken.filter(({ name }) => hasLargeReceive(name)).map(({ name }) => name);
  found.push(merging.length === 0 ? { check: 'NIC offloads', result: 'ok', detail: 'no hardware joins segments of different frames; checksums of frames that this host sends are not judged' }
    : { check: 'NIC offloads', result: 'warn', detail: `large receive offload joins segments before the filter sees them, and their times are lost: ${merging.map((name) => `ethtool -K ${name} lro off`).join('; ')}` });
  return found;
}

const SIOCETHTOOL = 0x8946;
const ETHTOOL_GFLAGS = 0x25;
const ETH_FLAG_LRO = 1 << 15;
const IFNAMSIZ = 16;

/** Large receive offload (ethtool's lro); false where the driver does not say. */
function hasLargeReceive(name: string): boolean {
  const libc = koffi.load('libc.so.6');
  const descriptor = (libc.func('int socket(int domain, int type, int protocol)') as (domain: number, type: number, protocol: number) => number)(2, 2, 0);
  if (descriptor < 0) return false;
  try {
    const value = koffi.alloc('uint32_t', 2);
    koffi.encode(value, koffi.array('uint32_t', 2), [ETHTOOL_GFLAGS, 0]);
    const request = Buffer.alloc(40);
    request.write(name.slice(0, IFNAMSIZ - 1), 'latin1');
    request.writeBigUInt64LE(koffi.address(value), IFNAMSIZ);
    const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)') as (fd: number, request: number, argument: Buffer) => number;
    const flags = ioctl(descriptor, SIOCETHTOOL, request) === 0 ? (koffi.decode(value, koffi.array('uint32_t', 2)) as number[])[1]! : 0;
    koffi.free(value);
    return (flags & ETH_FLAG_LRO) !== 0;
  } finally {
    (libc.func('int close(int fd)') as (fd: number) => number)(descriptor);
  }
}

/** adjtimex(2): TIME_ERROR, where nobody keeps the clock. */
const TIME_ERROR = 5;
const TIMEX_BYTES = 512;

function clock(): Finding {
  const state = (koffi.load('libc.so.6').func('int adjtimex(void *timex)') as (timex: Buffer) => number)(Buffer.alloc(TIMEX_BYTES));
  return state >= 0 && state !== TIME_ERROR ? { check: 'clock', result: 'ok', detail: 'is kept by NTP or the like' }
    : { check: 'clock', result: 'warn', detail: 'nobody keeps it (adjtimex): taps on two hosts cannot be compared; install chrony or systemd-timesyncd' };
}

function spool({ data, shipper }: CollectConfig): Finding {
  let place = data;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    return { check: 'spool', result: 'missing', detail: `${data} cannot be written: ${messageOf(error)}` };
  }
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  return free > shipper.spoolBytes ? { check: 'spool', result: 'ok', detail: `${data}, up to ${megabytes(shipper.spoolBytes)} of ${megabytes(free)} free` }
    : { check: 'spool', result: 'warn', detail: `${megabytes(free)} are free at ${data}, and the spool may take ${megabytes(shipper.spoolBytes)}: make room, or lower shipper.spoolBytes` };
}

async function log(config: CollectConfig): Promise<Finding[]> {
  if (config.kafka === undefined && config.log === undefined) return [{ check: 'log', result: 'missing', detail: 'the configuration names none: kafka.brokers, or log' }];
  try {
    const { log: opened, partitions } = await openFramesLog(config);
    const identity = await opened.identity(framesTopic);
    await opened.close();
    return [{ check: 'log', result: 'ok', detail: config.kafka?.brokers.join(', ') ?? config.log! }, { check: 'topics', result: 'ok', detail: `${framesTopic}: ${partitions} partitions, id ${identity}` }];
  } catch (error) {
    return [{ check: 'log', result: 'missing', detail: messageOf(error) }];
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
