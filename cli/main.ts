/** The `routewatch` command: one file a command under commands/. */
import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alert } from './commands/alert.ts';
import { alerter } from './commands/alerter.ts';
import { audit } from './commands/audit.ts';
import { backup } from './commands/backup.ts';
import { checkConfig } from './commands/check-config.ts';
import { collect } from './commands/collect.ts';
import { decode } from './commands/decode.ts';
import { demo } from './commands/demo.ts';
import { detach } from './commands/detach.ts';
import { doctor } from './commands/doctor.ts';
import { events } from './commands/events.ts';
import { finalize } from './commands/finalize.ts';
import { inventory } from './commands/inventory.ts';
import { packet } from './commands/packet.ts';
import { query } from './commands/query.ts';
import { redecode } from './commands/redecode.ts';
import { repartition } from './commands/repartition.ts';
import { replay } from './commands/replay.ts';
import { sink } from './commands/sink.ts';
import { token } from './commands/token.ts';
import { topics } from './commands/topics.ts';
import { up } from './commands/up.ts';
import { version } from './commands/version.ts';
import { views } from './commands/views.ts';
import { worker } from './commands/worker.ts';
import { explainError } from './lib/errors.ts';
import { EXIT, complain, flushed } from './lib/output.ts';

/** Commands that keep data: the end of their output is not the end of their work. */
const loading = new Set(['replay', 'inventory']);

const root = join(import.meta.dirname, '..');

export function program(): Command {
  const { version: number } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const routewatch = new Command('routewatch')
    .description('Sees each routing adjacency, route change and topology change of a fleet, from the packets alone.')
    .version(number, '-V, --version')
    .showHelpAfterError('(--help tells more)')
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', `
Examples:
  routewatch replay lan0.pcap uplink.pcapng        decode captures into ./routewatch-data
  tcpdump -i eth0 -w - | routewatch replay -       the same, live from standard input
  routewatch adjacencies                           who is whose neighbour now
  routewatch timeline --at "5m ago"                what had happened by then
  routewatch query "SELECT * FROM timeline"        anything, in SQL
  routewatch decode --pdus lan0.pcap               every routing PDU as JSON
  routewatch help replay                           a command's options and examples

Times are UTC. Colours only on a terminal, and not where NO_COLOR is set.
Exit codes: 0 done; 1 failed; 2 wrong use; 3 done, but part of the input could not be used;
69 a part is missing (see doctor); 70 a fault of ours; 130 interrupted.`);
  for (const register of [replay, decode, query, views, events, packet, inventory, up, demo, topics, worker, sink, alerter, alert, collect, audit, backup, repartition, finalize, redecode, detach, token, doctor, checkConfig, version]) register(routewatch);
  return routewatch;
}

async function main(): Promise<number> {
  try {
    await program().parseAsync(process.argv);
    return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { text, code } = explainError(error);
    complain(text);
    if (process.env['ROUTEWATCH_DEBUG'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return code;
  }
}

// A reader that has seen enough (`| head`) is no failure: what loads data goes on to its end without it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!loading.has(process.argv[2] ?? '')) process.exit(EXIT.ok);
});
if (import.meta.main) {
  const code = await main();
  await flushed();
  process.exit(code);
}
