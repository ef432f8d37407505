/** What is due at one moment, in the order in which it fires: by time, then by content, never by handle. */
import { Memory } from '../../../base/assembly/memory.ts';
import { linkAt } from './link.ts';
import { compareCauses } from './cause.ts';
import { comparePendings } from './lsdb-deadlines.ts';
import { compareLsps } from './lsdb.ts';
import { stationAt } from './station.ts';
import { DUE_CAUSE, DUE_LSP, DUE_PENDING, DUE_VIEW } from './timers.ts';
import { viewAt } from './view.ts';

/** Most that fire in one round; the rest comes in the next. */
const MOST: u32 = 1 << 16;
const ENTRY_BYTES: u32 = 16;

@unmanaged
export class DueList {
  static base: usize = 0;
  static count: u32 = 0;

  static clear(): void {
    if (DueList.base == 0) DueList.base = Memory.allocate(MOST * ENTRY_BYTES);
    DueList.count = 0;
  }

  @inline static isFull(): bool {
    return DueList.count >= MOST || DueList.base == 0;
  }

  static add(kind: u32, handle: u32, wall: i64): void {
    if (DueList.count >= MOST || DueList.base == 0) return;
    const at = DueList.at(DueList.count);
    store<i64>(at, wall);
    store<u32>(at, kind, 8);
    store<u32>(at, handle, 12);
    DueList.count += 1;
  }

  @inline static at(index: u32): usize {
    return DueList.base + (index * ENTRY_BYTES) as usize;
  }

  @inline static time(index: u32): i64 {
    return load<i64>(DueList.at(index));
  }

  @inline static kind(index: u32): u32 {
    return load<u32>(DueList.at(index), 8);
  }

  @inline static handle(index: u32): u32 {
    return load<u32>(DueList.at(index), 12);
  }

  /** Heapsort by (time, kind, link, level, system, address, ...). */
  static sort(): void {
    const n = DueList.count;
    if (n < 2) return;
    for (let i = n / 2; i-- > 0;) DueList.sift(i, n);
    for (let end = n - 1; end > 0; end--) {
      DueList.swap(0, end);
      DueList.sift(0, end);
    }
  }

  private static sift(start: u32, end: u32): void {
    let root = start;
    while (root * 2 + 1 < end) {
      let child = root * 2 + 1;
      if (child + 1 < end && DueList.compare(child, child + 1) < 0) child += 1;
      if (DueList.compare(root, child) >= 0) return;
      DueList.swap(root, child);
      root = child;
    }
  }

  private static swap(a: u32, b: u32): void {
    const x = DueList.at(a);
    const y = DueList.at(b);
    const x0 = load<u64>(x);
    const x1 = load<u64>(x, 8);
    store<u64>(x, load<u64>(y));
    store<u64>(x, load<u64>(y, 8), 8);
    store<u64>(y, x0);
    store<u64>(y, x1, 8);
  }

  private static compare(a: u32, b: u32): i32 {
    const byTime = order<i64>(DueList.time(a), DueList.time(b));
    if (byTime != 0) return byTime;
    const kind = DueList.kind(a);
    const byKind = order<u32>(kind, DueList.kind(b));
    if (byKind != 0) return byKind;
    if (kind == DUE_VIEW) return compareViews(DueList.handle(a), DueList.handle(b));
    if (kind == DUE_LSP) return compareLsps(DueList.handle(a), DueList.handle(b));
    if (kind == DUE_PENDING) return comparePendings(DueList.handle(a), DueList.handle(b));
    if (kind == DUE_CAUSE) return compareCauses(DueList.handle(a), DueList.handle(b));
    return compareStations(DueList.handle(a), DueList.handle(b));
  }
}

export function order<T>(a: T, b: T): i32 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Canonical order of stations: shadow, link, level, system, SNPA. */
export function compareStations(a: u32, b: u32): i32 {
  const x = stationAt(a);
  const y = stationAt(b);
  let c = compareLinks(x.link, y.link);
  if (c == 0) c = order<u8>(x.level, y.level);
  if (c == 0) c = order<u64>(x.system, y.system);
  if (c == 0) c = order<u64>(x.snpa, y.snpa);
  return c;
}

export function compareLinks(a: u32, b: u32): i32 {
  const x = linkAt(a);
  const y = linkAt(b);
  const c = order<u32>(x.shadow, y.shadow);
  return c != 0 ? c : order<u32>(x.link, y.link);
}

/** Canonical order of views: router, neighbour, level. */
export function compareViews(a: u32, b: u32): i32 {
  const x = viewAt(a);
  const y = viewAt(b);
  let c = compareStations(x.router, y.router);
  if (c == 0) c = compareStations(x.neighbor, y.neighbor);
  if (c == 0) c = order<u8>(x.level, y.level);
  return c;
}
