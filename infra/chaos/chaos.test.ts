/** The short form of `make chaos`: every named place and every other harm once. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chaos, isHarmed, summary } from './chaos.ts';
import { faultPoints } from './harms.ts';
import { chaosLog } from './logs.ts';

const root = join(import.meta.dirname, '..', '..');

it('loses nothing and doubles nothing, whatever part is killed, frozen or out of room, wherever it stands', async () => {
  const seed = 20_261_121;
  const result = await chaos({ rounds: 20, seed });
  console.log(`seed ${seed}, ${summary(result)}`);
  for (const what of result.notRun) console.warn(`not run: ${what}`);
  expect(result.missed).toEqual([]);
  expect(isHarmed(result), summary(result)).toBe(false);
  expect(result.rows).toBeGreaterThan(5000);
  expect(result.upgrades['removed'], 'the older decoder takes as much away as its going gives back').toBe(result.upgrades['added']);
  expect(result.upgrades['added']).toBeGreaterThan(0);
}, 600_000);

it('knows each place in the stream at which a part can be killed', () => {
  const named = new Set(Object.values(faultPoints(chaosLog('embedded').appendSteps)).flat().map((place) => place.replace(/^append:[^:]+:/, 'append:TOPIC:')));
  const found = globSync('stream/**/*.ts', { cwd: root }).flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/faultPoint\(['`]([^'`]+)['`]\)/g)].map(([, place]) => place!.replace(/\$\{[^}]*\}/, 'TOPIC')));
  expect(new Set(found)).toEqual(named);
});
