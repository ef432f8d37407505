/** Two routers use one system id or router id. */
import { type Finding, fromRow, type Input, labelsOf, type Rule, text } from '../rule.ts';
import { scopeOf } from '../views.ts';

export const duplicateId: Rule = {
  name: 'duplicate-id',
  severity: 'error',
  meaning: 'The same IS-IS system id, or OSPF router id, is used by two routers.',
  tables: ['protocol_errors'],
  waitMs: 0,
  firesAnyway: true,
  holdMs: 0,
  quietMs: 300_000,
  judge({ row }: Input): Finding[] {
    if (!/duplicate[-_](system|router)[-_]id$/.test(text(row, 'error'))) return [];
    const id = text(row, 'sender');
    return [{
      key: `${scopeOf(row)}\n${id}`, says: 'lost', ...fromRow(row), subject: `id ${id}, ${text(row, 'protocol')}, seen on ${text(row, 'link')}`,
      summary: `Two routers use the ${text(row, 'protocol')} id ${id}${text(row, 'detail') === '' ? '' : ` (${text(row, 'detail')})`}.`, reason: text(row, 'error').replace(/^\w+\./, '').replaceAll('_', '-'),
      labels: labelsOf({ domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: text(row, 'protocol'), router: id, link: text(row, 'link'), tap: text(row, 'tap') }),
      line: `${text(row, 'error')} on ${text(row, 'link')}${text(row, 'detail') === '' ? '' : `: ${text(row, 'detail')}`}`,
    }];
  },
};
