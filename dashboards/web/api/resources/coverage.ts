/** What each tap could and could not see. */
import { big, instant, text, uuid } from '../columns.ts';
import { byDomain, listResource } from '../list.ts';

export const coverage = listResource({
  name: 'listCoverage', path: '/coverage', summary: 'What the taps could see, newest first',
  view: 'coverage_events', filters: { ...byDomain, tap: 'tap = {tap:String}', collector: 'collector = {collector:String}', what: 'what = {what:String}' },
  orderBy: 'v.time DESC, event_id',
  columns: {
    time_ns: instant('v.time'), event_id: uuid('v.event_id'), domain: text(), tap: text(), collector: text(), what: text(), subject: text(),
    lost: big('toString(v.lost)'), detail: text(), from_ns: instant('v.from'), to_ns: instant('v.to'),
  },
});
