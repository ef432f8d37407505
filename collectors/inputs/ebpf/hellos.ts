/** The kernel's table of hellos, read in batches: who was heard when, also where the hello itself was not shipped. */
import * as state from '../../generated/bpf-state.ts';
import { BpfError, libbpf } from '../../loader/libbpf.ts';

/** One sender of hellos on one link, as one tap sees it in one direction. Times are of the boot clock, ns. */
export interface HelloState {
  /** What the kernel puts into `frame_number` of this sender's hellos. */
  id: bigint;
  tapId: number;
  direction: number;
  protocol: number;
  lastNs: bigint;
  /** 0 where its last record found the ring full. */
  shippedNs: bigint;
  /** The newest at most 8, oldest first. */
  arrivalsNs: bigint[];
  count: number;
  suppressed: number;
  holdingSeconds: number;
}

const BATCH = 4096;
const ENOENT = 2;
const ENOSPC = 28;
/** Batches at most: a table that changes while it is read may show an entry twice, never without end. */
const MOST_BATCHES = 4096;

/** All entries of the table of descriptor `fd`. Throws a BpfError where it cannot be read. */
export function readHellos(fd: number): HelloState[] {
  const api = libbpf();
  const hellos: HelloState[] = [];
  let size = BATCH;
  let keys = Buffer.alloc(size * state.HELLO_KEY_BYTES);
  let values = Buffer.alloc(size * state.HELLO_BYTES);
  const place = Buffer.alloc(8);
  const next = Buffer.alloc(8);
  const count = Buffer.alloc(4);
  let begun = false;
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    count.writeUInt32LE(size);
    const result = api.lookupBatch(fd, begun ? place : null, next, keys, values, count, null) as number;
    if (result === -ENOSPC) {
      // A bucket that is larger than the batch.
      size *= 2;
      keys = Buffer.alloc(size * state.HELLO_KEY_BYTES);
      values = Buffer.alloc(size * state.HELLO_BYTES);
      continue;
    }
    if (result < 0 && result !== -ENOENT) throw new BpfError('the table of hellos cannot be read', -result);
    for (let index = 0; index < count.readUInt32LE(); index++) {
      hellos.push(hello(keys, index * state.HELLO_KEY_BYTES, values, index * state.HELLO_BYTES));
    }
    if (result === -ENOENT) break;
    next.copy(place);
    begun = true;
  }
  return hellos;
}

function hello(keys: Buffer, key: number, values: Buffer, value: number): HelloState {
  const count = values.readUInt32LE(value + state.HELLO_COUNT);
  const kept = Math.min(count, state.MOST_ARRIVALS);
  return {
    id: keys.readBigUInt64LE(key + state.HELLO_KEY_ID),
    tapId: keys.readUInt16LE(key + state.HELLO_KEY_TAP_ID),
    direction: keys.readUInt8(key + state.HELLO_KEY_DIRECTION),
    protocol: keys.readUInt8(key + state.HELLO_KEY_PROTOCOL),
    lastNs: values.readBigUInt64LE(value + state.HELLO_LAST_NS),
    shippedNs: values.readBigUInt64LE(value + state.HELLO_SHIPPED_NS),
    arrivalsNs: Array.from({ length: kept }, (_, index) => {
      const number = (count - kept + index) % state.MOST_ARRIVALS;
      return values.readBigUInt64LE(value + state.HELLO_ARRIVALS + number * 8);
    }),
    count,
    suppressed: values.readUInt32LE(value + state.HELLO_SUPPRESSED),
    holdingSeconds: values.readUInt32LE(value + state.HELLO_HOLDING_SECONDS),
  };
}
