/** Frames that cannot be used are many, or a decoder of ours had to begin anew. */
import { type Context, type Finding, fromRow, type Input, labelsOf, type Rule, text, time } from '../rule.ts';

/** More frames than this within the window, ns. */
const FRAMES = 10;
const WINDOW_NS = 900_000_000_000n;

export const quarantineGrowing: Rule = {
  name: 'quarantine-growing',
  severity: 'warning',
  meaning: `More than ${FRAMES} frames of a tap within a quarter of an hour could not be used, or a decoder's state was reset.`,
  tables: ['quarantine', 'coverage_events'],
  waitMs: 0,
  firesAnyway: true,
  holdMs: 0,
  quietMs: 900_000,
  judge({ table, row }: Input, { memory }: Context): Finding[] {
    if (table === 'coverage_events' && row['what'] !== 'state-reset') return [];
    const key = `${text(row, 'domain')}\n${text(row, 'tap')}`;
    const now = time(row, 'time');
    const known = [...(memory.get(key) as bigint[] | undefined) ?? [], now].filter((at) => at > now - WINDOW_NS).slice(-FRAMES - 1);
    memory.set(key, known);
    const isReset = table === 'coverage_events';
    if (!isReset && known.length <= FRAMES) return [];
    const what = isReset ? 'state-reset' : text(row, 'error');
    return [{
      key, says: 'lost', ...fromRow(row), since: isReset ? now : known[0]!, subject: `tap ${text(row, 'tap')}`, reason: what,
      summary: isReset ? `A decoder's state of ${text(row, 'subject')} was reset: ${text(row, 'detail')}.` : `More than ${FRAMES} frames of ${text(row, 'tap')} within 15 minutes could not be used, the last for ${what}.`,
      labels: labelsOf({ domain: text(row, 'domain'), tap: text(row, 'tap'), collector: text(row, 'collector') }), line: `${what} on ${text(row, 'link')}`,
    }];
  },
};
