/** Route changes as counts: a full table comes as a million rows, of which rules need only how many. */
import { layoutOf, type Row, type RowCodes } from '../../../decoders-wasm/contract/row-reader.ts';
import { uuidText } from '../../../decoders-wasm/contract/column-text.ts';

/** Name by which rules read the counts. */
export const ROUTE_COUNTS = 'route_counts';
/** Changes of one session, family and direction within this time are one count, ns: less than a session takes to come back. */
const TOGETHER_NS = 100_000_000n;

const sizes: Readonly<Record<string, number>> = { uuid: 16, enum: 1, i64: 8, u64: 8, u32: 4, u16: 2, bool: 1, u8: 1, ipv6: 16, hash: 16 };

interface Place {
  readonly at: number;
  readonly values: readonly string[];
}

interface Plan {
  readonly size: number;
  readonly of: (column: string) => Place;
}

const plans = new Map<string, Plan>();

/** Where the columns of rows of a layout stand; every row of route_changes is of one length (a test says so). */
function planOf(layout: string): Plan {
  const known = plans.get(layout);
  if (known !== undefined) return known;
  const places = new Map<string, Place>();
  let size = 0;
  for (const { name, wire, values = [] } of layoutOf(layout)) {
    if (sizes[wire] === undefined) throw new RangeError(`route_changes ${layout}: ${name} is of no fixed length, its rows cannot be counted`);
    places.set(name, { at: size, values });
    size += sizes[wire];
  }
  const plan: Plan = { size, of: (column) => places.get(column)! };
  plans.set(layout, plan);
  return plan;
}

/**
 * Rows of `route_counts`: of `sender` to `receiver` in `afi_safi` so many `tup`, `tdown` and `aadiff`, of them `first` at
 * first sight; times and event id are those of the first of them. Repetitions (aadup, wwdup) are no changes and not counted.
 */
export function countRoutes(layout: string, bytes: Uint8Array, codes: RowCodes): Row[] {
  const { size, of } = planOf(layout);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [context, higher, family, kind, initial, time, decided] = ['context', 'from_higher', 'afi_safi', 'change_class', 'initial', 'time', 'decided_time'].map((column) => of(column)) as [Place, Place, Place, Place, Place, Place, Place];
  const counts = new Map<string, Record<string, string | number | bigint | boolean>>();
  for (let at = 0; at + size <= bytes.length; at += size) {
    const word = kind.values[bytes[at + kind.at]!]!;
    if (word !== 'tup' && word !== 'tdown' && word !== 'aadiff') continue;
    const decidedTime = view.getBigInt64(at + decided.at, true);
    const code = view.getUint32(at + context.at, true);
    const key = `${code} ${bytes[at + higher.at]} ${bytes[at + family.at]} ${decidedTime / TOGETHER_NS}`;
    let count = counts.get(key);
    if (count === undefined) {
      const names = codes.contexts.get(code);
      const end = bytes[at + higher.at] === 0 ? 0 : 1;
      count = {
        event_id: uuidText(bytes.subarray(at + of('event_id').at, at + of('event_id').at + 16)), time: view.getBigInt64(at + time.at, true), decided_time: decidedTime, ordinal: 0,
        domain: names?.domain ?? '', network_instance: names?.networkInstance ?? '', link: names?.link ?? '', tap: codes.taps.get(view.getUint16(at + of('tap').at, true))?.tap ?? '', evidence: 'received',
        sender: names?.addresses?.[end] ?? '', receiver: names?.addresses?.[1 - end] ?? '', afi_safi: family.values[bytes[at + family.at]!]!, tup: 0, tdown: 0, aadiff: 0, first: 0,
      };
      counts.set(key, count);
    }
    count[word] = Number(count[word]) + 1;
    if (bytes[at + initial.at] !== 0) count['first'] = Number(count['first']) + 1;
  }
  return [...counts.values()];
}
