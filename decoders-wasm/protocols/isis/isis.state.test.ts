/** Checkpoints and batches change nothing: the same rows and the same final export, whatever the seed and the cuts. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../contract/row-reader.ts';
import { PROTOCOL_ISIS } from '../../contract/generated/frame.ts';
import { decodeToRows, type DecodeOptions } from '../../../infra/lab/decode.ts';

const captures = join(import.meta.dirname, '../../../infra/lab/captures');
const labs: [string, string[]][] = [
  ['isis-lan3', ['lan0.pcap.gz']],
  ['isis-ring', ['r1-r2a.pcap.gz', 'r1-r2b.pcap.gz', 'r2-r3.pcap.gz', 'r3-r4.pcap.gz', 'r4-r1.pcap.gz']],
];

/** Rows without the locator, and the last export, as text. */
async function run(lab: string, files: string[], options: DecodeOptions, reload?: (batch: number) => bigint): Promise<{ rows: string; state: string; batches: number }> {
  let state = '';
  let batches = 0;
  const { rows } = await decodeToRows(files.map((file) => join(captures, lab, file)), {
    ...options,
    afterBatch: (set) => {
      if (reload !== undefined) set.reload(reload(batches));
      batches += 1;
      state = Buffer.from(set.of(PROTOCOL_ISIS)?.exportState() ?? []).toString('base64');
    },
  });
  return { rows: text(rows), state, batches };
}

function text(rows: ReadonlyMap<string, Row[]>): string {
  const plain = [...rows].filter(([table]) => table !== 'coverage_events').map(([table, list]) => [table, list.map((row) => {
    const { frame_offset: _offset, frame_index: _index, ...rest } = row;
    return rest;
  })]);
  return JSON.stringify(plain, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

describe.each(labs)('%s', (lab, files) => {
  it('gives the same rows in large and in small batches', async () => {
    const large = await run(lab, files, {});
    const small = await run(lab, files, { batchBytes: 4000 });
    expect(small.batches).toBeGreaterThan(50);
    expect(small.rows).toBe(large.rows);
  });

  it('gives the same rows and export when a fresh instance of another seed takes over after each batch', async () => {
    const plain = await run(lab, files, { batchBytes: 2000 });
    const broken = await run(lab, files, { batchBytes: 2000, seed: 99n }, (batch) => BigInt(batch) * 7919n + 3n);
    expect(broken.batches).toBeGreaterThan(100);
    expect(broken.rows).toBe(plain.rows);
    expect(broken.state).toBe(plain.state);
  });
});
