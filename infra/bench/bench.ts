/** `make bench`, or `node infra/bench/bench.ts [--prefixes N] [--rounds N] [--segment BYTES] [--write]`: measures beside what people use. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, interleaved, runTimed, spread } from './cpu.ts';
import { benchFiles } from './generate/files.ts';
import { measureLog } from './log.ts';
import { describeCommit, describeMachine, load } from './machine.ts';
import { findPeers } from './peers.ts';
import type { Phases } from './phases.ts';
import { formatResults } from './report.ts';
import { measureRestart } from './restart.ts';
import { measureStore } from './store.ts';

const SEED = 20_261_121;
const root = join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    prefixes: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '7' },
    segment: { type: 'string', default: '1460' },
    write: { type: 'boolean', default: false },
  },
});
const options = { prefixes: positive('prefixes'), rounds: positive('rounds'), segment: positive('segment') };

const directory = join(root, 'build/bench');
told(`generating ${options.prefixes} prefixes`);
const table = { prefixes: options.prefixes, seed: SEED, segmentBytes: options.segment };
const files = await benchFiles(directory, table);
const one = await benchFiles(directory, { ...table, prefixes: 1 });
const { peers, missing } = findPeers(told);

const loadBefore = load();
const runs = new Map<string, Command>([
  ['routewatch', script('infra/bench/decode.ts', files.pcap)],
  ['start', script('infra/bench/decode.ts', one.pcap)],
  ['command line', script('cli/main.ts', 'decode', files.pcap, '--format', 'none')],
  ['phases', { ...script('infra/bench/phases.ts', files.pcap), keepOutput: true }],
  ...peers.map((peer) => [peer.name, peer.command(files)] as const),
]);
const costs = await interleaved(options.rounds, new Map([...runs].map(([name, command]) => [name, () => runTimed(command)])), (name, round) => {
  told(`round ${round} of ${options.rounds}: ${name}`);
});
const cpu = (name: string) => spread(costs.get(name)!.map(({ cpuMs }) => cpuMs));
told('log, store and restarts');

const text = formatResults({
  machine: describeMachine(), commit: describeCommit(), date: new Date().toISOString().slice(0, 10),
  command: `make bench${options.prefixes === 1_000_000 ? '' : ` (--prefixes ${options.prefixes})`}`,
  load: [loadBefore, load()], files, segmentBytes: options.segment,
  routewatch: cpu('routewatch'), start: cpu('start'), cli: cpu('command line'),
  phases: costs.get('phases')!.map(({ output }) => JSON.parse(output) as Phases),
  peers: peers.map((peer) => ({ peer, version: peer.version(), cpu: cpu(peer.name) })), missing,
  log: await measureLog(), store: await measureStore(files.pcap), restart: await measureRestart(files.pcap),
});
process.stdout.write(text);
if (values.write) {
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text);
  told('written to infra/bench/RESULTS.md');
}

/** A TypeScript file of the project in a Node of its own. */
function script(file: string, ...args: string[]): Command {
  return { file: process.execPath, args: ['--disable-warning=ExperimentalWarning', join(root, file), ...args] };
}

function positive(name: 'prefixes' | 'rounds' | 'segment'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} takes a whole number above 0, not ${values[name]}`);
}

function told(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}
