/** The worked questions of docs/sql-cookbook.md, for the page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Recipe {
  readonly title: string;
  readonly sql: string;
}

const file = join(import.meta.dirname, '..', '..', 'docs', 'sql-cookbook.md');

/** Each `## title` that is followed by a fenced sql block. */
export function readCookbook(): Recipe[] {
  const text = readFileSync(file, 'utf8');
  return text.split(/^## /m).slice(1).flatMap((section) => {
    const title = section.slice(0, section.indexOf('\n')).trim();
    const sql = /```sql\n([\s\S]*?)```/.exec(section)?.[1]?.trim();
    return sql === undefined ? [] : [{ title, sql }];
  });
}
