/** Times as people write them, and as rows hold them. */
import { UsageError } from './output.ts';

const units: Readonly<Record<string, bigint>> = { s: 1n, m: 60n, h: 3600n, d: 86_400n };

/** `2026-11-21T02:19:15.75Z`, `2026-11-21 02:19:15` (UTC), seconds since 1970, `now`, or `5m ago` (s, m, h, d): ns since 1970. */
export function parseTime(text: string, now = BigInt(Date.now()) * 1_000_000n): bigint {
  if (text === 'now') return now;
  const ago = /^(\d+)\s*([smhd])(?:\s+ago)?$/.exec(text);
  if (ago !== null) return now - BigInt(ago[1]!) * units[ago[2]!]! * 1_000_000_000n;
  const seconds = /^(\d{9,11})(?:\.(\d{1,9}))?$/.exec(text);
  if (seconds !== null) return BigInt(seconds[1]!) * 1_000_000_000n + BigInt((seconds[2] ?? '').padEnd(9, '0') || '0');
  const calendar = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (calendar !== null) {
    const at = Date.parse(`${calendar[1]}T${calendar[2] ?? '00:00'}${calendar[4] ?? 'Z'}`);
    if (!Number.isNaN(at)) return BigInt(at) * 1_000_000n + BigInt((calendar[3] ?? '').padEnd(9, '0') || '0');
  }
  throw new UsageError(`"${text}" is no time: write 2026-11-21T02:19:15Z, 2026-11-21 02:19:15 (UTC), seconds since 1970, "now" or "5m ago"`);
}

/** `2026-11-21 02:19:15.750123` (UTC, µs). */
export function timeText(ns: bigint): string {
  const milliseconds = ns / 1_000_000n;
  const micros = ((ns % 1_000_000_000n) / 1000n).toString().padStart(6, '0');
  return `${new Date(Number(milliseconds)).toISOString().slice(0, 19).replace('T', ' ')}.${micros}`;
}

/** A ClickHouse literal of the instant. */
export function sqlTime(ns: bigint): string {
  return `toDateTime64('${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ')}.${(ns % 1_000_000_000n).toString().padStart(9, '0')}', 9, 'UTC')`;
}
