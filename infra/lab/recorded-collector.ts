/**
 * A shipper on a recorded ring as a process of its own, so that it can be killed: `node recorded-collector.ts DIRECTORY SPEED
 * EPOCH STARTED_MS CAPTURE...`. It writes to the embedded log in DIRECTORY/log and ends when the captures do.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRecorded } from '../../collectors/recorded/index.ts';
import { Shipper } from '../../collectors/shipper/index.ts';
import { openCurrent } from '../../stream/log/embedded/manifest.ts';
import { tapNameOf } from './decode.ts';

const [directory, speed, epoch, startedMs, ...files] = process.argv.slice(2);
const { log, partitions } = await openCurrent(join(directory!, 'log'));
const port = await openRecorded({ files, tapNames: files.map(tapNameOf), epoch: BigInt(epoch!), speed: Number(speed), startedMs: Number(startedMs) });
const shipper = new Shipper({ port, log, partitions, collector: 'host1', directory: join(directory!, 'spool'), domainOf: () => 'lab', tell: (message) => { process.stderr.write(`${message}\n`); } });
await shipper.start();
shipper.failed.catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
while (!port.isOver) await sleep(20);
const isEmpty = await shipper.stop();
await log.close();
process.exit(isEmpty ? 0 : 1);
