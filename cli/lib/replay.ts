/** Captures through the whole path into a running system: shared by `replay` and `demo`. */
import { createHash } from 'node:crypto';
import { Batcher } from '../../collectors/batching/index.ts';
import { readResume } from '../../collectors/batching/resume.ts';
import { type CaptureInputResult, openCapture, readCaptures } from '../../collectors/inputs/pcap/index.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import type { System } from './system.ts';
import { EMBEDDED_PARTITIONS } from './system.ts';

export interface ReplayOptions {
  readonly files: readonly string[];
  readonly tapNames: readonly string[];
  readonly domain: string;
  readonly shiftNs: bigint;
  readonly speed?: number;
  readonly untilNs?: bigint;
  readonly batchBytes?: number;
  readonly signal?: AbortSignal;
  readonly progress?: (packets: number, timeNs: bigint) => void;
}

/** Replays the files as taps of one domain; what the log has already is passed over. Ends when all is in the log. */
export async function replayInto(system: System, options: ReplayOptions): Promise<CaptureInputResult> {
  const captures = await Promise.all(options.files.map((file) => openCapture(file)));
  const epoch = await epochOf(captures.map((capture) => capture.identity()), options);
  const batcher = new Batcher({
    collector: 'replay', epoch, partitions: EMBEDDED_PARTITIONS, batchBytes: options.batchBytes ?? 1 << 20,
    resume: await readResume(system.log, EMBEDDED_PARTITIONS, 'replay', epoch),
    send: async (partition, record) => { await system.log.append(framesTopic, partition, [record]); },
  });
  const { tapNames, domain, shiftNs, speed, untilNs, signal, progress } = options;
  return readCaptures({
    captures, tapNames, domain, shiftNs,
    ...(speed === undefined ? {} : { speed }),
    ...(untilNs === undefined ? {} : { untilNs }),
    ...(signal === undefined ? {} : { signal }),
    ...(progress === undefined ? {} : { progress }),
  }, batcher);
}

/** The epoch of a replay is made of what it reads: the same files again are the same epoch. */
async function epochOf(identities: readonly Promise<Uint8Array>[], options: ReplayOptions): Promise<string> {
  const hash = createHash('sha256').update(`${options.domain}\0${options.shiftNs}\0${options.untilNs ?? ''}`);
  for (const [index, identity] of identities.entries()) hash.update(`\0${options.tapNames[index]}\0`).update(await identity);
  return hash.digest().readBigUInt64BE().toString();
}

/** Last packet time of the files, so that `--retime now` can end them now; standard input cannot be read twice. */
export async function lastPacketTime(files: readonly string[]): Promise<bigint | undefined> {
  let last: bigint | undefined;
  for (const file of files) {
    if (file === '-') continue;
    const capture = await openCapture(file);
    for await (const packets of capture.packets) {
      for (const packet of packets) if (last === undefined || packet.timeNs > last) last = packet.timeNs;
    }
  }
  return last;
}
