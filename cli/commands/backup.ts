/** `routewatch backup` and `routewatch restore`: the data directory with a manifest, and the way back. */
import { type Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BackupManifest, type Part, makeBackup, restoreBackup } from '../lib/backup.ts';
import { kafkaOf, type LogOptions, withLogOptions } from '../lib/kafka.ts';
import { defaultDataDir } from '../lib/reader.ts';

export function backup(program: Command): void {
  withLogOptions(program.command('backup')
    .description('copy log and store to a new directory, with a manifest of offsets and checksums'))
    .requiredOption('--to <dir>', 'directory to make')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--json', 'the manifest as JSON, without its files')
    .addHelpText('after', `
No system may run on the data directory meanwhile. DIR/backup.json comes last: without it a backup is not whole.
A log on Kafka stays there: then the copy has the store, and the log's ids and offsets.

Examples:
  routewatch backup --to /backup/routewatch-$(date +%F)
  routewatch backup --data /var/lib/routewatch --to /backup/monday
  routewatch backup --log kafka://kafka1:9092 --to /backup/monday`)
    .action(async (options: LogOptions & { data: string; to: string; json?: boolean }) => {
      const manifest = await makeBackup(options.data, options.to, kafkaOf(options));
      process.stdout.write(options.json === true ? json(manifest) : `${options.to}: ${summary(manifest)}\n`);
    });
  program.command('restore')
    .description('put a backup, or one part of it, into a data directory')
    .requiredOption('--from <dir>', 'a backup')
    .option('--data <dir>', 'data directory', defaultDataDir)
    .addOption(new Option('--part <part>', 'what to restore').choices(['all', 'log', 'store']).default('all'))
    .option('--replace', 'move what is there aside (to log.before-TIME, store.before-TIME)')
    .option('--json', 'the manifest as JSON, without its files')
    .addHelpText('after', `
Every file is compared with the manifest before anything is changed.
--part store, beside a newer log: at the next start the store gets what the log has and it lacks, each row once.
--part log, beside a newer store: the next start is refused and says why; docs/operations.md tells the ways on.

Examples:
  routewatch restore --from /backup/monday --data /var/lib/routewatch
  routewatch restore --from /backup/monday --part store --replace
  routewatch audit`)
    .action(async (options: { data: string; from: string; part: 'all' | Part; replace?: boolean; json?: boolean }) => {
      // A backup of a system whose log is on Kafka has the store alone.
      const all: readonly Part[] = existsSync(join(options.from, 'log')) ? ['log', 'store'] : ['store'];
      const wanted = options.part === 'all' ? all : [options.part];
      const { manifest, aside } = await restoreBackup(options.from, options.data, wanted, options.replace === true);
      process.stdout.write(options.json === true ? json(manifest) : `${options.data}: ${wanted.join(' and ')} of ${manifest.madeAt} (${summary(manifest)})\n`
        + aside.map((path) => `what was there is now ${path}\n`).join('')
        + `\`routewatch audit --data ${options.data}\` compares the two\n`);
    });
}

function json({ files: _files, ...rest }: BackupManifest): string {
  return `${JSON.stringify(rest, undefined, 2)}\n`;
}

function summary({ log, ledger, files }: BackupManifest): string {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const events = log.filter(({ topic }) => topic.includes('.events.')).flatMap(({ partitions }) => partitions).reduce((sum, { next }) => sum + Number(next), 0);
  return `${(bytes / 1e6).toFixed(1)} MB in ${Object.keys(files).length} files, ${events} events records, ${ledger.reduce((sum, { cuts }) => sum + cuts, 0)} cuts in the store`;
}
