/** What a partition's worker counts, by batches as they come. */
import { describe, expect, it } from 'vitest';
import type { FrameBatch } from '../contract/frame-batch.ts';
import { PartitionFigures, workerMetrics } from './figures.ts';

const batch = (sequence: number, more: Partial<FrameBatch['header']> = {}): FrameBatch => ({
  header: { collector: 'c', epoch: '1', partition: 0, sequence, taps: [], keys: [], gaps: [], ageNs: '0', ...more }, frames: new Uint8Array(64),
});
const tap = (state: 'open' | 'closed', clockNs: string | null): FrameBatch['header']['taps'][number] => ({ name: 'eth0', identity: 'ab'.repeat(16), state, clockNs, wallOffsetNs: '1000000000', lastFrame: '1' });
const valueOf = ({ batches, frameBytes, rows, doubled, zombies, checkpointAt, taps }: PartitionFigures, name: string, nowMs = 0): number[] => {
  const now = { batches, frameBytes, rows, doubled, zombies, checkpointAt, taps, replayBytes: 5 };
  return workerMetrics(new Map([[3, now]]), new Map([[3, 2]]), nowMs).find((metric) => metric.name === `routewatch_worker_${name}`)!.samples.map(({ value }) => value);
};

describe('figures of a partition', () => {
  it('count batches, and those that came before: as a checkpoint knows them, too', () => {
    const figures = new PartitionFigures();
    figures.restore({ sequences: [{ source: 'c\n1', sequence: 4 }] });
    figures.note(batch(4), []);
    figures.note(batch(5));
    figures.note(batch(6), [{ table: 1, rows: 3 }, { table: 4, rows: 4 }]);
    figures.note(batch(5), []);
    figures.note(batch(1, { epoch: '2' }), [{ table: 1, rows: 1 }]);
    figures.note(batch(1, { collector: 'clock', clockNs: '5' }), []);
    expect([figures.batches, figures.doubled, figures.frameBytes]).toEqual([5, 2, 5 * 64]);
    expect([...figures.rows]).toEqual([[1, 4], [4, 4]]);
    expect(valueOf(figures, 'rows_total')).toEqual([4, 4]);
    expect(valueOf(figures, 'claims_total')).toEqual([2]);
    expect(valueOf(figures, 'replay_bytes')).toEqual([5]);
  });

  it('know how far each live tap\'s watermark is behind, until it closes; one of a file has none', () => {
    const figures = new PartitionFigures();
    figures.note(batch(1, { taps: [tap('open', null)] }), []);
    expect(valueOf(figures, 'watermark_lag_seconds')).toEqual([]);
    figures.note(batch(2, { taps: [tap('open', '4000000000')] }), []);
    expect(valueOf(figures, 'watermark_lag_seconds', 6500)).toEqual([1.5]);
    figures.note(batch(3, { taps: [tap('closed', null)] }), []);
    expect(valueOf(figures, 'watermark_lag_seconds')).toEqual([]);
  });
});
