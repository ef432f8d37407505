/** For tests: the RIB that the rows of `route_changes`, `path_attributes` and `rib_marks` describe at a moment. */
import type { Row, RowValue } from '../../contract/row-reader.ts';
import type { Tables } from './testing.ts';

/** One path as the rows describe it. */
export interface RibPath {
  sender: string;
  receiver: string;
  prefix: string;
  pathId: number;
  origin: string;
  asPathText: string;
  nextHop: string;
  med: number | null;
  localPref: number | null;
  communities: string[];
  largeCommunities: string[];
  stale: boolean;
  hash: string;
}

interface Entry {
  hash: RowValue;
  row: Row;
  order: number;
}

/** Direction and family. */
interface Half {
  paths: Map<string, Entry>;
  staleBefore: number;
}

type Change = { order: number; decided: bigint; table: 'route_changes' | 'rib_marks'; row: Row };

/** Plays the rows forward in time; `at(ns)` may be asked with growing times only. */
export class RibOfRows {
  private readonly changes: Change[] = [];
  private readonly attributes = new Map<RowValue, Row>();
  private readonly halves = new Map<string, Half>();
  private next = 0;

  constructor(tables: Tables) {
    for (const row of tables.get('path_attributes') ?? []) this.attributes.set(row['attributes']!, row);
    for (const table of ['route_changes', 'rib_marks'] as const) {
      for (const row of tables.get(table) ?? []) {
        this.changes.push({ order: 0, decided: row['decided_time'] as bigint, table, row });
      }
    }
    this.changes.sort((a, b) => compare(a.decided, b.decided) || compare(place(a.row), place(b.row)));
    this.changes.forEach((change, order) => { change.order = order; });
  }

  /** Every path that is there at `time` (ns since 1970), by `sender>receiver`. */
  at(time: bigint): Map<string, RibPath[]> {
    for (; this.next < this.changes.length && this.changes[this.next]!.decided <= time; this.next++) this.apply(this.changes[this.next]!);
    const out = new Map<string, RibPath[]>();
    for (const half of this.halves.values()) {
      for (const entry of half.paths.values()) {
        const path = this.pathOf(entry, half);
        const key = `${path.sender}>${path.receiver}`;
        const list = out.get(key) ?? [];
        list.push(path);
        out.set(key, list);
      }
    }
    return out;
  }

  private half(row: Row): Half {
    const key = `${String(row['sender'])} ${String(row['receiver'])} ${String(row['afi_safi'])}`;
    let half = this.halves.get(key);
    if (half === undefined) this.halves.set(key, half = { paths: new Map(), staleBefore: -1 });
    return half;
  }

  private apply(change: Change): void {
    const { row } = change;
    const half = this.half(row);
    if (change.table === 'route_changes') {
      const key = `${String(row['prefix_address'])}/${String(row['prefix_length'])} ${String(row['path_id'])}`;
      if (row['change_class'] === 'tdown' || row['change_class'] === 'wwdup') half.paths.delete(key);
      else half.paths.set(key, { hash: row['attributes']!, row, order: change.order });
      return;
    }
    if (row['mark'] === 'flush') half.paths.clear();
    if (row['mark'] === 'stale') half.staleBefore = change.order;
    if (row['mark'] === 'sweep') {
      for (const [key, entry] of half.paths) if (entry.order < half.staleBefore) half.paths.delete(key);
      half.staleBefore = -1;
    }
  }

  private pathOf(entry: Entry, half: Half): RibPath {
    const { row } = entry;
    const set = this.attributes.get(entry.hash);
    if (set === undefined) throw new Error(`path_attributes has no set ${String(entry.hash)}`);
    return {
      sender: String(row['sender']),
      receiver: String(row['receiver']),
      prefix: String(row['prefix']),
      pathId: Number(row['path_id']),
      origin: String(set['origin']),
      asPathText: String(set['as_path_text']),
      nextHop: String(set['next_hop']),
      med: set['med'] === null ? null : Number(set['med']),
      localPref: set['local_pref'] === null ? null : Number(set['local_pref']),
      communities: set['communities'] as string[],
      largeCommunities: set['large_communities'] as string[],
      stale: entry.order < half.staleBefore,
      hash: String(entry.hash),
    };
  }
}

function place(row: Row): bigint {
  return BigInt(String(row['frame_index'])) * 0x1_0000_0000n + BigInt(String(row['ordinal']));
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
