/** What one LSP touched in the graph, and the pairs of routers whose links that may change. */
import { Memory } from '../../../base/assembly/memory.ts';
import { Edge, edgeAt, findNode, nodeAt, prefixAt } from './graph.ts';

/** Edges and prefixes of one LSP: a jumbo LSP holds fewer. */
const MOST: u32 = 8192;
/** Pairs looked at for one LSP; a LAN of 180 routers is told whole. */
const MOST_PAIRS: u32 = 16384;

@unmanaged
export class Touched {
  static edges: usize = 0;
  static edgeCount: u32 = 0;
  static prefixes: usize = 0;
  static prefixCount: u32 = 0;
  static pairs: usize = 0;
  static pairCount: u32 = 0;
  /** Nodes that the LSP no longer names at all. */
  static readonly lost: usize = memory.data(64 * 8, 8);
  static lostCount: u32 = 0;

  static begin(): void {
    if (Touched.edges == 0) {
      Touched.edges = Memory.allocate(MOST * 4);
      Touched.prefixes = Memory.allocate(MOST * 4);
      Touched.pairs = Memory.allocate(MOST_PAIRS * 16);
    }
    Touched.lostCount = 0;
    Touched.edgeCount = 0;
    Touched.prefixCount = 0;
    Touched.pairCount = 0;
  }

  static edge(handle: u32): void {
    const e = edgeAt(handle);
    if (e.touched != 0 || Touched.edgeCount >= MOST || Touched.edges == 0) return;
    e.touched = 1;
    store<u32>(Touched.edges + (Touched.edgeCount << 2) as usize, handle);
    Touched.edgeCount += 1;
  }

  static lose(node: u64): void {
    if (Touched.lostCount >= 64) return;
    store<u64>(Touched.lost + (Touched.lostCount << 3) as usize, node);
    Touched.lostCount += 1;
  }

  @inline static lostNode(index: u32): u64 {
    return load<u64>(Touched.lost + (index << 3) as usize);
  }

  static prefix(handle: u32): void {
    const p = prefixAt(handle);
    if (p.touched != 0 || Touched.prefixCount >= MOST || Touched.prefixes == 0) return;
    p.touched = 1;
    store<u32>(Touched.prefixes + (Touched.prefixCount << 2) as usize, handle);
    Touched.prefixCount += 1;
  }

  @inline static edgeOf(index: u32): u32 {
    return load<u32>(Touched.edges + (index << 2) as usize);
  }

  @inline static prefixOf(index: u32): u32 {
    return load<u32>(Touched.prefixes + (index << 2) as usize);
  }

  @inline static setPrefix(index: u32, handle: u32): void {
    store<u32>(Touched.prefixes + (index << 2) as usize, handle);
  }

  @inline static pairLow(index: u32): u64 {
    return load<u64>(Touched.pairs + (index << 4) as usize);
  }

  @inline static pairHigh(index: u32): u64 {
    return load<u64>(Touched.pairs + (index << 4) as usize, 8);
  }

  /** Collects the pairs that the touched edges concern, sorted, each once. */
  static collectPairs(): void {
    for (let i: u32 = 0; i < Touched.edgeCount; i++) Touched.pairsOf(edgeAt(Touched.edgeOf(i)));
    Touched.sortPairs();
  }

  private static pairsOf(e: Edge): void {
    const fromPseudo = (e.from & 0xff) != 0;
    const toPseudo = (e.to & 0xff) != 0;
    if (!fromPseudo && !toPseudo) {
      Touched.pair(e.from, e.to);
      return;
    }
    if (fromPseudo && toPseudo) return;
    const router = fromPseudo ? e.to : e.from;
    const owner = findNode(e.shadow, e.level, fromPseudo ? e.from : e.to, false);
    if (owner == 0) return;
    for (let h = nodeAt(owner).firstEdge; h != 0; h = edgeAt(h).sibling) {
      const member = edgeAt(h).to;
      if (member != router && (member & 0xff) == 0) Touched.pair(router, member);
    }
  }

  private static pair(a: u64, b: u64): void {
    if (Touched.pairCount >= MOST_PAIRS || a == b) return;
    const at = Touched.pairs + (Touched.pairCount << 4) as usize;
    store<u64>(at, min<u64>(a, b));
    store<u64>(at, max<u64>(a, b), 8);
    Touched.pairCount += 1;
  }

  private static less(i: u32, k: u32): bool {
    const a = Touched.pairLow(i);
    const b = Touched.pairLow(k);
    return a < b || (a == b && Touched.pairHigh(i) < Touched.pairHigh(k));
  }

  private static swap(i: u32, k: u32): void {
    const x = Touched.pairs + (i << 4) as usize;
    const y = Touched.pairs + (k << 4) as usize;
    const low = load<u64>(x);
    const high = load<u64>(x, 8);
    store<u64>(x, load<u64>(y));
    store<u64>(x, load<u64>(y, 8), 8);
    store<u64>(y, low);
    store<u64>(y, high, 8);
  }

  private static sift(start: u32, end: u32): void {
    let root = start;
    while (root * 2 + 1 < end) {
      let child = root * 2 + 1;
      if (child + 1 < end && Touched.less(child, child + 1)) child += 1;
      if (!Touched.less(root, child)) return;
      Touched.swap(root, child);
      root = child;
    }
  }

  private static sortPairs(): void {
    const n = Touched.pairCount;
    if (n < 2) return;
    for (let i = n / 2; i-- > 0;) Touched.sift(i, n);
    for (let end = n - 1; end > 0; end--) {
      Touched.swap(0, end);
      Touched.sift(0, end);
    }
    let kept: u32 = 1;
    for (let i: u32 = 1; i < n; i++) {
      if (Touched.pairLow(i) == Touched.pairLow(kept - 1) && Touched.pairHigh(i) == Touched.pairHigh(kept - 1)) continue;
      if (i != kept) Touched.swap(i, kept);
      kept += 1;
    }
    Touched.pairCount = kept;
  }
}
