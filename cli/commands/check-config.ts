/** `routewatch check-config`: checks a configuration file and prints what is in force. */
import type { Command } from 'commander';
import { readConfig } from '../lib/config.ts';
import { printRows } from '../lib/output.ts';

export function checkConfig(program: Command): void {
  program.command('check-config')
    .description('check a configuration file and print the settings in force')
    .argument('[file]', 'JSON file', 'routewatch.json')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExamples:\n  routewatch check-config\n  routewatch check-config /etc/routewatch.json --json`)
    .action((file: string, options: { json?: boolean }) => {
      const config = readConfig(file);
      if (options.json === true) process.stdout.write(`${JSON.stringify(config, undefined, 2)}\n`);
      else printRows(Object.entries(config).map(([setting, value]) => ({ setting, value })), 'table');
    });
}
