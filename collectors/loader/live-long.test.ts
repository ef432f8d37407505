/** Layer two: the frames of the shared captures that are too long for BPF_PROG_RUN, sent over a veth pair: as link.wasm has them. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MOST_RUN_BYTES } from '../../bpf/testing.ts';
import { comparable, difference, Reference } from '../../bpf/testing-reference.ts';
import { Ring } from '../inputs/ebpf/ring.ts';
import { openCapture } from '../inputs/pcap/open.ts';
import { ENCAPSULATIONS, type EncapsulationName } from './config.ts';
import { Loader } from './index.ts';
import { VethPair, whyNotLive } from './testing.ts';

const shared = ['corpus', 'lab/captures'].map((name) => join(import.meta.dirname, '../../../shared', name));
const why = whyNotLive() ?? (shared.every((path) => existsSync(path)) ? undefined : 'the shared captures are not beside the repository (../shared)');
if (why !== undefined) console.warn(`not run: long frames of the shared captures: ${why}`);

/** What a veth device takes; one frame of the captures, a segment of 80 KB, is beyond it. */
const MOST_SENT_BYTES = 65_535 + 14;

async function longFrames(): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for (const path of shared.flatMap((folder) => globSync(join(folder, '**/*.{pcap,pcapng,cap,pcap.gz,pcapng.gz}')))) {
    const capture = await openCapture(path).catch(() => undefined);
    if (capture === undefined) continue;
    for await (const packets of capture.packets) {
      frames.push(...packets.filter(({ linkType, data }) => linkType === 1 && data.length > MOST_RUN_BYTES && data.length <= MOST_SENT_BYTES).map(({ data }) => data.slice()));
    }
  }
  return frames;
}

describe.skipIf(why !== undefined)('long frames (skipped without root, BPF, clang, iproute2 or ../shared)', () => {
  it('give the records of link.wasm', async () => {
    const frames = await longFrames();
    const reference = new Reference();
    const wanted = frames.map((frame) => reference.record(frame, 1)).filter((record) => record !== undefined);
    const pair = new VethPair(65_535);
    const encapsulations = Object.keys(ENCAPSULATIONS) as EncapsulationName[];
    const loader = new Loader({ taps: [{ match: 'tap0', namespace: pair.left, encapsulations }], helloShipSeconds: 0 }, { taps: () => undefined, warn: () => undefined });
    try {
      loader.start();
      const ring = new Ring(loader.mapFd('ring'), loader.ringBytes);
      pair.send(frames);
      await sleep(50);
      const offsets = new Uint32Array(1000);
      const count = ring.read(offsets);
      const got = [...offsets.subarray(0, count)].map((at) => comparable(ring.bytes.slice(at, at + ring.view.getUint32(at, true))));
      ring.close();
      // Most are other people's data, of which nothing may come.
      expect(frames.length).toBeGreaterThan(15);
      expect(wanted.length).toBeGreaterThan(0);
      expect(got).toHaveLength(wanted.length);
      for (const [index, record] of got.entries()) expect(difference(record, wanted[index]), `record ${index}`).toBeUndefined();
    } finally {
      loader.stop();
      pair.close();
    }
  });
});
