/** The questions of docs/sql-cookbook.md as data: for the page's SQL box and for the test that runs each of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CookbookEntry {
  /** Heading: the question. */
  readonly title: string;
  /** The sentence between heading and query. */
  readonly text: string;
  /** One SELECT. */
  readonly sql: string;
}

/** Every section that has a query, in order. */
export function readCookbook(path = join(import.meta.dirname, 'sql-cookbook.md')): CookbookEntry[] {
  return parseCookbook(readFileSync(path, 'utf8'));
}

/** The entries of a page whose sections are `## title`, text, and one fenced `sql` block. */
export function parseCookbook(page: string): CookbookEntry[] {
  return page.split(/^## /m).slice(1).flatMap((section) => {
    const [, title, text, sql] = /^(.+)\n([\s\S]*?)```sql\n([\s\S]*?)```/.exec(section) ?? [];
    return title === undefined || text === undefined || sql === undefined ? [] : [{ title: title.trim(), text: text.trim(), sql: sql.trim() }];
  });
}
