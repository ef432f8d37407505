/** What a rule is: which rows it reads, what it finds in them, and how long things have to last. */
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import type { Severity } from '../../contract/alert.ts';
import type { ExpectedNeighbor } from '../../contract/operations.ts';
import type { Graph } from './graph.ts';
import type { View, Views } from './views.ts';

/** A row of the events log. */
export interface Input {
  /** Of the catalogue. */
  readonly table: string;
  readonly row: Row;
}

/**
 * `lost`: a fault, or another loss of what had it already. `unwell`: no loss, but not well either. `well`: as it should be.
 * `void`: what was thought a fault is none; it is taken back untold where it was not told yet. `planned`: the loss belongs
 * to a restart that may take `forMs`; it fires only where it is not well by then. `confirmed`: it does fire, now.
 */
export type Says = 'lost' | 'unwell' | 'well' | 'void' | 'planned' | 'confirmed';

/** What a row says of one subject. Times are ns since 1970 UTC. */
export interface Finding {
  /** Names the subject within the rule. */
  readonly key: string;
  /** Of a subject that several can speak for (both ends of a link, both levels): who speaks; it is well when all of them are. */
  readonly part?: string;
  readonly says: Says;
  /** Effective time, and when it was known. */
  readonly since: bigint;
  readonly decided: bigint;
  /** Event id of the row. */
  readonly event: string;
  readonly subject: string;
  readonly summary: string;
  readonly reason: string;
  readonly evidence: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The row as one line, for what is told later of the same subject. */
  readonly line: string;
  /** For `planned`, ms. */
  readonly forMs?: number;
}

/** What a rule remembers between rows; kept with the engine's state. Values are JSON. */
export interface Memory {
  get(key: string): unknown;
  /** Undefined forgets. */
  set(key: string, value: unknown): void;
}

/** How many prefixes a neighbour may announce. */
export interface PrefixLimit {
  /** Address of who announces; of who has the limit (missing: anybody); `ipv4-unicast` and the like (missing: each). */
  readonly neighbor: string;
  readonly router?: string | undefined;
  readonly family?: string | undefined;
  readonly limit: number;
  readonly warnPercent: number;
}

/** What the configuration tells the rules. */
export interface RuleSettings {
  /** Ids or names of the routers of each site. */
  readonly sites: Readonly<Record<string, readonly string[]>>;
  readonly maximumPrefixes: readonly PrefixLimit[];
}

export interface Context {
  readonly memory: Memory;
  readonly settings: RuleSettings;
  /** The graphs as they are with this row. */
  readonly graph: Graph;
  /** IGP views as they are with this row. */
  readonly views: Views;
  /** For a row of adjacency_events: the view before it, where it was known. */
  readonly before: View | undefined;
  /** What operators expect. */
  readonly expected: () => readonly ExpectedNeighbor[];
}

export interface Rule {
  /** Kebab-case: name of its file, and of its page in dashboards/runbooks. */
  readonly name: string;
  readonly severity: Severity;
  /** One sentence for people: when it fires. */
  readonly meaning: string;
  /** Tables whose rows it reads. */
  readonly tables: readonly string[];
  /** A fault fires after so long, so that what belongs together is told together. */
  readonly waitMs: number;
  /** Fires even where all is well again by then. */
  readonly firesAnyway?: boolean;
  /** Resolved when it has been well for so long. */
  readonly holdMs: number;
  /** Where nothing says `well`: resolved when nothing has been found for so long. */
  readonly quietMs?: number;
  judge(input: Input, context: Context): readonly Finding[];
}

/** Text of a column. */
export function text(row: Row, column: string): string {
  return String(row[column] ?? '');
}

/** Time column, ns. */
export function time(row: Row, column: 'time' | 'decided_time'): bigint {
  return row[column] as bigint;
}

/** `r1 (0000.0000.0001)`, or the id alone. */
export function named(id: string, name: string): string {
  return name === '' || name === id ? id : `${name} (${id})`;
}

/** Labels without the empty ones. */
export function labelsOf(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

/** What findings share that a row gives: times, event, evidence. */
export function fromRow(row: Row): Pick<Finding, 'since' | 'decided' | 'event' | 'evidence'> {
  return { since: time(row, 'time'), decided: time(row, 'decided_time'), event: text(row, 'event_id'), evidence: text(row, 'evidence') };
}

/** Rows of these reasons say something of us, not of the network. */
export function isOurOwn(row: Row): boolean {
  return row['reason'] === 'evicted' || row['reason'] === 'decoder-upgrade';
}
