/** `routewatch worker` alone, for a machine that decodes and keeps nothing; `topics` with it, since somebody has to make them. */
import { topics } from './commands/topics.ts';
import { version } from './commands/version.ts';
import { worker } from './commands/worker.ts';
import { runRole } from './lib/role.ts';

await runRole([worker, topics, version]);
