/** Columns of a list: from one table of them come the SELECT, the schema of the answer and its documentation. */
import { z } from 'zod';

/** One column: how it looks in the answer, and the SQL that makes it where it is not the view's own column. */
export interface Column {
  readonly type: z.ZodType;
  readonly sql?: string;
}

export type Columns = Readonly<Record<string, Column>>;

const cell = (type: z.ZodType) => (sql?: string): Column => (sql === undefined ? { type } : { type, sql });

export const text = cell(z.string());
export const flag = cell(z.boolean());
/** A number of at most 53 bits. */
export const number = cell(z.number());
export const optionalNumber = cell(z.number().nullable());
/** A number of 64 bits and more, as decimal text. */
export const big = cell(z.string().regex(/^-?\d+$/));
export const texts = cell(z.array(z.string()));
export const fields = cell(z.record(z.string(), z.string()));
/** Hashes in the form of a UUID: of no version of RFC 9562. */
export const eventId = z.string().regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, { message: 'must look like 1b4e28ba-2fa1-11d2-883f-0016d3cca427' });
export const uuid = (sql: string): Column => ({ type: eventId, sql: `toString(${sql})` });
/** A time as ns since 1970 UTC in decimal. */
export const instant = (sql: string): Column => ({ type: z.string().regex(/^-?\d+$/).meta({ description: 'ns since 1970 UTC' }), sql: `toString(toUnixTimestamp64Nano(${sql}))` });

/** What stands behind SELECT. */
export function selectList(columns: Columns): string {
  return Object.entries(columns).map(([name, { sql }]) => (sql === undefined ? name : `${sql} AS ${name}`)).join(', ');
}

/** The schema of one row. */
export function rowSchema(columns: Columns): z.ZodObject {
  return z.strictObject(Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, type])));
}

/** The schema of a list: its rows, whether there are more behind this page, and what else is told with it. */
export function listSchema<T extends z.ZodRawShape>(columns: Columns, more: T = {} as T) {
  return z.strictObject({ rows: z.array(rowSchema(columns)), more: z.boolean().meta({ description: 'whether rows were left out behind this page' }), ...more });
}
