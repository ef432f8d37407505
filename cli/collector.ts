/** `routewatch collect` alone: a collector's host has no store, no web server and no compiler, so nothing of them is loaded. */
import { Command, CommanderError } from 'commander';
import { collect } from './commands/collect.ts';
import { complain, EXIT, flushed, UsageError } from './lib/output.ts';

async function main(): Promise<number> {
  const program = new Command('routewatch').showHelpAfterError('(--help tells more)').exitOverride();
  collect(program);
  try {
    await program.parseAsync(process.argv);
    return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    complain(error instanceof Error ? error.message : String(error));
    if (process.env['ROUTEWATCH_DEBUG'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

if (import.meta.main) {
  const code = await main();
  await flushed();
  process.exit(code);
}
