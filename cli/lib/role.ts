/** The command of one role alone: its package has no more than these commands need, so nothing else is loaded. */
import { Command, CommanderError } from 'commander';
import { KafkaError } from '../../stream/log/kafka/index.ts';
import { complain, EXIT, flushed, UnavailableError, UsageError } from './output.ts';

/** Runs the command line with these commands; ends the process. */
export async function runRole(commands: readonly ((program: Command) => void)[]): Promise<never> {
  const program = new Command('routewatch').showHelpAfterError('(--help tells more)').exitOverride();
  for (const register of commands) register(program);
  const code = await run(program);
  await flushed();
  process.exit(code);
}

async function run(program: Command): Promise<number> {
  try {
    await program.parseAsync(process.argv);
    return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    complain(error instanceof Error ? error.message : String(error));
    if (process.env['ROUTEWATCH_DEBUG'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    if (error instanceof UnavailableError || (error instanceof KafkaError && error.fault === 'unreachable')) return EXIT.unavailable;
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}
