/** What a request may say, in the parts that resources share: pages, times, prefixes, filters. */
import { isIP } from 'node:net';
import { z } from 'zod';

const NANOSECONDS = { s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n, d: 86_400_000_000_000n };

/** Rows that a list may have, and how far into it a page may begin. */
export const MOST_ROWS = 2000;
const MOST_OFFSET = 1_000_000;

/** `limit`, with its default and bound. */
export const limit = (standard: number, most = MOST_ROWS) => z.coerce.number().int().min(1).max(most).default(standard)
  .describe('rows of the answer at most');

/** The page of a list. */
export const page = (standard = 1000, most = MOST_ROWS) => ({
  limit: limit(standard, most),
  offset: z.coerce.number().int().min(0).max(MOST_OFFSET).default(0).describe('rows of the list before this page'),
});

/** Some text to compare with; empty for any. */
export const text = z.string().max(200).default('');

export const yesOrNo = (standard: 'yes' | 'no') => z.enum(['yes', 'no']).default(standard);

/** `adjacency,session`: kinds of the timeline; empty for all. */
export const kinds = z.string().max(200).regex(/^[a-z_,-]*$/, { message: 'must be kinds such as adjacency,session' }).default('')
  .transform((value) => value.split(',').filter((kind) => kind !== ''));

/** `15m`, `6h`, `7d`: a span back from now, in nanoseconds. */
export const span = z.string().regex(/^[1-9]\d{0,4}[smhd]$/, { message: 'must be a span such as 15m, 6h or 7d' })
  .transform((value) => BigInt(value.slice(0, -1)) * NANOSECONDS[value.slice(-1) as keyof typeof NANOSECONDS]);

/** A point in time, as nanoseconds since 1970 UTC or as ISO 8601 with up to nine decimals. */
export const instant = z.union([
  z.string().regex(/^\d{1,18}$/).transform(BigInt),
  z.string().regex(/^\d{19}$/).transform(BigInt).refine((ns) => ns < 1n << 63n, { message: 'is beyond the year 2262' }),
  z.iso.datetime({ offset: true }).transform(nanosecondsOf),
]);

/** ns since 1970 of an ISO 8601 text. */
function nanosecondsOf(iso: string): bigint {
  const decimals = /\.(\d{1,9})/.exec(iso)?.[1] ?? '';
  return BigInt(Date.parse(iso.replace(/\.\d+/, ''))) * 1_000_000n + BigInt(decimals.padEnd(9, '0'));
}

/** A list or graph as it was then; without it, as it is now. */
export const at = { at: instant.optional().describe('as it was then: ns since 1970 UTC, or ISO 8601') };

/** An address or prefix that somebody looks for. */
export interface PrefixSearch {
  readonly address: string;
  readonly length: number;
  /** As the store's functions take it. */
  readonly text: string;
}

export const prefix = z.string().max(64).trim().transform((value, context): PrefixSearch => {
  const [address = '', given, ...rest] = value.split('/');
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const length = given === undefined ? bits : Number(/^\d{1,3}$/.exec(given)?.[0] ?? Number.NaN);
  if (family === 0 || rest.length > 0 || !(length <= bits) || address.includes('%')) {
    context.addIssue({ code: 'custom', message: 'must be an address or prefix such as 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32' });
    return z.NEVER;
  }
  return { address, length, text: `${address}/${length}` };
});
