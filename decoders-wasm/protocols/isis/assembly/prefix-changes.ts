/** Prefixes: what was told of each against what its router states now. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { GraphPrefix, LINK_LIVE, LINK_PENDING, prefixAt, prefixes } from './graph.ts';
import { PENDING_PREFIX, setAside, takeBack } from './pendings.ts';
import { NO_NUMBER, prefixRow } from './topology-rows.ts';
import { Touched } from './touched.ts';

/** Writes rows for the touched prefixes in order; `moving`: a loss may be a move to another fragment. */
export function diffPrefixes(moving: bool): void {
  sortTouched();
  for (let i: u32 = 0; i < Touched.prefixCount; i++) {
    const handle = Touched.prefixOf(i);
    prefixAt(handle).touched = 0;
    diffOne(handle, moving);
  }
}

function diffOne(handle: u32, moving: bool): void {
  const p = prefixAt(handle);
  if (p.count == 0) {
    if (p.state == LINK_LIVE) {
      if (moving && setAside(PENDING_PREFIX, handle, 0)) {
        p.state = LINK_PENDING;
        p.removedAt = Envelope.decidedTime;
        return;
      }
      prefixRow(handle, constant.CHANGE_REMOVED, p.shownMetric as i64, NO_NUMBER);
      p.state = 0;
    }
    if (p.state == 0) prefixes.remove(handle);
    return;
  }
  const metric = p.metric();
  if (p.state == LINK_PENDING) takeBack(PENDING_PREFIX, handle, 0);
  if (p.state == 0) prefixRow(handle, constant.CHANGE_ADDED, NO_NUMBER, metric as i64);
  else if (metric != p.shownMetric) prefixRow(handle, constant.CHANGE_CHANGED, p.shownMetric as i64, metric as i64);
  p.state = LINK_LIVE;
  p.shownMetric = metric;
}

/** The time to settle is over: it is gone, since when it went. */
export function tellPrefixLoss(handle: u32): void {
  const p = prefixAt(handle);
  if (p.state != LINK_PENDING) return;
  Envelope.time = p.removedAt;
  prefixRow(handle, constant.CHANGE_REMOVED, p.shownMetric as i64, NO_NUMBER);
  p.state = 0;
  if (p.count == 0) prefixes.remove(handle);
}

/** Canonical order: shadow, level, router, family, address, length. */
export function comparePrefixes(a: u32, b: u32): i32 {
  const x = prefixAt(a);
  const y = prefixAt(b);
  if (x.shadow != y.shadow) return x.shadow < y.shadow ? -1 : 1;
  if (x.level != y.level) return x.level < y.level ? -1 : 1;
  if (x.router != y.router) return x.router < y.router ? -1 : 1;
  return compareAddresses(x, y);
}

function compareAddresses(x: GraphPrefix, y: GraphPrefix): i32 {
  if (x.family != y.family) return x.family < y.family ? -1 : 1;
  if (x.high != y.high) return x.high < y.high ? -1 : 1;
  if (x.low != y.low) return x.low < y.low ? -1 : 1;
  return x.length < y.length ? -1 : x.length > y.length ? 1 : 0;
}

function sortTouched(): void {
  const n = Touched.prefixCount;
  if (n < 2) return;
  for (let i = n / 2; i-- > 0;) sift(i, n);
  for (let end = n - 1; end > 0; end--) {
    swap(0, end);
    sift(0, end);
  }
}

function sift(start: u32, end: u32): void {
  let root = start;
  while (root * 2 + 1 < end) {
    let child = root * 2 + 1;
    if (child + 1 < end && comparePrefixes(Touched.prefixOf(child), Touched.prefixOf(child + 1)) < 0) child += 1;
    if (comparePrefixes(Touched.prefixOf(root), Touched.prefixOf(child)) >= 0) return;
    swap(root, child);
    root = child;
  }
}

function swap(i: u32, k: u32): void {
  const x = Touched.prefixOf(i);
  Touched.setPrefix(i, Touched.prefixOf(k));
  Touched.setPrefix(k, x);
}
