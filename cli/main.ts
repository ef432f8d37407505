/** The `routewatch` command: one file a command under commands/. */
import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkConfig } from './commands/check-config.ts';
import { decode } from './commands/decode.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { events } from './commands/events.ts';
import { inventory } from './commands/inventory.ts';
import { packet } from './commands/packet.ts';
import { query } from './commands/query.ts';
import { replay } from './commands/replay.ts';
import { up } from './commands/up.ts';
import { version } from './commands/version.ts';
import { views } from './commands/views.ts';
import { EXIT, UsageError } from './lib/output.ts';

const root = join(import.meta.dirname, '..');

export function program(): Command {
  const { version: number } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const routewatch = new Command('routewatch')
    .description('Sees each routing adjacency, route change and topology change of a fleet, from the packets alone.')
    .version(number, '-V, --version')
    .showHelpAfterError('(run with --help for the options)')
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

Exit codes: 0 done; 1 failed; 2 wrong use; 3 done, but part of the input could not be used; 69 a part is missing; 70 a fault of ours.`);
  for (const register of [replay, decode, query, views, events, packet, inventory, up, demo, doctor, checkConfig, version]) register(routewatch);
  return routewatch;
}

async function main(): Promise<number> {
  try {
    await program().parseAsync(process.argv);
    return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`routewatch: ${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env['ROUTEWATCH_DEBUG'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit(EXIT.ok); });
process.exit(await main());
