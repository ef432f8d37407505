/** `routewatch packet EVENT_ID`: the frame behind an event, explained. */
import type { Command } from 'commander';
import { type LogOptions, kafkaOf, withLogOptions } from '../lib/kafka.ts';
import { UsageError } from '../lib/output.ts';
import { checkEventId, findPacket, showPacket } from '../lib/packet.ts';
import { defaultDataDir, withReader } from '../lib/reader.ts';

export function packet(program: Command): void {
  withLogOptions(program.command('packet')
    .description('show the packet behind an event: bytes, layers and fields'))
    .argument('<event_id>', 'event_id of a row of any event table')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--json', 'as JSON on one line')
    .addHelpText('after', `\nAn event that a timer decided shows the last packet that it rests on.\n\nExamples:\n  routewatch events -n 5 --json | jq -r .event_id\n  routewatch packet 17c087a2-5d42-a406-a491-339f376309fc`)
    .action(run);
}

async function run(eventId: string, options: LogOptions & { data: string; json?: boolean }): Promise<void> {
  checkEventId(eventId);
  const locator = await withReader(options.data, (reader) => findPacket(reader, eventId));
  if (locator === undefined) throw new UsageError(`no event ${eventId} in ${options.data}`);
  const shown = await showPacket(locator, options.data, kafkaOf(options));
  process.stdout.write(`${JSON.stringify(shown, undefined, options.json === true ? undefined : 2)}\n`);
}
