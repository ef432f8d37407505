/** A notice as a message of RFC 5424. */
import { hostname } from 'node:os';
import type { AlertNotice } from '../../../contract/alert.ts';
import { severities } from '../severity.ts';
import { rfc3339 } from './times.ts';

export interface SyslogForm {
  /** RFC 5424, section 6.2.1: 0 to 23. */
  readonly facility: number;
  /** Without one there is no structured data: a name of ours needs a number of the user's (section 7.2.2). */
  readonly enterpriseNumber: number | undefined;
  /** Longest message; what is beyond is cut off the text. */
  readonly mostBytes: number;
}

/** Section 6: header, structured data, text; the ids stand before what may be cut off. */
export function syslogMessage(notice: AlertNotice, { facility, enterpriseNumber, mostBytes }: SyslogForm): Buffer {
  const priority = facility * 8 + severities[notice.severity].syslog;
  const header = [`<${priority}>1`, rfc3339(notice.changed, 6), printable(hostname(), 255), 'routewatch', String(process.pid), printable(notice.rule, 32)].join(' ');
  const data = enterpriseNumber === undefined ? '-' : structuredData(notice, enterpriseNumber);
  const text = oneLine(`${notice.state.toUpperCase()} ${notice.subject}: ${notice.summary} reason=${notice.reason} evidence=${notice.evidence} `
    + `since=${rfc3339(notice.since, 6)} alert=${notice.alertId} notice=${notice.id} ${notice.links.page}`);
  // Section 6.4: text in UTF-8 begins with the byte order mark; plain ASCII needs none.
  const mark = /^[\x20-\x7e]*$/.test(text) ? '' : '\uFEFF';
  const whole = Buffer.from(`${header} ${data} ${mark}${text}`, 'utf8');
  return whole.length <= mostBytes ? whole : cut(whole, mostBytes);
}

/** At most so many bytes, and no part of a character. */
function cut(bytes: Buffer, most: number): Buffer {
  let end = most;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

/** Section 6.3: one element, each value with `"`, `\` and `]` escaped; names are those of the labels. */
function structuredData(notice: AlertNotice, enterpriseNumber: number): string {
  const parts = { alert: notice.alertId, notice: notice.id, state: notice.state, ...notice.labels, reason: notice.reason, evidence: notice.evidence };
  const pairs = Object.entries(parts).map(([name, value]) => ` ${name.replaceAll(/[^a-zA-Z0-9_.-]/g, '_').slice(0, 32)}="${oneLine(value).slice(0, 255).replaceAll(/["\\\]]/g, String.raw`\$&`)}"`);
  return `[routewatch@${enterpriseNumber}${pairs.join('')}]`;
}

/** PRINTUSASCII, or `-` for nothing. */
function printable(text: string, most: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, most) || '-';
}

/** A hostile name must not begin a second line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
