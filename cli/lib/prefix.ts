/** Which routes a prefix, address or pattern asks for. */
import { isIP } from 'node:net';
import { UsageError } from './output.ts';
import type { SqlParameters } from './sql.ts';

/** What beside the prefix itself is wanted. */
export interface RouteMatch {
  readonly covered?: boolean;
  readonly covering?: boolean;
  readonly longest?: boolean;
}

export interface PrefixCondition {
  /** What stands behind WHERE, over the columns of `rib`. */
  readonly where: string;
  readonly parameters: SqlParameters;
}

/** UsageError if `text` is no prefix, address or pattern; bits behind the prefix's length do not matter. */
export function prefixCondition(text: string, match: RouteMatch): PrefixCondition {
  if (text.includes('%')) {
    if (match.covered === true || match.covering === true || match.longest === true) {
      throw new UsageError(`--covered, --covering and --longest need a whole prefix, not the pattern ${text}`);
    }
    return { where: 'prefix LIKE {prefix:String}', parameters: { prefix: text } };
  }
  if (match.longest === true && match.covered === true) throw new UsageError('--longest and --covered exclude each other');
  const { address, length, bits } = wholePrefix(text);
  const conditions = ['(prefix_address = tupleElement(IPv6CIDRToRange(toIPv6({address:String}), toUInt8({mapped:UInt8})), 1) AND prefix_length = {length:UInt8})'];
  if (match.covered === true) conditions.push('covered_by(prefix_address, prefix_length, {prefix:String})');
  if (match.covering === true || match.longest === true) conditions.push('covers(prefix_address, prefix_length, {prefix:String})');
  const longest = match.longest === true ? ' QUALIFY prefix_length = max(prefix_length) OVER (PARTITION BY receiver)' : '';
  return {
    where: `(${conditions.join(' OR ')})${longest}`,
    parameters: { address, length, mapped: length + 128 - bits, prefix: `${address}/${length}` },
  };
}

/** An address is the prefix of its full length. */
function wholePrefix(text: string): { readonly address: string; readonly length: number; readonly bits: number } {
  const [address = '', length, ...more] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) === 0 || more.length > 0 || (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= bits))) {
    throw new UsageError(`"${text}" is no prefix: write 192.0.2.0/24, 2001:db8::/32, an address, or a pattern such as 192.0.%`);
  }
  return { address, length: length === undefined ? bits : Number(length), bits };
}
