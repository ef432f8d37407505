/** `routewatch alerter` alone, for a machine between Kafka and those who are told. */
import { alerter } from './commands/alerter.ts';
import { version } from './commands/version.ts';
import { runRole } from './lib/role.ts';

await runRole([alerter, version]);
