/** The measurements of the live system, on little: that they measure what they say. */
import { expect, it } from 'vitest';
import { KafkaBroker, kafkaLacking } from '../dev/kafka/broker.ts';
import { measureCollected } from './throughput.ts';
import { latency } from './wire.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: frames through Kafka: ${lacking}`);

it('quantiles are of the sorted values', () => {
  const values = Array.from({ length: 200 }, (_, index) => (index * 7) % 200);
  expect(latency(values)).toEqual({ p50Ms: 100, p99Ms: 198, count: 200 });
});

it.skipIf(lacking !== undefined)(`frames of a collector come through Kafka to the end of the events log${lacking === undefined ? '' : ` (not run: ${lacking})`}`, async () => {
  const broker = await KafkaBroker.start();
  try {
    const { frames, seconds } = await measureCollected(broker, 50, 2);
    expect(frames).toBeGreaterThan(50 * 4);
    expect(seconds).toBeGreaterThan(0);
  } finally {
    await broker.stop();
  }
});
