/** `routewatch audit`: proves that each row of the events log is in the store once; says which cut or table is wrong. */
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { tables } from '../../decoders-wasm/contract/generated/tables.ts';
import { EventsReader } from '../contract/events-reader.ts';
import { type Bounds, eventsTopic, type Log, reportsTopic } from '../contract/log.ts';
import { RecordError } from '../contract/record.ts';
import { readReport, ReportIds, REPORTS_PARTITION } from '../contract/report.ts';

/** A log, or one generation of it. */
export interface AuditedLog {
  readonly log: Log;
  readonly partitions: number;
  /** Its reports topic is open: what stands there is compared too. */
  readonly reports?: boolean;
}

export interface AuditOptions extends AuditedLog {
  /** Generations before this one, oldest first. */
  readonly earlier?: readonly AuditedLog[];
  /** Rows of one SELECT, columns by name; 64-bit numbers may come as text. */
  readonly rows: (sql: string) => Promise<Readonly<Record<string, unknown>>[]>;
}

/** What can be wrong. */
export type FindingKind =
  /** The events log has a record that is neither valid nor a repeat, or none at all. */
  | 'events-log'
  /** A cut of the log is missing in the ledger although later ones are there. */
  | 'gap'
  /** Two ledger rows cover the same records. */
  | 'overlap'
  /** The ledger goes on where the log has ended: the log is older than the store, or has lost its end. */
  | 'beyond-log'
  /** A ledger row whose records are not a cut of the log. */
  | 'foreign-cut'
  /** The ledger gives other numbers of rows than the log. */
  | 'ledger-count'
  /** A table has more or fewer rows of a cut than the ledger says. */
  | 'stored-count'
  /** Rows of a cut that the ledger does not have. */
  | 'unknown-rows'
  /** An event id stands in a table more than once. */
  | 'twice';

export interface Finding {
  readonly kind: FindingKind;
  /** Partition of the log; -1 where none is meant. */
  readonly partition: number;
  /** Empty: all of them. */
  readonly table: string;
  readonly detail: string;
}

export interface AuditReport {
  readonly findings: readonly Finding[];
  readonly partitions: readonly {
    /** From 1 for the oldest generation of the log. */
    readonly generation: number;
    /** Of the events; 65535 stands for the reports. */
    readonly partition: number;
    /** Records of the events log, those of them that do not count (fenced owners, repeats), and cuts with rows. */
    readonly records: number; readonly passedOver: number; readonly cuts: number;
    /** Cuts that the sink has yet to insert. */
    readonly waiting: number;
    /** Events that retention took before they were inserted; a row of coverage_events says so, too. */
    readonly lost: readonly string[];
  }[];
  readonly tables: readonly { readonly table: string; readonly stored: number; readonly expected: number }[];
  /** Logs that the ledger names and that are not here: of their cuts only ledger and tables were compared. */
  readonly missingLogs: readonly { readonly logId: string; readonly cuts: number; readonly rows: number; readonly newestCutNs: string }[];
}

/** Rows by table. */
type Counts = Readonly<Record<string, number>>;

/** Rows of the ledger that `redecode` wrote: their owner says whether they count what it added or what it took away. */
const REDECODED = 'redecode/';

interface LedgerRow {
  readonly logId: string;
  readonly owner: string;
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
  /** Rows that were stored, and those that the log must have: with what the store refused, without what tells of that. */
  readonly rows: Counts;
  readonly logged: Counts;
  /** No cut: the sink found these records gone. */
  readonly isLoss: boolean;
  /** Time of the cut, ns: with the partition it names the cut's rows in every table. */
  readonly cut: string;
}

interface LoggedCut {
  readonly first: bigint;
  readonly last: bigint;
  readonly rows: Counts;
}

/** Reads log, ledger and tables whole and compares them. Takes no lock: what is in flight counts as waiting. */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const findings: Finding[] = [];
  const ledger = await readLedger(options);
  const partitions: AuditReport['partitions'][number][] = [];
  const here = new Set<string>();
  for (const [index, { log, partitions: count, reports = false }] of [...options.earlier ?? [], options].entries()) {
    const numbers = [...Array.from({ length: count }, (_, partition) => partition), ...reports ? [REPORTS_PARTITION] : []];
    for (const partition of numbers) {
      const isReports = partition === REPORTS_PARTITION;
      const logId = await log.identity(isReports ? reportsTopic : eventsTopic);
      here.add(logId);
      const logged = await (isReports ? readReports(log, findings) : readCuts(log, partition, findings));
      const own = ledger.filter((row) => row.logId === logId && row.partition === partition);
      const waiting = compareCuts(partition, logged, own, findings);
      partitions.push({ generation: index + 1, partition, records: logged.records, passedOver: logged.passedOver, cuts: logged.cuts.length, waiting, lost: own.filter(({ isLoss }) => isLoss).map(span) });
    }
  }
  const stored: AuditReport['tables'][number][] = [];
  for (const { name } of tables) stored.push(await compareTable(options, name, ledger, findings));
  return { findings, partitions, tables: stored, missingLogs: missing(ledger.filter(({ logId, partition }) => !here.has(logId) && !logId.startsWith(REDECODED) && partition !== REPORTS_PARTITION)) };
}

function missing(rows: readonly LedgerRow[]): AuditReport['missingLogs'] {
  return [...Map.groupBy(rows, ({ logId }) => logId)].map(([logId, cuts]) => ({
    logId, cuts: cuts.length, rows: cuts.reduce((sum, cut) => sum + total(cut.rows), 0),
    newestCutNs: cuts.reduce((most, { cut }) => (BigInt(cut) > BigInt(most) ? cut : most), '0'),
  }));
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, rows) => sum + rows, 0);
}

async function readLedger(options: AuditOptions): Promise<LedgerRow[]> {
  const rows = await options.rows(`SELECT log_id, partition, owner, toString(first_offset) AS first, toString(last_offset) AS last, toJSONString(rows) AS counts, toJSONString(refused) AS refused_counts, quarantined,
    toString(toUnixTimestamp64Nano(ingest_time)) AS cut FROM routewatch.ledger ORDER BY log_id, partition, ledger.last_offset, ledger.first_offset`);
  return rows.map((row) => {
    const stored = countsOf(row['counts']);
    const logged: Record<string, number> = { ...stored };
    for (const [table, refused] of Object.entries(countsOf(row['refused_counts']))) logged[table] = (logged[table] ?? 0) + refused;
    if (Number(row['quarantined']) > 0) logged['quarantine'] = (logged['quarantine'] ?? 0) - Number(row['quarantined']);
    return {
      logId: String(row['log_id']), partition: Number(row['partition']), first: BigInt(String(row['first'])), last: BigInt(String(row['last'])),
      rows: stored, logged, cut: String(row['cut']), isLoss: row['owner'] === '', owner: String(row['owner']),
    };
  });
}

/** Rows by table as the store gives its maps: JSON text, numbers perhaps as text. */
function countsOf(json: unknown): Counts {
  return Object.fromEntries(Object.entries(JSON.parse(String(json)) as Record<string, unknown>).map(([table, rows]) => [table, Number(rows)]));
}

interface Logged {
  readonly cuts: readonly LoggedCut[];
  readonly records: number;
  readonly passedOver: number;
  /** First offset kept, and the one to be given next. */
  readonly bounds: Bounds;
}

/** The cuts of one partition as its events log has them. */
async function readCuts(log: Log, partition: number, findings: Finding[]): Promise<Logged> {
  const bounds = await log.bounds(eventsTopic, partition);
  const reader = new EventsReader(`${eventsTopic} partition ${partition}`, undefined, bounds.first > 0n);
  const cuts: LoggedCut[] = [];
  let records = 0;
  let first: bigint | undefined;
  let rows: Record<string, number> = {};
  try {
    for await (const logged of log.read(eventsTopic, partition, bounds.first)) {
      records += 1;
      const placed = reader.take(logged);
      if (placed === undefined) continue;
      first ??= placed.offset;
      for (const section of placed.record.header.sections) {
        const { name } = tableOf(section.table);
        rows[name] = (rows[name] ?? 0) + section.rows;
      }
      if (placed.record.header.cut === undefined) continue;
      if (Object.keys(rows).length > 0) cuts.push({ first, last: placed.offset, rows });
      first = undefined;
      rows = {};
    }
  } catch (error) {
    findings.push({ kind: 'events-log', partition, table: '', detail: error instanceof Error ? error.message : String(error) });
  }
  return { cuts, records, passedOver: reader.passedOver, bounds };
}

/** The reports of a log: each one with rows is a cut. */
async function readReports(log: Log, findings: Finding[]): Promise<Logged> {
  const bounds = await log.bounds(reportsTopic, 0);
  const ids = new ReportIds();
  const cuts: LoggedCut[] = [];
  let records = 0;
  let passedOver = 0;
  try {
    for await (const { offset, value } of log.read(reportsTopic, 0, bounds.first)) {
      records += 1;
      const report = readReport(value);
      const rows: Record<string, number> = {};
      if (report instanceof RecordError) {
        // The sink has made a cut of it that has nothing but its quarantine row.
        cuts.push({ first: offset, last: offset, rows });
        continue;
      }
      const { header } = report;
      for (const section of header.sections) rows[tableOf(section.table).name] = (rows[tableOf(section.table).name] ?? 0) + section.rows;
      if (!ids.isNew(header.id)) passedOver += 1;
      else if (header.sections.length > 0) cuts.push({ first: offset, last: offset, rows });
    }
  } catch (error) {
    findings.push({ kind: 'events-log', partition: REPORTS_PARTITION, table: '', detail: error instanceof Error ? error.message : String(error) });
  }
  return { cuts, records, passedOver, bounds };
}

/** Compares the log's cuts with the ledger's; gives how many the sink has yet to insert. */
function compareCuts(partition: number, { cuts, bounds }: Logged, ledger: readonly LedgerRow[], findings: Finding[]): number {
  const tell = (kind: FindingKind, detail: string): void => { findings.push({ kind, partition, table: '', detail }); };
  ledger.forEach((row, index) => {
    const before = ledger[index - 1];
    if (before !== undefined && row.first <= before.last) tell('overlap', `ledger rows of events ${span(before)} and ${span(row)}`);
  });
  const inserted = new Map(ledger.map((row) => [row.last, row]));
  const newest = ledger.at(-1)?.last ?? -1n;
  let waiting = 0;
  for (const cut of cuts) {
    const row = inserted.get(cut.last);
    if (row === undefined && cut.last > newest) waiting += 1;
    else if (row === undefined) tell('gap', `the cut of events ${span(cut)} was never inserted, later ones were`);
    // Retention may have taken the beginning of the oldest cut that is there.
    else if (row.first < bounds.first) { /* its counts cannot be compared */ }
    else if (row.first !== cut.first) tell('foreign-cut', `the ledger has events ${span(row)} where the log cuts ${span(cut)}`);
    else if (!sameCounts(row.logged, cut.rows)) tell('ledger-count', `events ${span(cut)}: the log has ${JSON.stringify(cut.rows)}, the ledger ${JSON.stringify(row.logged)}`);
    inserted.delete(cut.last);
  }
  const beyond = ledger.filter(({ last }) => last >= bounds.next);
  if (beyond.length > 0) {
    tell('beyond-log', `the log ends before offset ${bounds.next}, but the store has ${beyond.length} cuts (${beyond.reduce((sum, { rows }) => sum + total(rows), 0)} rows) of events ${span({ first: beyond[0]!.first, last: beyond.at(-1)!.last })}: `
      + 'the log is older than the store, or has lost its end');
  }
  for (const row of inserted.values()) if (row.first >= bounds.first && row.last < bounds.next) tell('foreign-cut', `the ledger has events ${span(row)}, where the log has no such cut`);
  return waiting;
}

/** Compares one table with the ledger, cut by cut. */
async function compareTable(options: AuditOptions, table: string, ledger: readonly LedgerRow[], findings: Finding[]): Promise<AuditReport['tables'][number]> {
  const tell = (kind: FindingKind, partition: number, detail: string): void => { findings.push({ kind, partition, table, detail }); };
  const keptSince = await keptFrom(options, table);
  const inStore = await options.rows(`SELECT frame_partition AS partition, toString(toUnixTimestamp64Nano(ingest_time)) AS cut, count() AS n FROM routewatch.${table} GROUP BY partition, cut`);
  const found = new Map(inStore.map((row) => [`${String(row['partition'])} ${String(row['cut'])}`, Number(row['n'])]));
  const stored = [...found.values()].reduce((sum, rows) => sum + rows, 0);
  let expected = 0;
  for (const [name, cuts] of Map.groupBy(ledger, (row) => `${row.partition} ${row.cut}`)) {
    const row = cuts.find(({ logId }) => !logId.startsWith(REDECODED)) ?? cuts[0]!;
    const rows = cuts.reduce((sum, cut) => sum + (cut.logId.startsWith(REDECODED) && cut.owner === 'gone' ? -1 : 1) * (cut.rows[table] ?? 0), 0);
    const here = found.get(name) ?? 0;
    found.delete(name);
    if (BigInt(row.cut) < keptSince && here === 0) continue;
    expected += rows;
    if (here !== rows) tell('stored-count', row.partition, `events ${span(row)}: ${here} rows are stored, the ledger says ${rows}`);
  }
  for (const [name, rows] of found) {
    const [partition, cut] = name.split(' ') as [string, string];
    const newest = ledger.filter((row) => row.partition === Number(partition)).reduce((most, row) => (BigInt(row.cut) > most ? BigInt(row.cut) : most), 0n);
    if (BigInt(cut) <= newest) tell('unknown-rows', Number(partition), `${rows} rows of a cut at ${cut} ns that the ledger does not have`);
  }
  const [twice] = await options.rows(`SELECT count() - uniqExact(event_id) AS n FROM routewatch.${table}`);
  if (Number(twice?.['n'] ?? 0) > 0) tell('twice', -1, `${Number(twice!['n'])} rows have the event id of another row`);
  return { table, stored, expected };
}

/** Cuts before this time, ns, may have been taken away by the table's time to live. */
async function keptFrom(options: AuditOptions, table: string): Promise<bigint> {
  const [row] = await options.rows(`SELECT create_table_query AS ddl, toString(toUnixTimestamp64Nano(now64(9))) AS now FROM system.tables WHERE database = 'routewatch' AND name = '${table}'`);
  const days = /TTL .*?(?:INTERVAL |toIntervalDay\()(\d+)/.exec(String(row?.['ddl'] ?? ''))?.[1];
  return days === undefined ? 0n : BigInt(String(row!['now'])) - BigInt(Number(days) - 1) * 86_400_000_000_000n;
}

function sameCounts(a: Counts, b: Counts): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((table) => (a[table] ?? 0) === (b[table] ?? 0));
}

function span({ first, last }: { readonly first: bigint; readonly last: bigint }): string {
  return `${first}-${last}`;
}
