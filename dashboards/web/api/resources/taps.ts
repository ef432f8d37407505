/** Where we look: taps and their collectors, by what they told of themselves. */
import { big, flag, instant, number, text } from '../columns.ts';
import { byDomain, listResource } from '../list.ts';

const counted = "countIf(what = 'gap') AS gaps, sum(lost) AS frames_lost, max(time) AS heard";

/** A tap is open from its opening to its closing; what was last said of it may be of one session or link on it. */
const taps_ = `(SELECT domain, collector, tap, anyLast(link) AS some_link, maxIf(time, what = 'tap-opened') AS opened, maxIf(time, what = 'tap-closed') AS closed,
    argMax(toString(what), row_order(decided_time, frame_offset, frame_index, ordinal)) AS last_what,
    argMax(subject, row_order(decided_time, frame_offset, frame_index, ordinal)) AS last_subject,
    argMax(detail, row_order(decided_time, frame_offset, frame_index, ordinal)) AS last_detail, ${counted}
  FROM routewatch.coverage_events WHERE tap != '' GROUP BY domain, collector, tap)`;

export const taps = listResource({
  name: 'listTaps', path: '/taps', summary: 'Each tap: open or closed, its gaps, and what was last said of it',
  from: taps_, filters: { ...byDomain, collector: 'collector = {collector:String}', tap: 'tap = {tap:String}' }, orderBy: 'domain, collector, tap',
  columns: {
    domain: text(), collector: text(), tap: text(), open: flag('toBool(v.opened > v.closed)'), opened_ns: instant('v.opened'), closed_ns: instant('v.closed'),
    gaps: number('toUInt32(v.gaps)'), lost: big('toString(v.frames_lost)'), last_what: text(), last_subject: text(), last_detail: text(), last_ns: instant('v.heard'),
  },
});

export const collectors = listResource({
  name: 'listCollectors', path: '/collectors', summary: 'Each collector with its taps and losses',
  from: `(SELECT collector, groupUniqArray(toString(domain)) AS domains, count() AS taps, countIf(opened > closed) AS open_taps, sum(gaps) AS all_gaps, sum(frames_lost) AS all_lost, max(heard) AS last_heard
    FROM ${taps_} GROUP BY collector)`,
  filters: { collector: 'collector = {collector:String}' }, orderBy: 'collector',
  columns: {
    collector: text(), domains: { ...text('arraySort(v.domains)'), type: text().type.array() }, taps: number('toUInt32(v.taps)'), open_taps: number('toUInt32(v.open_taps)'),
    gaps: number('toUInt32(v.all_gaps)'), lost: big('toString(v.all_lost)'), last_ns: instant('v.last_heard'),
  },
});
