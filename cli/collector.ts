/** `routewatch collect` alone: a collector's host has no store, no web server and no compiler, so nothing of them is loaded. */
import { collect } from './commands/collect.ts';
import { detach } from './commands/detach.ts';
import { version } from './commands/version.ts';
import { runRole } from './lib/role.ts';

await runRole([collect, detach, version]);
