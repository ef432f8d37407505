/** The host's clocks: the boot clock, which stamps frames in the kernel, and the wall clock. */
import koffi from 'koffi';

const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;
const getTime = koffi.load('libc.so.6').func('int clock_gettime(int clock, void *time)');
const time = Buffer.alloc(16);

function read(clock: number): bigint {
  getTime(clock, time);
  return time.readBigInt64LE(0) * 1_000_000_000n + time.readBigInt64LE(8);
}

/** CLOCK_BOOTTIME, ns. */
export function bootNs(): bigint {
  return read(CLOCK_BOOTTIME);
}

/** Both clocks at one instant: of three tries the one with the least time around it. */
export function readClocks(): { bootNs: bigint; wallNs: bigint } {
  let best = { bootNs: 0n, wallNs: 0n, width: -1n };
  for (let i = 0; i < 3; i++) {
    const before = read(CLOCK_BOOTTIME);
    const wallNs = read(CLOCK_REALTIME);
    const width = read(CLOCK_BOOTTIME) - before;
    // The boot time must not lie behind what is read of ring and map later: the earlier reading is given.
    if (best.width < 0n || width < best.width) best = { bootNs: before, wallNs: wallNs - width / 2n, width };
  }
  return { bootNs: best.bootNs, wallNs: best.wallNs };
}
