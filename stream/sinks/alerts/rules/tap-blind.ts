/** We do not see any more: nothing that a tap shows can be known meanwhile. */
import { type Finding, fromRow, type Input, labelsOf, type Rule, text } from '../rule.ts';

const blind = new Set(['coverage-lost', 'coverage-suspect', 'carrier-lost']);
const sees = new Set(['restored', 'tap-opened', 'carrier-restored']);

export const tapBlind: Rule = {
  name: 'tap-blind',
  severity: 'error',
  meaning: 'A tap is silent, its interface has no carrier, or all routers of its link, or both ends of a BGP session, fell silent at once: what is there is unknown, not down.',
  tables: ['coverage_events'],
  waitMs: 500,
  firesAnyway: true,
  holdMs: 0,
  judge({ row }: Input): Finding[] {
    const [what, tap, subject] = [text(row, 'what'), text(row, 'tap'), text(row, 'subject')];
    // An interval that has an end is over: a gap, told by another rule.
    const isBlind = blind.has(what) && row['to'] === 0n;
    if (!isBlind && !sees.has(what) && what !== 'tap-closed') return [];
    const isWhole = subject === tap || subject === '';
    return [{
      key: `${text(row, 'domain')}\n${tap}`, ...(isWhole && !isBlind ? {} : { part: subject }), says: isBlind ? 'lost' : what === 'tap-closed' ? 'void' : 'well', ...fromRow(row),
      subject: `tap ${tap}${isWhole ? '' : `, ${subject}`}`, summary: `${what} at ${tap}${isWhole ? '' : ` of ${subject}`}: ${text(row, 'detail')}.`, reason: what,
      labels: labelsOf({ domain: text(row, 'domain'), tap, collector: text(row, 'collector'), link: text(row, 'link') }),
      line: `${what} ${subject}: ${text(row, 'detail')}`,
    }];
  },
};
