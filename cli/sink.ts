/** `routewatch sink` alone, for a machine between Kafka and ClickHouse. */
import { sink } from './commands/sink.ts';
import { version } from './commands/version.ts';
import { runRole } from './lib/role.ts';

await runRole([sink, version]);
