/** The report: rows made behind the worker (alerts), one atomic set a record, known by its id. */
import { z } from 'zod';
import { type CodedContext, type CodedTap, type Section, splitSections } from './events-record.ts';
import { batchKey } from './frame-batch.ts';
import { checkHeader, count, decimal, packRecord, RecordError, unpackRecord } from './record.ts';

const MAGIC = 'RWRP';
const VERSION = 1;

/** Stands in place of a partition of the frames log in the rows of reports: they come from none. */
export const REPORTS_PARTITION = 0xffff;
/** A writer repeats a record that it does not know to be written, and so many others may stand in between. */
export const MOST_BETWEEN_REPEATS = 4096;

export interface ReportHeader {
  /** 32 hex; a record of an id that was there before is a repeat. */
  readonly id: string;
  /** Who wrote it: `alerts/<instance>`. */
  readonly writer: string;
  /** `claim`: from here on the writer is the only one of its kind, and what others of it write after this is a zombie's. */
  readonly kind: 'claim' | 'rows';
  /** Time of the rows' insert, ns: each record is a cut of its own. */
  readonly ingestTimeNs: string;
  readonly sections: readonly Section[];
  readonly contexts: readonly CodedContext[];
  readonly taps: readonly CodedTap[];
  /** `writer@version` for the rows. */
  readonly madeBy: string;
  /** What the writer's kind reads again after a takeover; JSON text of its own. */
  readonly journal?: string;
}

export interface Report {
  readonly header: ReportHeader;
  /** RowBinary of each section, in the order of `header.sections`. */
  readonly rows: readonly Uint8Array[];
}

export function encodeReport(report: Report): Uint8Array {
  return packRecord(MAGIC, VERSION, report.header, report.rows);
}

const reportHeader = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  writer: z.string(),
  kind: z.enum(['claim', 'rows']),
  ingestTimeNs: decimal,
  sections: z.array(z.object({ table: count, layout: z.string(), rows: count, bytes: count })),
  contexts: z.array(batchKey.extend({ code: count })),
  taps: z.array(z.object({ code: count, tap: z.string(), collector: z.string() })),
  madeBy: z.string(),
  journal: z.string().optional(),
});

/** Throws RecordError on what is no report. */
export function decodeReport(value: Uint8Array): Report {
  const { header: read, body, bodyAt } = unpackRecord(MAGIC, VERSION, value);
  const header = checkHeader(MAGIC, reportHeader, read);
  return { header: header as ReportHeader, rows: splitSections(MAGIC, header.sections, body, bodyAt) };
}

/** The report, or why the record is none: whoever reads the topic passes over that, and the ClickHouse sink puts it to quarantine. */
export function readReport(value: Uint8Array): Report | RecordError {
  try {
    return decodeReport(value);
  } catch (error) {
    if (error instanceof RecordError) return error;
    throw error;
  }
}

/** Tells repeats among the records of the reports topic. */
export class ReportIds {
  private readonly recent = new Set<string>();

  /** Whether a record of this id was not there before. */
  isNew(id: string): boolean {
    if (this.recent.has(id)) return false;
    this.recent.add(id);
    if (this.recent.size > MOST_BETWEEN_REPEATS) this.recent.delete(this.recent.values().next().value!);
    return true;
  }
}
