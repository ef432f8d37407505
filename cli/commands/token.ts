/** `routewatch token`: who may ask the API what. */
import { type Command, Option } from 'commander';
import { roles, type Role, type Token } from '../../dashboards/web/index.ts';
import { commandLine, withOperations } from '../lib/operations.ts';
import { UsageError, complain, formatTable } from '../lib/output.ts';
import { defaultDataDir } from '../lib/reader.ts';
import { timeText } from '../lib/time.ts';

const units: Readonly<Record<string, bigint>> = { m: 60n, h: 3600n, d: 86_400n };

export function token(program: Command): void {
  const command = program.command('token').description('bearer tokens of the API: create NAME, list, revoke NAME');
  const usual = (sub: Command): Command => sub.option('--data <dir>', 'data directory', defaultDataDir).option('--json', 'the result as JSON');
  usual(command.command('create').summary('make a token').description('make a token and print it, this once; kept is only its hash').argument('<name>', 'what it is for'))
    .addOption(new Option('--role <role>', 'read: ask; operate: also expected neighbours and maintenance windows; admin: also the audit trail').choices(roles).default('read'))
    .option('--expires <time>', 'after 30m, 12h or 90d; default: never')
    .addHelpText('after', `
The first token closes the API: on loopback everybody may read until then; to change something a token is always needed.

Examples:
  routewatch token create grafana
  routewatch token create change-calendar --role operate --expires 90d`)
    .action(create);
  usual(command.command('list').description('names, roles and times; never a token itself'))
    .addHelpText('after', '\nExamples:\n  routewatch token list --json').action(list);
  usual(command.command('revoke').description('a token is worth nothing from now on').argument('<name>', 'name or id'))
    .addHelpText('after', '\nExamples:\n  routewatch token revoke change-calendar').action(revoke);
}

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

async function create(name: string, options: Options & { role: Role; expires?: string }): Promise<void> {
  if (!/^[\w.:@-]{1,64}$/.test(name)) throw new UsageError(`"${name}" is no name: up to 64 letters, digits and . : @ _ - are`);
  const expires = options.expires === undefined ? undefined : expiryOf(options.expires);
  await withOperations(options.data, (operations) => {
    const wasOpen = !operations.tokens.any();
    if (operations.tokens.list().some((known) => known.name === name)) throw new UsageError(`there is a token "${name}" already: revoke it first, or take another name`);
    const made = operations.change(commandLine, 'create-token', name, () => operations.tokens.create(name, options.role, expires), { role: options.role, expires });
    process.stdout.write(options.json === true ? `${JSON.stringify({ ...shown(made.token), token: made.secret })}\n` : `${made.secret}\n`);
    if (wasOpen) complain('this is the first token: reading needs one too from now on');
  });
}

async function list(options: Options): Promise<void> {
  await withOperations(options.data, ({ tokens }) => {
    const rows = tokens.list().map(shown);
    process.stdout.write(options.json === true ? `${JSON.stringify(rows)}\n` : formatTable(['id', 'name', 'role', 'created', 'expires'], rows.map((row) => Object.values(row))));
  });
}

async function revoke(name: string, options: Options): Promise<void> {
  await withOperations(options.data, (operations) => {
    if (!operations.tokens.list().some((known) => known.name === name || known.id === name)) throw new UsageError(`there is no token "${name}": \`routewatch token list\` names those that there are`);
    operations.change(commandLine, 'revoke-token', name, () => operations.tokens.revoke(name));
    process.stdout.write(options.json === true ? `${JSON.stringify({ revoked: name })}\n` : `${name} is revoked\n`);
    if (!operations.tokens.any()) complain('this was the last token: on loopback everybody may read from now on');
  });
}

function shown({ id, name, role, created, expires }: Token): { id: string; name: string; role: Role; created: string; expires: string } {
  return { id, name, role, created: timeText(created), expires: expires === undefined ? 'never' : timeText(expires) };
}

function expiryOf(text: string): bigint {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError(`--expires ${text} is no span: write 30m, 12h or 90d`);
  return (BigInt(Date.now()) * 1_000_000n) + BigInt(count) * units[unit!]! * 1_000_000_000n;
}
