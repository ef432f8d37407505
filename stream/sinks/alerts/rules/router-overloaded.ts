/** A router asks not to be used for transit: the overload bit of its LSP (ISO 10589 section 7.2.8.1). */
import { type Finding, fromRow, type Input, isOurOwn, labelsOf, named, type Rule, text } from '../rule.ts';
import { scopeOf } from '../views.ts';

export const routerOverloaded: Rule = {
  name: 'router-overloaded',
  severity: 'warning',
  meaning: 'A router has set the overload bit in its LSP.',
  tables: ['topology_changes'],
  waitMs: 0,
  firesAnyway: true,
  holdMs: 0,
  judge({ row }: Input): Finding[] {
    if (row['object_type'] !== 'node' || (row['field'] !== 'overload' && row['change'] !== 'removed')) return [];
    const isSet = row['field'] === 'overload' && row['change'] !== 'removed' && row['new_number'] !== 0n;
    const router = named(text(row, 'router'), text(row, 'router_name'));
    const level = row['level'] === 0 ? '' : ` L${text(row, 'level')}`;
    return [{
      key: `${scopeOf(row)}\n${text(row, 'router')}`, part: level, says: isOurOwn(row) ? 'void' : !isSet ? 'well' : row['initial'] === true ? 'unwell' : 'lost', ...fromRow(row),
      subject: `router ${router}, ${text(row, 'protocol')}${level}`, summary: `${router} is overloaded by its own ${text(row, 'protocol')}${level} LSP: others route around it.`, reason: 'overload',
      labels: labelsOf({ domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: text(row, 'protocol'), router: text(row, 'router'), router_name: text(row, 'router_name') }),
      line: `${text(row, 'protocol')}${level} overload ${isSet ? 'set' : 'cleared'}`,
    }];
  },
};
