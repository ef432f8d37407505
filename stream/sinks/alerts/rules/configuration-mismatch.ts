/** Two routers of a link are configured so that no adjacency can form, or one would not work. */
import { type Finding, fromRow, type Input, labelsOf, type Rule, text } from '../rule.ts';
import { scopeOf } from '../views.ts';

const wrongSystem = /wrong[-_]system$/;

export const configurationMismatch: Rule = {
  name: 'configuration-mismatch',
  severity: 'warning',
  meaning: 'Hellos that a router has to refuse by what they say: area, level, timers, mask, options, authentication type, MTU; one alert a link and kind.',
  tables: ['protocol_errors'],
  waitMs: 500,
  firesAnyway: true,
  holdMs: 0,
  quietMs: 180_000,
  judge({ row }: Input): Finding[] {
    const error = text(row, 'error');
    if (row['protocol'] === 'bgp' || !(error.endsWith('mismatch') || wrongSystem.test(error))) return [];
    const who = `${text(row, 'sender')}${text(row, 'receiver') === '' ? '' : ` at ${text(row, 'receiver')}`}`;
    const what = error.replace(/^\w+\./, '').replaceAll('_', '-');
    return [{
      key: [scopeOf(row), text(row, 'link'), error].join('\n'), says: 'lost', ...fromRow(row), subject: `${what} on ${text(row, 'link')}, ${text(row, 'protocol')}`,
      summary: `Hellos of ${who} on ${text(row, 'link')} are refused: ${what}${text(row, 'detail') === '' ? '' : ` (${text(row, 'detail')})`}.`, reason: what,
      labels: labelsOf({
        domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: text(row, 'protocol'), router: text(row, 'sender'), neighbor: text(row, 'receiver'), link: text(row, 'link'), tap: text(row, 'tap'), error,
      }),
      line: `${what} of ${who}${text(row, 'detail') === '' ? '' : `: ${text(row, 'detail')}`}`,
    }];
  },
};
