/** The short form of `make chaos`: every named place once, and the other harms. */
import { expect, it } from 'vitest';
import { chaos, faultPoints, isHarmed, summary } from './chaos.ts';

it('loses nothing and doubles nothing under kill -9, frozen workers and claims at once', async () => {
  const seed = 20_261_121;
  const result = await chaos({ rounds: 20, seed });
  console.log(`seed ${seed}: ${summary(result)}`);
  expect(isHarmed(result), summary(result)).toBe(false);
  expect(result.rows).toBeGreaterThan(5000);
  for (const [part, points] of Object.entries(faultPoints)) for (const point of points) expect(result.disturbances[`${part} at ${point}`], point).toBeGreaterThan(0);
  for (const kind of ['worker frozen', 'two workers', 'worker', 'sink', 'store', 'replay']) expect(result.disturbances[kind], kind).toBeGreaterThan(0);
}, 600_000);
