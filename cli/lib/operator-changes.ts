/** Changes that operators made, as reports: by them the store has what the trail has, without what only admins may see. */
import { randomInt } from 'node:crypto';
import { murmur128 } from '../../decoders-wasm/contract/murmur.ts';
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { DECIDED_BY_DEADLINE, writeRow } from '../../decoders-wasm/contract/row-writer.ts';
import type { AuditEvent, Operations } from '../../dashboards/web/operations/index.ts';
import { type Log, reportsTopic } from '../../stream/contract/log.ts';
import { encodeReport } from '../../stream/contract/report.ts';

const MOST_AT_ONCE = 200;
const MADE_BY = 'routewatch';

/**
 * Appends what has not been reported yet, a report each; how many. One of which nobody knows whether it is there is
 * appended again under the same id, and counts once.
 */
export async function reportChanges({ audit }: Operations, log: Log): Promise<number> {
  const changes = audit.unreported(MOST_AT_ONCE);
  for (const change of changes) {
    await log.append(reportsTopic, 0, [reportOf(change)]);
    audit.reported(change.id);
  }
  return changes.length;
}

function reportOf({ id, time_ns: time, actor, role, request_id: requestId, action, subject }: AuditEvent): Uint8Array {
  const key = JSON.stringify([id, time, actor, requestId, action, subject]);
  const identity = murmur128(Buffer.from(key));
  const { id: table, layout } = tableOf('operator_changes');
  const row = writeRow('operator_changes', { identity, kind: DECIDED_BY_DEADLINE, number: BigInt(id), key }, {
    context: 0, tap: 0, time: BigInt(time), decided_time: BigInt(time), ordinal: 0, action, subject, actor, role, request_id: requestId,
  });
  return encodeReport({
    header: {
      id: Buffer.from(identity).toString('hex'), writer: 'operators', kind: 'rows', ingestTimeNs: ingestTime(), madeBy: MADE_BY,
      sections: [{ table, layout, rows: 1, bytes: row.length }],
      contexts: [{ code: 0, key: 'operators', domain: '', networkInstance: '', link: '' }], taps: [{ code: 0, tap: '', collector: '' }],
    },
    rows: [row],
  });
}

/** Each report is a cut, known by this time: not one that the alert engine takes, which has whole milliseconds. */
function ingestTime(): string {
  return String(BigInt(Date.now()) * 1_000_000n + BigInt(randomInt(1000, 1_000_000)));
}
