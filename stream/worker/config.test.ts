/** Checkpoints follow what is kept of the frames. */
import { expect, it } from 'vitest';
import { withinRetention, workerConfig } from './config.ts';

it('checkpoints come eight times while frames are kept, and as often as set where that is more often', () => {
  const { checkpointBytes, checkpointMs } = workerConfig.parse({});
  expect(withinRetention({ cutMs: 7 }, {})).toEqual({ cutMs: 7, checkpointBytes, checkpointMs });
  expect(withinRetention({}, { hours: 1 })).toEqual({ checkpointBytes, checkpointMs: 450_000 });
  expect(withinRetention({}, { hours: 72, bytes: 80_000_000 })).toEqual({ checkpointBytes: 10_000_000, checkpointMs });
  expect(withinRetention({ checkpointBytes: 500, checkpointMs: 60_000 }, { hours: 1, bytes: 8000 })).toEqual({ checkpointBytes: 500, checkpointMs: 60_000 });
});
