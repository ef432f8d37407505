/** `routewatch check-config`: checks a configuration file and prints what is in force. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { describeWebSettings } from '../../dashboards/web/config.ts';
import { channelSettings } from '../../stream/sinks/alerts/channels/config.ts';
import { readConfig, upConfig } from '../lib/config.ts';
import { complain, printRows } from '../lib/output.ts';

/** What `up` reads where it is there. */
const usual = 'routewatch.json';

export function checkConfig(program: Command): void {
  const settings = Object.entries(upConfig.shape).map(([name, schema]) => `  ${name.padEnd(10)} ${schema.description ?? ''}`).join('\n');
  const channels = channelSettings().map(({ kind, about, settings: own }) => `  ${kind.padEnd(14)} ${about}\n${own.map((one) => `    ${one.name.padEnd(18)} ${one.about}`.trimEnd()).join('\n')}`).join('\n');
  const web = describeWebSettings().map(({ name, about }) => `  ${name.padEnd(24)} ${about}`).join('\n');
  program.command('check-config')
    .description('check a configuration file and print the settings in force')
    .argument('[file]', `JSON file (without one: ${usual}, or the defaults where there is none)`)
    .option('--json', 'as JSON')
    .addHelpText('after', `
Settings:
${settings}

web is about the page and its API:
${web}

alerts.channels is a list; each has a \`kind\` and the settings of its kind. Secrets (bearer, signature, community,
passwords) are {"file": ...} or {"variable": ...}, never the secret itself:
${channels}

Examples:
  routewatch check-config
  routewatch check-config /etc/routewatch.json --json`)
    .action(run);
}

function run(file: string | undefined, options: { json?: boolean }): void {
  const missing = file === undefined && !existsSync(usual);
  if (missing) complain(`there is no ${usual} here: these are the defaults`);
  const config = missing ? upConfig.parse({}) : readConfig(file ?? usual);
  if (options.json === true) process.stdout.write(`${JSON.stringify(config, undefined, 2)}\n`);
  else printRows(Object.entries(config).map(([setting, value]) => ({ setting, value: typeof value === 'object' ? JSON.stringify(value) : value })), 'table');
}
