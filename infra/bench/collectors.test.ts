/** Many collectors at rest: the records a second that the stream's contract allows for 500 of them. */
import { expect, it } from 'vitest';
import { collectorsAtRest } from './collectors.ts';

const SHARE = 50;

it('500 collectors at rest send fewer than 3,000 records a second, and little of what they see (ten of them are run)', async () => {
  const found = await collectorsAtRest(500 / SHARE, 30, { hellos: 10, helloSeconds: 10, holdSeconds: 30, sessions: 20, keepaliveSeconds: 60, taps: 4 });
  expect(found.recordsPerSecond * SHARE).toBeGreaterThan(100);
  expect(found.recordsPerSecond * SHARE).toBeLessThan(3000);
});

it('1,000 steady adjacencies with padded hellos ship 2 % of their bytes at most, compressed', async () => {
  const found = await collectorsAtRest(1, 60, { hellos: 2000, helloSeconds: 10, holdSeconds: 30, sessions: 0, keepaliveSeconds: 60, taps: 100 });
  expect(found.compressedPerSecond / found.capturedPerSecond).toBeLessThan(0.02);
});
