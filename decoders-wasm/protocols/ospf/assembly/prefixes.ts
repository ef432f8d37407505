/** Prefixes: stub links, transit networks, summaries and externals, each instance against the one before. */
import { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_REMOVED } from '../../../base/assembly/generated/constants.ts';
import { Text } from '../../../base/assembly/text.ts';
import { ExternalLsa } from './external-lsa.ts';
import { LSA_NETWORK, LSA_NSSA_EXTERNAL, LSA_ROUTER, LSA_SUMMARY_NETWORK, ROUTER_LINK_STUB } from './iana.ts';
import { Lsa } from './lsa.ts';
import { LsdbEntry } from './lsdb.ts';
import { NetworkLsa } from './network-lsa.ts';
import { RouterLsa } from './router-lsa.ts';
import { SummaryLsa } from './summary-lsa.ts';
import { quad } from './text.ts';
import {
  beginOfLsa, FIELD_EXISTS, FIELD_FORWARDING, FIELD_METRIC, FIELD_METRIC_TYPE, FIELD_TAG, finishPrefix, newNumber,
  newText, oldNumber, oldText,
} from './topology-rows.ts';

/** LSInfinity (RFC 2328 appendix B): the destination is unreachable. */
const INFINITY: u32 = 0xffffff;

function appear(entry: LsdbEntry, address: u32, mask: u32, metric: u32, kind: string, initial: bool): void {
  beginOfLsa(entry, CHANGE_ADDED, FIELD_EXISTS, initial);
  newNumber(metric);
  Text.begin();
  Text.literal(kind);
  newText();
  finishPrefix(entry.router, address, mask, entry.type);
}

function vanish(entry: LsdbEntry, address: u32, mask: u32, metric: u32, kind: string): void {
  beginOfLsa(entry, CHANGE_REMOVED, FIELD_EXISTS, false);
  oldNumber(metric);
  Text.begin();
  Text.literal(kind);
  oldText();
  finishPrefix(entry.router, address, mask, entry.type);
}

function changeNumber(entry: LsdbEntry, field: u32, address: u32, mask: u32, before: u32, after: u32): void {
  if (before == after) return;
  beginOfLsa(entry, CHANGE_CHANGED, field, false);
  oldNumber(before);
  newNumber(after);
  finishPrefix(entry.router, address, mask, entry.type);
}

// ---- stub links of a Router-LSA (RFC 2328 12.4.1.1-12.4.1.4) -----------------------------------------------------------

/** Metric of stub `address`/`mask` in the Router-LSA at `at`, or -1. Leaves the walk of `RouterLsa` as it was. */
function stubMetric(at: usize, address: u32, mask: u32): i32 {
  const position = RouterLsa.position;
  const end = RouterLsa.end;
  const left = RouterLsa.left;
  let metric: i32 = -1;
  RouterLsa.over(at);
  while (metric < 0 && RouterLsa.nextLink()) {
    if (RouterLsa.linkType == ROUTER_LINK_STUB && RouterLsa.linkId == address && RouterLsa.linkData == mask) metric = RouterLsa.metric as i32;
  }
  RouterLsa.position = position;
  RouterLsa.end = end;
  RouterLsa.left = left;
  return metric;
}

/** Rows for the stub links of a Router-LSA. */
export function changeStubs(entry: LsdbEntry, old: usize, fresh: usize, initial: bool): void {
  if (fresh != 0) {
    RouterLsa.over(fresh);
    while (RouterLsa.nextLink()) {
      if (RouterLsa.linkType != ROUTER_LINK_STUB) continue;
      const address = RouterLsa.linkId;
      const mask = RouterLsa.linkData;
      const metric = RouterLsa.metric;
      const before = old == 0 ? -1 : stubMetric(old, address, mask);
      if (before < 0) appear(entry, address, mask, metric, 'stub', initial);
      else changeNumber(entry, FIELD_METRIC, address, mask, before as u32, metric);
    }
  }
  if (old == 0) return;
  RouterLsa.over(old);
  while (RouterLsa.nextLink()) {
    if (RouterLsa.linkType != ROUTER_LINK_STUB) continue;
    const address = RouterLsa.linkId;
    const mask = RouterLsa.linkData;
    const metric = RouterLsa.metric;
    if (fresh == 0 || stubMetric(fresh, address, mask) < 0) vanish(entry, address, mask, metric, 'stub');
  }
}

// ---- one prefix an LSA -------------------------------------------------------------------------------------------------

/** Rows for the prefix of a transit network, as its DR advertises it. */
export function changeNetworkPrefix(entry: LsdbEntry, old: usize, fresh: usize, initial: bool): void {
  changeSingle(entry, old, fresh, initial);
}

/** Rows for the prefix of a summary. */
export function changeSummary(entry: LsdbEntry, old: usize, fresh: usize, initial: bool): void {
  changeSingle(entry, old, fresh, initial);
}

/** Rows for the prefix of an AS-external-LSA or NSSA-LSA. */
export function changeExternal(entry: LsdbEntry, old: usize, fresh: usize, initial: bool): void {
  if (!changeSingle(entry, old, fresh, initial)) return;
  const mask = ExternalLsa.mask(fresh);
  changeNumber(entry, FIELD_METRIC_TYPE, entry.id, mask, ExternalLsa.metricType(old), ExternalLsa.metricType(fresh));
  changeNumber(entry, FIELD_TAG, entry.id, mask, ExternalLsa.tag(old), ExternalLsa.tag(fresh));
  if (ExternalLsa.forwarding(old) == ExternalLsa.forwarding(fresh)) return;
  beginOfLsa(entry, CHANGE_CHANGED, FIELD_FORWARDING, false);
  Text.begin();
  quad(ExternalLsa.forwarding(old));
  oldText();
  Text.begin();
  quad(ExternalLsa.forwarding(fresh));
  newText();
  finishPrefix(entry.router, entry.id, mask, entry.type);
}

/** Appearance, end and metric; true when the prefix was and is there. */
function changeSingle(entry: LsdbEntry, old: usize, fresh: usize, initial: bool): bool {
  const was = old != 0 && metricOf(old) != INFINITY;
  const is = fresh != 0 && metricOf(fresh) != INFINITY;
  const same = was && is && maskOf(old) == maskOf(fresh);
  if (was && !same) vanish(entry, entry.id, maskOf(old), metricOf(old), kindOf(old));
  if (is && !same) appear(entry, entry.id, maskOf(fresh), metricOf(fresh), kindOf(fresh), initial);
  if (same) changeNumber(entry, FIELD_METRIC, entry.id, maskOf(fresh), metricOf(old), metricOf(fresh));
  return same;
}

function maskOf(at: usize): u32 {
  const type = Lsa.type(at);
  if (type == LSA_NETWORK) return NetworkLsa.mask(at);
  return type == LSA_SUMMARY_NETWORK ? SummaryLsa.mask(at) : ExternalLsa.mask(at);
}

function metricOf(at: usize): u32 {
  const type = Lsa.type(at);
  if (type == LSA_NETWORK) return 0;
  return type == LSA_SUMMARY_NETWORK ? SummaryLsa.metric(at) : ExternalLsa.metric(at);
}

function kindOf(at: usize): string {
  const type = Lsa.type(at);
  if (type == LSA_ROUTER) return 'stub';
  if (type == LSA_NETWORK) return 'network';
  if (type == LSA_SUMMARY_NETWORK) return 'inter-area';
  const second = ExternalLsa.metricType(at) == 2;
  if (type == LSA_NSSA_EXTERNAL) return second ? 'nssa-2' : 'nssa-1';
  return second ? 'external-2' : 'external-1';
}
