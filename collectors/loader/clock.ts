/** The host's boot clock, the one that stamps frames in the kernel. */
import koffi from 'koffi';

const CLOCK_BOOTTIME = 7;
const getTime = koffi.load('libc.so.6').func('int clock_gettime(int clock, void *time)');
const time = Buffer.alloc(16);

/** CLOCK_BOOTTIME, ns. */
export function bootNs(): bigint {
  getTime(CLOCK_BOOTTIME, time);
  return time.readBigInt64LE(0) * 1_000_000_000n + time.readBigInt64LE(8);
}
