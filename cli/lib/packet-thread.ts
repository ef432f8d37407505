/** Explains one packet in a thread of its own: a decoder that does not end is ended with it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { KafkaSettings } from '../../stream/log/kafka/index.ts';
import { type Locator, showPacket } from './packet.ts';

/** What the thread is given. */
export interface PacketJob {
  readonly locator: Locator;
  readonly dataDir: string;
  readonly kafka: KafkaSettings | undefined;
}

const { locator, dataDir, kafka } = workerData as PacketJob;
try {
  parentPort?.postMessage({ shown: await showPacket(locator, dataDir, kafka) });
} catch (error) {
  parentPort?.postMessage({ failed: error instanceof Error ? error.message : String(error) });
}
