/** Where a frames log stands for a collector: so that a replay run again goes on, by frame identity. */
import { readManifests, readState } from '../../stream/contract/checkpoint.ts';
import { readFrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, framesTopic, type Log } from '../../stream/contract/log.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { type Resume, TICK_GRID_NS } from './index.ts';

/** Reads every batch header of the log, and of what retention has taken the newest checkpoint; taps count by identity whatever run wrote them, sequences by (collector, epoch). */
export async function readResume(log: Log, partitions: number, collector: string, epoch: string): Promise<Resume> {
  const found: [number, PartitionResume][] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const { first } = await log.bounds(framesTopic, partition);
    const here = await resumeBefore(first, log, partition, `${collector}\n${epoch}`);
    for await (const record of log.read(framesTopic, partition, first)) {
      const { header, frames } = readFrameBatch(record, { log: '', partition });
      if (header.spoiled !== undefined) continue;
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

/** What the newest checkpoint says of the frames before `first`, the log's start. */
async function resumeBefore(first: bigint, log: Log, partition: number, source: string): Promise<PartitionResume> {
  const here: PartitionResume = { sequence: 0, clockNs: -1n, lastFrames: new Map(), closed: new Set() };
  if (first === 0n) return here;
  const framesLog = await log.identity(framesTopic);
  const checkpoints = await readManifests(log, partition, (await log.bounds(checkpointsTopic, partition)).first);
  for (const manifest of checkpoints.filter((one) => one.framesLog === framesLog).toReversed()) {
    const state = await readState(log, manifest);
    if (state === undefined) continue;
    const last = state.sequences.find((one) => one.source === source);
    here.sequence = last?.sequence ?? 0;
    if (last?.clockNs !== undefined) here.clockNs = gridOf(BigInt(last.clockNs));
    for (const tap of state.taps.filter(({ lastFrame }) => lastFrame !== undefined)) {
      here.lastFrames.set(tap.identity, BigInt(tap.lastFrame!));
      if (tap.state === 'closed') here.closed.add(tap.identity);
    }
    break;
  }
  return here;
}

function gridOf(timeNs: bigint): bigint {
  return timeNs - (timeNs % TICK_GRID_NS);
}

/** The batcher's clock behind these frames: the last tick, or the grid's time of the very first frame. */
function clockBehind(frames: Uint8Array, before: bigint): bigint {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  let clock = before;
  for (let at = 0; at < frames.length; at += view.getUint32(at + layout.FRAME_LENGTH, true)) {
    const boot = view.getBigUint64(at + layout.FRAME_BOOT_NS, true);
    if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK) clock = boot;
    else if (clock < 0n) clock = gridOf(boot);
  }
  return clock;
}

interface PartitionResume {
  sequence: number;
  clockNs: bigint;
  lastFrames: Map<string, bigint>;
  closed: Set<string>;
}
