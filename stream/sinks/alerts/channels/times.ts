/** A notice's times for receivers: RFC 3339. */

/** UTC with as many decimals of a second as are asked for, at most 9. */
export function rfc3339(ns: bigint, decimals: number): string {
  const second = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${second}.${(ns % 1_000_000_000n).toString().padStart(9, '0').slice(0, decimals)}Z`;
}
