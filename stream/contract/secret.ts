/** Secrets of a configuration: never in the file itself, but named by a file or an environment variable. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const secret = z.strictObject({
  file: z.string().min(1).optional().describe('file whose first line it is'),
  variable: z.string().min(1).optional().describe('environment variable that has it'),
}).refine(({ file, variable }) => (file === undefined) !== (variable === undefined), 'name either `file` or `variable`');

/** Where a secret is; it is read anew at each use, so that it can be changed without a restart. */
export type Secret = z.infer<typeof secret>;

/** The secret's text; an error says which file or variable has none. */
export function readSecret(what: string, { file, variable }: Secret): string {
  const text = file === undefined ? process.env[variable!] : readFileSync(file, 'utf8').split(/\r?\n/, 1)[0];
  if (text === undefined || text === '') {
    throw new Error(`${what}: ${file === undefined ? `the environment variable ${variable} is not set` : `${file} is empty`}`);
  }
  return text;
}
