/** What a request may say: one schema for each route; anything else is refused. */
import { isIP } from 'node:net';
import { z } from 'zod';

const NANOSECONDS = { s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n, d: 86_400_000_000_000n };

const limit = (standard: number, most: number) => z.coerce.number().int().min(1).max(most).default(Math.min(standard, most));

const text = z.string().max(200).default('');

/** `adjacency,session`: kinds of the timeline; empty for all. */
const kinds = z.string().max(200).regex(/^[a-z_,-]*$/, { message: 'must be kinds such as adjacency,session' }).default('')
  .transform((value) => value.split(',').filter((kind) => kind !== ''));

/** `15m`, `6h`, `7d`: a span back from now, in nanoseconds. */
const span = z.string().regex(/^[1-9]\d{0,4}[smhd]$/, { message: 'must be a span such as 15m, 6h or 7d' })
  .transform((value) => BigInt(value.slice(0, -1)) * NANOSECONDS[value.slice(-1) as keyof typeof NANOSECONDS]);

/** A point in time, as nanoseconds since 1970 UTC or as ISO 8601. */
const instant = z.union([
  z.string().regex(/^\d{1,19}$/).transform(BigInt),
  z.iso.datetime({ offset: true }).transform((value) => BigInt(Date.parse(value)) * 1_000_000n),
]);

/** An address or prefix that somebody looks for. */
export interface PrefixSearch {
  readonly address: string;
  readonly length: number;
}

const prefix = z.string().max(64).trim().transform((value, context): PrefixSearch => {
  const [address = '', given, ...rest] = value.split('/');
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const length = given === undefined ? bits : Number(/^\d{1,3}$/.exec(given)?.[0] ?? Number.NaN);
  if (family === 0 || rest.length > 0 || !(length <= bits) || address.includes('%')) {
    context.addIssue({ code: 'custom', message: 'must be an address or prefix such as 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32' });
    return z.NEVER;
  }
  return { address, length };
});

/** The schemas, with lists bounded by `most` rows. */
export function inputs(most: number) {
  return {
    list: z.strictObject({ limit: limit(1000, most) }),
    routes: z.strictObject({ prefix: prefix.optional(), limit: limit(200, most) }),
    counts: z.strictObject({ since: span.default(NANOSECONDS.h), limit: limit(20_000, 20_000) }),
    timeline: z.strictObject({
      limit: limit(300, most),
      from: instant.optional(),
      to: instant.optional(),
      router: text,
      kind: kinds,
      initial: z.enum(['yes', 'no']).default('yes'),
      text,
    }),
    query: z.strictObject({ sql: z.string().trim().min(1, { message: 'is empty: write one SELECT' }).max(50_000) }),
    nothing: z.strictObject({}),
  };
}
