/**
 * `node infra/bench/kernel.ts [--rounds N] [--write]`, part of `make bench`: what the filter costs in the kernel, a frame at a
 * time, and what reading its ring costs. Needs root and clang; without them it says so.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench, whyNot } from '../../bpf/testing.ts';
import { LiveRing } from '../../collectors/inputs/ebpf/port.ts';
import { libbpf } from '../../collectors/loader/libbpf.ts';
import { ethernet, ieee8023, ipv4, ipv6, LLC_ISO, tcp, u16, udp } from '../../decoders-wasm/link/testing-frames.ts';
import { type Spread, spread } from './cpu.ts';
import { describeCommit, describeMachine, load } from './machine.ts';

const EMPTY = join(import.meta.dirname, '../../build/bpf/empty.bpf.o');
const RUNS = 1_000_000;
const SHIPPED_RUNS = 8000;
const NEVER = 1n << 62n;
/** What was asked for, ns. */
const MOST_REJECT_NS = 5;
const MOST_DRAIN_NS = 20;

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const frame = (bytes: readonly number[]): Uint8Array => Uint8Array.from([...bytes, ...zeros(Math.max(0, 60 - bytes.length))]);
const payload = zeros(1446);

const OTHERS: Record<string, Uint8Array> = {
  'TCP in IPv4': frame(ethernet(0x0800, ipv4(6, tcp(payload, 443, 50_000)))),
  'TCP in IPv6': frame(ethernet(0x86dd, ipv6(6, tcp(payload, 443, 50_000)))),
  'UDP in IPv4': frame(ethernet(0x0800, ipv4(17, udp(443, payload)))),
  ARP: frame(ethernet(0x0806, zeros(28))),
};
const tlvs = [...Array.from({ length: 4 }, () => [8, 255, ...zeros(255)]).flat(), 8, 237, ...zeros(237)];
const hello = frame(ieee8023([...LLC_ISO, 0x83, 27, 1, 0, 15, 1, 0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 30, ...u16(27 + 200 + tlvs.length), 64, 0, 0, 0, 0, 0, 1, 1,
  ...Array.from({ length: 4 }, () => [6, 48, ...zeros(48)]).flat(), ...tlvs]));
const SHIPPED: Record<string, Uint8Array> = {
  'BGP keepalive to the ring': frame(ethernet(0x0800, ipv4(6, tcp([...Array.from({ length: 16 }, () => 255), 0, 19, 4])))),
  'BGP segment of 1,500 bytes to the ring': frame(ethernet(0x0800, ipv4(6, tcp(payload)))),
};

interface Row { name: string; ns: Spread }

function loadEmpty(): { fd: number; close: () => void } {
  const api = libbpf();
  const object = api.openFile(EMPTY, null) as unknown;
  if (object === null || (api.load(object) as number) < 0) throw new Error(`${EMPTY} cannot be loaded; build it: node infra/dev/build-bpf.ts`);
  return { fd: api.programFd(api.findProgram(object, 'empty')) as number, close: () => { api.close(object); } };
}

/** Interleaved rounds over all frames; the empty program is the first. */
function measureFrames(rounds: number): Row[] {
  const bench = new Bench({ helloShipNs: NEVER, wakeIntervalNs: NEVER });
  const empty = loadEmpty();
  const any = OTHERS['TCP in IPv4']!;
  bench.run(hello);
  const runs: [string, () => number][] = [
    ['the empty program', () => bench.run(any, RUNS, empty.fd).durationNs],
    ...Object.entries(OTHERS).map(([name, bytes]): [string, () => number] => [name, () => bench.run(bytes, RUNS).durationNs]),
    [`suppressed hello of IS-IS, ${hello.length} bytes`, () => bench.run(hello, RUNS / 10).durationNs],
    ...Object.entries(SHIPPED).map(([name, bytes]): [string, () => number] => [name, () => {
      const { durationNs } = bench.run(bytes, SHIPPED_RUNS);
      bench.records();
      return durationNs;
    }]),
  ];
  const values = runs.map((): number[] => []);
  for (let round = 0; round < rounds; round++) for (const [index, [, run]] of runs.entries()) values[index]!.push(run());
  if (bench.counters()['ring-full'] > 0n) throw new Error('the ring was full: what was measured is not what it says');
  bench.close();
  empty.close();
  return runs.map(([name], index) => ({ name, ns: spread(values[index]!) }));
}

/** ns a frame for records of keepalives: in place, and copied out for the shipper. */
function measureDrain(rounds: number): Row[] {
  const bench = new Bench({ wakeIntervalNs: NEVER });
  const port = new LiveRing({
    kind: 'hand-over', epoch: '1', ringBytes: bench.loader.ringBytes, ringFd: bench.loader.mapFd('ring'), hellosFd: bench.loader.mapFd('hellos'),
    countersFd: bench.loader.mapFd('counters'), taps: [{ id: 0, name: 'a', openedNs: '0', carrier: { isUp: true, changes: 0, atNs: '0' }, slots: [0] }],
  });
  port.taps();
  const [keepalive] = Object.values(SHIPPED);
  const count = 90_000;
  const offsets = new Uint32Array(count);
  const buffer = new Uint8Array(16 << 20);
  const inPlace: number[] = [];
  const copied: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bench.run(keepalive!, count);
    const position = port.position;
    inPlace.push(timed(count, () => bench.ring.read(offsets)));
    port.seek(position);
    copied.push(timed(count, () => { port.read(buffer); }));
    port.release(port.position);
  }
  void port.close();
  bench.close();
  return [{ name: 'records found in place', ns: spread(inPlace) }, { name: 'records copied out for the shipper', ns: spread(copied) }];
}

/** CPU time of this process: others on the machine do not count. */
function timed(count: number, work: () => void): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) * 1e3 / count;
}

function page(rounds: number, loadBefore: number): string {
  const frames = measureFrames(rounds);
  const drain = measureDrain(rounds);
  const base = frames[0]!.ns;
  const worst = Math.max(...frames.slice(1, 1 + Object.keys(OTHERS).length).map(({ ns }) => ns.min - base.min));
  const verdict = (value: number, most: number): string => `${value.toFixed(1)} ns, at most ${most} asked for: ${value <= most ? 'held' : '**missed**'}`;
  return [
    '# What the filter costs', '',
    `${new Date().toISOString().slice(0, 10)}, commit ${describeCommit()}, \`node infra/bench/kernel.ts --rounds ${rounds}\`  `,
    `${describeMachine()}; load ${loadBefore.toFixed(1)} at the beginning, ${load().toFixed(1)} at the end.`, '',
    `BPF_PROG_RUN, ${RUNS.toLocaleString('en-US')} runs a round (into the ring ${SHIPPED_RUNS.toLocaleString('en-US')}, its reader not woken), rounds interleaved.`, '',
    '| a frame | min ns | above the empty program | median ns |', '|---|--:|--:|--:|',
    ...frames.map(({ name, ns }) => `| ${name} | ${ns.min} | ${ns.min - base.min} | ${ns.median} |`), '',
    `A frame that is not ours costs ${verdict(worst, MOST_REJECT_NS)} (minima).`, '',
    '| ring to user space, a frame of 73 bytes and its header, CPU time | min ns | median ns |', '|---|--:|--:|',
    ...drain.map(({ name, ns }) => `| ${name} | ${ns.min.toFixed(1)} | ${ns.median.toFixed(1)} |`), '',
    `Draining costs ${verdict(drain[0]!.ns.min, MOST_DRAIN_NS)} in place, ${drain[1]!.ns.min.toFixed(1)} ns with the copy.`,
    'The shipper writes tap, number and key into each record, and the ring is read-only to it: one copy is left.', '',
  ].join('\n');
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' }, write: { type: 'boolean', default: false } } });
const missing = whyNot();
if (missing !== undefined) process.stderr.write(`bench: not run: the filter's costs in the kernel: ${missing}\n`);
else {
  const text = page(Math.max(1, Number(values.rounds)), load());
  process.stdout.write(text);
  if (values.write) writeFileSync(join(import.meta.dirname, 'KERNEL.md'), text);
}
