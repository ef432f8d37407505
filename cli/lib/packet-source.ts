/** Packets behind events for the API: found through the store, explained in threads, few at a time. */
import { Worker } from 'node:worker_threads';
import { type PacketSource, Problem } from '../../dashboards/web/index.ts';
import type { KafkaSettings } from '../../stream/log/kafka/index.ts';
import { UsageError } from './output.ts';
import { findPacket } from './packet.ts';
import type { PacketJob } from './packet-thread.ts';
import { readerOf } from './reader.ts';

const MOST_AT_ONCE = 2;
const LONGEST_MS = 15_000;
/** Heap of one thread, MB: a batch of frames and the decoders' memories are outside of it. */
const HEAP_MB = 256;

/** Packets of the log in the data directory, or on Kafka. */
export function packetSource(storeUrl: string, dataDir: string, kafka: KafkaSettings | undefined): PacketSource {
  let running = 0;
  return async (eventId, signal) => {
    const locator = await findPacket(readerOf(storeUrl), eventId).catch((error: unknown) => { throw error instanceof UsageError ? new Problem(404, 'No packet behind it', error.message) : error; });
    if (locator === undefined) return undefined;
    if (running >= MOST_AT_ONCE) throw new Problem(503, 'Others are asking', `${MOST_AT_ONCE} packets are being explained already. Try again`);
    running += 1;
    try {
      return await explainInThread({ locator, dataDir, kafka }, signal);
    } finally {
      running -= 1;
    }
  };
}

async function explainInThread(job: PacketJob, signal: AbortSignal): Promise<object> {
  const thread = new Worker(new URL('packet-thread.ts', import.meta.url), { workerData: job, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
  const ended = Promise.withResolvers<{ readonly shown?: object; readonly failed?: string }>();
  const late = setTimeout(() => { ended.reject(new Problem(504, 'The packet took too long', `It was not explained within ${LONGEST_MS / 1000} s`)); }, LONGEST_MS);
  const leave = (): void => { ended.resolve({ failed: 'nobody waits for it any more' }); };
  signal.addEventListener('abort', leave);
  thread.on('message', ended.resolve);
  thread.on('error', (error) => { ended.reject(error); });
  thread.on('exit', () => { ended.resolve({ failed: 'its thread ended without an answer' }); });
  try {
    const { shown, failed = '' } = await ended.promise;
    if (shown === undefined) throw new Problem(410, 'The packet is gone', failed);
    return shown;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', leave);
    await thread.terminate();
  }
}
