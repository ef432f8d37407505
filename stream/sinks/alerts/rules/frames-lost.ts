/** Frames that a tap saw did not come: ring full, spool full, a hole in the log. */
import { type Finding, fromRow, type Input, labelsOf, type Rule, text } from '../rule.ts';

export const framesLost: Rule = {
  name: 'frames-lost',
  severity: 'warning',
  meaning: 'A collector dropped frames, or they were lost on the way; resolved when none were for five minutes.',
  tables: ['coverage_events'],
  waitMs: 500,
  firesAnyway: true,
  holdMs: 0,
  quietMs: 300_000,
  judge({ row }: Input): Finding[] {
    if (row['what'] !== 'gap') return [];
    const [tap, lost] = [text(row, 'tap'), row['lost'] === 0n ? '' : ` (${text(row, 'lost')})`];
    return [{
      key: `${text(row, 'domain')}\n${tap}`, says: 'lost', ...fromRow(row), subject: `tap ${tap}`, summary: `Frames of ${tap} are missing${lost}: ${text(row, 'detail')}.`, reason: 'gap',
      labels: labelsOf({ domain: text(row, 'domain'), tap, collector: text(row, 'collector') }), line: `gap${lost}: ${text(row, 'detail')}`,
    }];
  },
};
