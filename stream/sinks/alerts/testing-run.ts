/** For tests: one alert sink as a process of its own: log directory, state file, file that gets the id of each notice told. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertNotice } from '../../contract/alert.ts';
import { logTopics, reportTopics } from '../../contract/log.ts';
import { openEmbeddedLog } from '../../log/embedded/index.ts';
import { alertsConfig } from './config.ts';
import { rules } from './rules/index.ts';
import { AlertSink } from './sink.ts';

const [directory, state, told] = process.argv.slice(2) as [string, string, string];
const log = openEmbeddedLog(directory);
await log.ensureTopics([...logTopics(1), ...reportTopics]);
const channel = {
  name: 'file',
  send: async (notices: readonly AlertNotice[]): Promise<void> => {
    await Promise.resolve();
    appendFileSync(told, notices.filter(({ rule }) => rule !== 'watchdog').map(({ id }) => `${id}\n`).join(''));
  },
  close: (): Promise<void> => Promise.resolve(),
};
const config = alertsConfig.parse({ tellWithinMinutes: 100 * 365 * 1440 });
const sink = new AlertSink({ log, partitions: 1, file: state, config, rules, channels: [channel], complain: () => undefined });
await sink.start();
await sink.drained();
for (const end = performance.now() + 5000; performance.now() < end && sink.health().some(({ waiting }) => waiting > 0);) await sleep(20);
await sink.stop();
await log.close();
