/** Layer two and our own labs: every frame of every capture through the kernel program, held against link.wasm. */
import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../collectors/inputs/pcap/open.ts';
import * as layout from '../decoders-wasm/contract/generated/frame.ts';
import { Bench, isRunnable, whyNot } from './testing.ts';
import { comparable, difference, PROGRAM_LINK_TYPES, Reference } from './testing-reference.ts';

const root = join(import.meta.dirname, '..');
const why = whyNot();
const shared = ['../shared/corpus', '../shared/lab/captures'].map((name) => join(root, name));
const here = shared.every((path) => existsSync(path));
if (why !== undefined) console.warn(`not run: captures through the kernel program: ${why}`);
else if (!here) console.warn('not run: the shared captures through the kernel program (../shared is missing)');

/** Captures that are no pcap, or refused by the reader: its own tests say why. */
const UNREADABLE = /solaris\.snoop$|reserved-field-not-zero|invalid-version|invalid-vers|shb-option-too-long|\.(?:gz|bz2)\.|\.mrt/;

/** What one run over captures came to. */
class Tally {
  frames = 0;
  records = 0;
  joined = 0;
  /** Datagrams whose fragments lie in a tunnel: the kernel does not join them, so it cannot look inside. */
  tunnelled = 0;
  left = 0;
  readonly problems: string[] = [];
}

async function compare(paths: readonly string[]): Promise<Tally> {
  const tally = new Tally();
  const benches = new Map<number, Bench>();
  for (const path of paths) {
    const reference = new Reference();
    // What the collector does with pieces: the same joining, fed with what the kernel shipped.
    const joiner = new Reference();
    const capture = await openCapture(path).catch(() => undefined);
    if (capture === undefined) continue;
    for await (const packets of capture.packets) {
      for (const { data, linkType, packetNumber } of packets) {
        const program = PROGRAM_LINK_TYPES.get(linkType);
        if (program === undefined || !isRunnable(data)) {
          tally.left++;
          continue;
        }
        if (!benches.has(program)) benches.set(program, new Bench({ linkType: program, encapsulations: 0xfff }));
        const bench = benches.get(program)!;
        const wanted = reference.record(data, linkType);
        const { verdict, packet } = bench.run(data);
        tally.frames++;
        if (verdict !== -1 || Buffer.compare(packet, data) !== 0) tally.problems.push(`${basename(path)} ${packetNumber}: verdict ${verdict}, or changed`);
        const problem = check(bench.records(), wanted, joiner, linkType, tally);
        if (problem !== undefined) tally.problems.push(`${basename(path)} ${packetNumber}: ${problem}`);
      }
    }
  }
  for (const bench of benches.values()) bench.close();
  return tally;
}

function check(records: Uint8Array[], wanted: Uint8Array | undefined, joiner: Reference, linkType: number, tally: Tally): string | undefined {
  let [got] = records;
  if (got !== undefined && (got[layout.FRAME_FLAGS]! & layout.FLAG_FRAGMENT) !== 0) {
    const captured = new DataView(got.buffer).getUint32(layout.FRAME_CAPTURED_LENGTH, true);
    got = joiner.record(got.slice(layout.FRAME_BYTES, layout.FRAME_BYTES + captured), linkType);
    if (got !== undefined) tally.joined++;
  } else if (got !== undefined) {
    got = comparable(got);
    tally.records++;
  } else if (wanted !== undefined && isJoined(wanted) && wanted[layout.FRAME_TUNNEL_DEPTH]! > 0) {
    tally.tunnelled++;
    return undefined;
  }
  return records.length > 1 ? `${records.length} records` : difference(got, wanted);
}

function isJoined(record: Uint8Array): boolean {
  return (record[layout.FRAME_FLAGS]! & layout.FLAG_REASSEMBLED) !== 0;
}

describe.skipIf(why !== undefined)('captures (skipped without root, BPF or clang)', () => {
  it('gives the records of link.wasm for our own labs', async () => {
    const tally = await compare(globSync(join(root, 'infra/lab/captures/**/*.pcap*')));
    expect(tally.problems.slice(0, 20)).toEqual([]);
    expect(tally.records).toBeGreaterThan(1000);
  });

  it.skipIf(!here)('gives the records of link.wasm for all shared captures (skipped where ../shared is missing)', async () => {
    const paths = shared.flatMap((path) => globSync(join(path, '**/*.{pcap,pcapng,cap,pcap.gz,pcapng.gz}'))).filter((path) => !UNREADABLE.test(path));
    const tally = await compare(paths);
    console.log(`${paths.length} captures, ${tally.frames} frames, ${tally.records} records, ${tally.joined} joined, ${tally.tunnelled} fragments in tunnels, ${tally.left} frames that BPF_PROG_RUN does not take`);
    expect(tally.problems.slice(0, 20)).toEqual([]);
    expect(tally.records).toBeGreaterThan(20_000);
  }, 240_000);
});
