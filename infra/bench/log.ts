/** What an append to the embedded log costs: each is on the disk (fsync) when it is done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import { type Spread, spread } from './cpu.ts';

export interface AppendFigure {
  readonly bytes: number;
  readonly ms: Spread;
}

const SIZES = [1 << 10, 64 << 10, 1 << 20];
const APPENDS = 40;

/** Appends records of some sizes, one at a time, to a log in a directory of its own. */
export async function measureLog(): Promise<AppendFigure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-bench-'));
  const log = openEmbeddedLog(directory);
  try {
    await log.ensureTopics([{ topic: framesTopic, partitions: 1 }]);
    const figures: AppendFigure[] = [];
    for (const bytes of SIZES) {
      const record = new Uint8Array(bytes).fill(0x55);
      const times: number[] = [];
      for (let append = 0; append < APPENDS; append++) {
        const began = performance.now();
        await log.append(framesTopic, 0, [record]);
        times.push(performance.now() - began);
      }
      figures.push({ bytes, ms: spread(times) });
    }
    return figures;
  } finally {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
