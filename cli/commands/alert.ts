/** `routewatch alert`: tries the channels by which people are told, and prints the MIB for their receivers. */
import { existsSync } from 'node:fs';
import { hash, randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import type { AlertNotice, Severity } from '../../stream/contract/alert.ts';
import type { ChannelConfig } from '../../stream/sinks/alerts/channels/index.ts';
import { readConfig } from '../lib/config.ts';
import { usualConfig } from '../lib/kafka.ts';
import { EXIT, UsageError, printRows } from '../lib/output.ts';

interface TestOptions {
  readonly channel?: string;
  readonly severity: Severity;
  readonly config?: string;
  readonly json?: boolean;
}

export function alert(program: Command): void {
  const command = program.command('alert').description('try the channels by which alerts reach people');
  command.command('test')
    .description('send one test notice and say what the receiver answered')
    .option('--channel <name>', 'only this one of `alerts.channels` (default: all of them)')
    .addOption(new Option('--severity <word>', 'of the test notice').choices(['critical', 'error', 'warning', 'info'] satisfies Severity[]).default('info'))
    .option('--config <file>', `configuration file (default: ${usualConfig})`)
    .option('--json', 'as JSON')
    .addHelpText('after', `
Exit code 1 where a receiver has not acknowledged. docs/alerts.md tells how to set up each kind of channel.

Examples:
  routewatch alert test
  routewatch alert test --channel pager --severity critical`)
    .action(test);
  command.command('mib')
    .description('print ROUTEWATCH-MIB for the OID of your own that an SNMP channel names')
    .requiredOption('--enterprise <oid>', 'the same as `enterprise` of the channel')
    .addHelpText('after', `
Examples:
  routewatch alert mib --enterprise 1.3.6.1.4.1.YOUR-NUMBER.1 > ROUTEWATCH-MIB.txt`)
    .action(async ({ enterprise }: { enterprise: string }) => {
      if (!/^1\.3\.6\.1\.4\.1\.[1-9]\d*(\.\d+)*$/.test(enterprise)) throw new UsageError(`--enterprise ${enterprise} is no OID below 1.3.6.1.4.1`);
      const { mibText } = await import('../../stream/sinks/alerts/channels/index.ts');
      process.stdout.write(mibText(enterprise));
    });
}

async function test(options: TestOptions): Promise<void> {
  const file = options.config ?? usualConfig;
  if (options.config === undefined && !existsSync(file)) throw new UsageError(`there is no ${usualConfig} here: name the configuration file with --config`);
  const { channels } = readConfig(file).alerts;
  const wanted = channels.filter(({ name }) => options.channel === undefined || name === options.channel);
  if (wanted.length === 0) {
    const names = channels.map(({ name }) => name).join(', ');
    throw new UsageError(names === '' ? `${file} has no alerts.channels: docs/alerts.md has one of each kind` : `${file} has no channel ${options.channel}; it has ${names}`);
  }
  const rows = [];
  for (const channel of wanted) rows.push(await tryChannel(channel, testNotice(options.severity)));
  printRows(rows, options.json === true ? 'json' : 'table');
  if (rows.some(({ result }) => result === 'failed')) process.exitCode = EXIT.failed;
}

type Tried = Readonly<Record<'channel' | 'kind' | 'answer', string> & { result: 'acknowledged' | 'sent' | 'failed' | 'not sent'; ms: number }>;

/** The channels are loaded here: every other command starts without their libraries. */
async function tryChannel(config: ChannelConfig, notice: AlertNotice): Promise<Tried> {
  const { acknowledgement, createChannel, tells } = await import('../../stream/sinks/alerts/channels/index.ts');
  const named = { channel: config.name, kind: config.kind };
  if (!tells(config, notice)) return { ...named, result: 'not sent', ms: 0, answer: 'the channel tells what has a standard notification only (standardOnly), and a test has none' };
  const channel = createChannel(config);
  const began = performance.now();
  const ms = (): number => Math.round(performance.now() - began);
  try {
    await channel.send([notice], new AbortController().signal);
    const { isKnown, says } = acknowledgement(config);
    return { ...named, result: isKnown ? 'acknowledged' : 'sent', ms: ms(), answer: says };
  } catch (error) {
    return { ...named, result: 'failed', ms: ms(), answer: error instanceof Error ? error.message : String(error) };
  } finally {
    await channel.close();
  }
}

/** Of the rule `test`, which no engine has; each with ids of its own, or a receiver would drop the second test. */
function testNotice(severity: Severity): AlertNotice {
  const now = BigInt(Date.now()) * 1_000_000n;
  const id = hash('sha256', randomUUID()).slice(0, 32);
  return {
    id,
    alertId: id,
    rule: 'test',
    severity,
    state: 'firing',
    since: now,
    changed: now,
    subject: 'a test of this channel',
    summary: 'Somebody has run `routewatch alert test`: nothing is wrong.',
    reason: 'test',
    evidence: 'declared',
    labels: {},
    related: [],
    events: [],
    links: { page: '', query: '', runbook: 'docs/alerts.md' },
  };
}
