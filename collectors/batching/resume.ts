/** Where a frames log stands for a collector: so that a replay run again goes on, by frame identity. */
import { decodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { framesTopic, type Log } from '../../stream/contract/log.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { type Resume, TICK_GRID_NS } from './index.ts';

/** Reads every batch header of the log; taps count by identity whatever run wrote them, sequences by (collector, epoch). */
export async function readResume(log: Log, partitions: number, collector: string, epoch: string): Promise<Resume> {
  const found: [number, PartitionResume][] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const here: PartitionResume = { sequence: 0, clockNs: -1n, lastFrames: new Map(), closed: new Set() };
    const { first } = await log.bounds(framesTopic, partition);
    for await (const { value } of log.read(framesTopic, partition, first)) {
      const { header, frames } = decodeFrameBatch(value);
      if (header.collector === collector && header.epoch === epoch) {
        here.sequence = Math.max(here.sequence, header.sequence);
        here.clockNs = clockBehind(frames, here.clockNs);
      }
      for (const tap of header.taps) {
        here.lastFrames.set(tap.identity, BigInt(tap.lastFrame));
        if (tap.state === 'closed') here.closed.add(tap.identity);
        else here.closed.delete(tap.identity);
      }
    }
    found.push([partition, here]);
  }
  return { partitions: new Map(found) };
}

/** The batcher's clock behind these frames: the last tick, or the grid's time of the very first frame. */
function clockBehind(frames: Uint8Array, before: bigint): bigint {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  let clock = before;
  for (let at = 0; at < frames.length; at += view.getUint32(at + layout.FRAME_LENGTH, true)) {
    const boot = view.getBigUint64(at + layout.FRAME_BOOT_NS, true);
    if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK) clock = boot;
    else if (clock < 0n) clock = boot - (boot % TICK_GRID_NS);
  }
  return clock;
}

interface PartitionResume {
  sequence: number;
  clockNs: bigint;
  lastFrames: Map<string, bigint>;
  closed: Set<string>;
}
