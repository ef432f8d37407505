/** The short form of `make chaos`: every named place and every other harm once. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventsTopic } from '../../stream/contract/log.ts';
import { kafkaLacking } from '../dev/kafka/broker.ts';
import { chaos, isHarmed, summary } from './chaos.ts';
import { faultPoints } from './harms.ts';
import { chaosLog } from './logs.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: chaos on a real Kafka: ${lacking}`);

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

it.skipIf(lacking !== undefined)(`loses nothing and doubles nothing on a real Kafka, which is killed, stopped and frozen too${lacking === undefined ? '' : ` (${lacking})`}`, async () => {
  const seed = 20_261_121;
  // Every harm on Kafka takes minutes: make chaos LOG=kafka.
  const only = ['broker*', `worker at append:${eventsTopic}:*`, 'worker at checkpoint:chunks', 'sink at insert:after', 'two workers', 'worker frozen', 'store at random', 'retention'];
  const result = await chaos({ rounds: 1, seed, log: 'kafka-brief', only });
  console.log(`seed ${seed}, ${summary(result)}`);
  expect(result.missed).toEqual([]);
  expect(isHarmed(result), summary(result)).toBe(false);
  expect(result.rows).toBeGreaterThan(5000);
}, 600_000);

it('loses nothing and doubles nothing where collectors bring the frames, and are killed themselves: what none of them saw is one row', async () => {
  const seed = 20_261_121;
  // What only live batches make different; on Kafka, with all the rest, it takes minutes: make chaos LOG=kafka FEED=collectors.
  const only = ['collector at random', 'collector dead while its ring overflows', 'worker at random', 'wall clocks set by an hour'];
  const result = await chaos({ rounds: 1, seed, feed: 'collectors', only });
  console.log(`seed ${seed}, ${summary(result)}`);
  expect(result.missed).toEqual([]);
  expect(isHarmed(result), summary(result)).toBe(false);
  expect(result.unseen.intervals).toBe(1);
  expect(result.rows).toBeGreaterThan(5000);
}, 600_000);

/** Places that tests of their own kill at: who passes them has no part in chaos. */
const elsewhere = ['stream/sinks/alerts/sink.test.ts', 'infra/chaos/reports.test.ts'];

it('knows each place in the stream and its collectors at which a part can be killed', () => {
  const named = new Set(Object.values(faultPoints(chaosLog('embedded').appendSteps)).flat().map((place) => place.replace(/^append:[^:]+:/, 'append:TOPIC:')));
  const found = globSync('{stream,collectors}/**/*.ts', { cwd: root }).flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/faultPoint\(['`]([^'`]+)['`]\)/g)].map(([, place]) => place!.replace(/\$\{[^}]*\}/, 'TOPIC')));
  const killed = elsewhere.flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/'((?:alerts|report):[a-z]+)/g)].map(([, place]) => place!));
  expect(new Set(found)).toEqual(new Set([...named, ...killed]));
});
