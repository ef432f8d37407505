/** For tests: a worker thread that sends numbered frames in another network namespace, a few hundred a second. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { ethernet, ipv4, tcp } from '../../decoders-wasm/link/testing-frames.ts';
import { Namespace } from './namespaces.ts';
import { sendFrames } from './testing.ts';

const { namespace, interfaceName, count } = workerData as { namespace: string; interfaceName: string; count: number };
const place = new Namespace(namespace);
for (let number = 0; number < count; number += 20) {
  const frames = Array.from({ length: 20 }, (_, index) => Uint8Array.from(ethernet(0x0800, ipv4(6, tcp([number + index >> 8, number + index & 255])))));
  place.inside(() => { sendFrames(interfaceName, frames, 0); });
  if (number === 1000) parentPort!.postMessage('amid');
  await sleep(2);
}
place.close();
