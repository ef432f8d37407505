/** Settings that go before a statement: the store's limits and what the client may change of them. */
import { availableParallelism } from 'node:os';
import type { StoreLimits } from './config.ts';
import { StoreError } from './errors.ts';
import { cappedSettings, isFreeSetting } from './reader-lists.ts';

/** Elements that range() may make in one block: what is made in one call no time limit ends. */
const LONGEST_RANGE = 10_000_000;
const MOST_THREADS = availableParallelism();

/** Settings for a reader's connection; throws `READONLY` for one that a reader may not change. */
export function readerSettings(
  asked: ReadonlyMap<string, string>, limits: StoreLimits,
): Map<string, string> {
  const settings = new Map<string, string>([
    ['max_query_size', String(4 * limits.statementBytes)],
    ['result_overflow_mode', 'throw'],
    ['timeout_overflow_mode', 'throw'],
    ['allow_introspection_functions', '0'],
    ['allow_ddl', '0'],
    ['function_range_max_elements_in_block', String(LONGEST_RANGE)],
    ['max_threads', String(MOST_THREADS)],
    ['max_temporary_data_on_disk_size_for_query', String(limits.memoryBytes)],
  ]);
  for (const [name, limit] of Object.entries(cappedSettings)) {
    settings.set(name, String(limits[limit]));
  }
  for (const [name, value] of asked) {
    const limit = cappedSettings[name];
    if (limit !== undefined) settings.set(name, String(capped(value, limits[limit])));
    else if (name === 'max_threads') settings.set(name, String(capped(value, MOST_THREADS)));
    else if (isFreeSetting(name)) settings.set(name, value);
    else if (name !== 'readonly' || !['1', '2'].includes(value)) {
      throw StoreError.of(164, `Cannot modify '${name}' setting in readonly mode. `
        + 'A reader may set output_format_* and a few more');
    }
  }
  return settings;
}

/** Settings for the writer: all its own, and limits only where it gives none. */
export function writerSettings(
  asked: ReadonlyMap<string, string>, limits: StoreLimits,
): Map<string, string> {
  return new Map<string, string>([
    ['max_query_size', String(4 * limits.statementBytes)],
    ['max_memory_usage', String(limits.memoryBytes)],
    ...asked,
  ]);
}

function capped(value: string, limit: number): number {
  const number = Number(value);
  return number > 0 && number < limit ? number : limit;
}
