/** Whether a command line of ours, as a deployment file has it, is one that the command would take. */
import { program } from '../../cli/main.ts';

/** What is wrong with `[COMMAND, OPTION, ...]`: an unknown command or options that it does not have; empty where nothing. */
export function badWords(words: readonly string[]): string[] {
  const [name, ...rest] = words;
  if (name === undefined) return [];
  const command = program().commands.find((one) => one.name() === name);
  if (command === undefined) return [name];
  const known = command.options.flatMap(({ long }) => long ?? []);
  return rest.filter((word) => word.startsWith('--') && !known.includes(word));
}
