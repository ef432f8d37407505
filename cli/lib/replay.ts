/** Captures through the whole path into a running system: shared by `replay` and `demo`. */
import { createHash } from 'node:crypto';
import { Batcher } from '../../collectors/batching/index.ts';
import { readResume } from '../../collectors/batching/resume.ts';
import { type CaptureInputResult, type KeyMap, type OpenCapture, isSaneTime, readCaptures } from '../../collectors/inputs/pcap/index.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import { openCaptures } from './captures.ts';
import type { System } from './system.ts';

export interface ReplayOptions {
  readonly captures: readonly OpenCapture[];
  readonly tapNames: readonly string[];
  readonly domain: string;
  readonly map?: KeyMap;
  readonly shiftNs: bigint;
  readonly speed?: number;
  readonly untilNs?: bigint;
  /** The captures are still being written. */
  readonly live?: boolean;
  /** A batch is shipped when it has so many bytes. */
  readonly batchBytes?: number;
  readonly signal?: AbortSignal;
  readonly progress?: (packets: number, timeNs: bigint) => void;
}

export interface ReplayResult extends CaptureInputResult {
  /** Records that went into the log; 0: it had all of them. */
  readonly records: number;
}

/** Replays the captures as taps of one domain; what the log has already is passed over. Ends when all is in the log. */
export async function replayInto(system: Pick<System, 'log' | 'partitions'>, options: ReplayOptions): Promise<ReplayResult> {
  const epoch = await epochOf(options);
  let records = 0;
  const batcher = new ReplayBatcher({
    collector: 'replay', epoch, partitions: system.partitions, batchBytes: options.batchBytes ?? 1 << 20,
    resume: await readResume(system.log, system.partitions, 'replay', epoch),
    send: async (partition, record) => {
      records += 1;
      await system.log.append(framesTopic, partition, [record]);
    },
  });
  return { ...await readCaptures(options, batcher), records };
}

class ReplayBatcher extends Batcher {
  /** Without a packet there is no time at which taps could have ended: nothing is written, and the same command begins anew. */
  override close(endNs: bigint): Promise<void> {
    return endNs === 0n ? Promise.resolve() : super.close(endNs);
  }
}

/** The epoch of a replay is made of what it reads: the same files again are the same epoch. */
async function epochOf(options: ReplayOptions): Promise<string> {
  const hash = createHash('sha256').update(`${options.domain}\0${options.shiftNs}\0${options.untilNs ?? ''}${options.map === undefined || options.map.length === 0 ? '' : `\0${JSON.stringify(options.map)}`}`);
  for (const [index, capture] of options.captures.entries()) hash.update(`\0${options.tapNames[index]}\0`).update(await capture.identity());
  return hash.digest().readBigUInt64BE().toString();
}

/** Last packet time of the files, up to `untilNs`, so that `--retime now` can end them now; `undefined` without packets. */
export async function lastPacketTime(files: readonly string[], untilNs?: bigint): Promise<bigint | undefined> {
  let last: bigint | undefined;
  /** Of times that cannot be, should there be no others. */
  let odd: bigint | undefined;
  for (const capture of await openCaptures(files)) {
    for await (const packets of capture.packets) {
      for (const { timeNs } of packets) {
        if (untilNs !== undefined && timeNs > untilNs) continue;
        if (!isSaneTime(timeNs)) odd = odd === undefined || timeNs > odd ? timeNs : odd;
        else if (last === undefined || timeNs > last) last = timeNs;
      }
    }
  }
  return last ?? odd;
}
