/** For tests: adjacency rows against the lines of isisd's own log, one row to one line, in order of each view. */
import type { Row } from '../../contract/row-reader.ts';
import type { IsisAdjacencyChange } from '../../../infra/lab/truth/frr-log.ts';

/** A log line at one level, with the router that wrote it and whom it is about as system ids. */
export interface Line {
  time: bigint;
  router: string;
  neighbor: string;
  interface: string;
  level: number;
  previous: string;
  state: string;
  reason: string;
}

export interface Match {
  pairs: { line: Line; row: Row; offByNs: number }[];
  missing: Line[];
  extra: Row[];
}

const MILLISECOND = 1_000_000;

/** `r3` and `0000.0000.0003` are one: in these labs the number of the name is that of the system id. */
export function systemIdOf(name: string): string {
  return name.includes('.') ? name : `0000.0000.${name.replace(/\D/g, '').padStart(4, '0')}`;
}

/** The lines of the log by level; FRR's `unknown` (no adjacency) is YANG's `down`. `idOf` gives the system id of a name. */
export function linesOf(changes: readonly IsisAdjacencyChange[], idOf: (name: string) => string = systemIdOf): Line[] {
  return changes.flatMap((change) => change.levels.map((level) => ({
    time: change.time,
    router: idOf(change.router),
    neighbor: idOf(change.neighbor),
    interface: change.interface,
    level,
    previous: change.previous === 'unknown' ? 'down' : change.previous,
    state: change.state,
    reason: change.reason,
  })));
}

/**
 * Pairs each line with the first unused row of the same view with the same states within `windowMs`, in order: a row
 * is never paired with a line before the line of an earlier row of that view. `sameView` may tell links apart.
 */
export function matchLines(lines: readonly Line[], rows: readonly Row[], windowMs: number, sameView: (line: Line, row: Row) => boolean = () => true): Match {
  const used = new Set<Row>();
  const last = new Map<string, number>();
  const match: Match = { pairs: [], missing: [], extra: [] };
  for (const line of lines) {
    const view = `${line.router} ${line.neighbor} ${line.interface} ${line.level}`;
    const index = rows.findIndex((row, at) => !used.has(row) && at > (last.get(view) ?? -1)
      && row['router'] === line.router && row['neighbor'] === line.neighbor && row['level'] === line.level
      && row['prev_state'] === line.previous && row['state'] === line.state && sameView(line, row)
      && Math.abs(offBy(line, row)) <= windowMs * MILLISECOND);
    const row = rows[index];
    if (row === undefined) {
      match.missing.push(line);
      continue;
    }
    used.add(row);
    last.set(view, index);
    match.pairs.push({ line, row, offByNs: offBy(line, row) });
  }
  match.extra = rows.filter((row) => !used.has(row));
  return match;
}

function offBy(line: Line, row: Row): number {
  return Number((row['time'] as bigint) - line.time);
}

/** `router neighbor level previous>state reason`, for readable expectations. */
export function rowText(row: Row): string {
  return `${short(row['router'])}>${short(row['neighbor'])} L${String(row['level'])} ${String(row['prev_state'])}>${String(row['state'])} ${String(row['reason'])}`;
}

/** As `rowText`, with the reason that isisd gives. */
export function lineText(line: Line): string {
  return `${short(line.router)}>${short(line.neighbor)} L${line.level} ${line.previous}>${line.state} ${line.reason}`;
}

function short(system: unknown): string {
  return `r${Number(String(system).slice(-4))}`;
}

/** How many of each text there are. */
export function tally(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
