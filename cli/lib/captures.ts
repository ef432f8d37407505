/** Capture files as commands name them. */
import { accessSync, constants } from 'node:fs';
import { UsageError } from './output.ts';

/** Says at once which of the files cannot be read. */
export function checkReadable(files: readonly string[]): void {
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('standard input (-) can be read only once');
  for (const file of files) {
    if (file === '-') continue;
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
