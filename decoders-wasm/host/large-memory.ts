/** What a process whose modules have large memories asks of its kernel and of its JavaScript engine. */
import { setFlagsFromString } from 'node:v8';
import koffi from 'koffi';

/**
 * V8 counts each growth of a module's memory, and each large buffer, as bytes that a collection might free: while a table
 * fills it marks its whole (small) heap again and again. With this flag it counts them with the heap, and marks when both are
 * large. Measured with a table of 1 M routes: 7 % of the CPU time of decoding.
 */
export const ENGINE_FLAG = '--external-memory-accounted-in-global-limit';
setFlagsFromString(ENGINE_FLAG);

const MADV_HUGEPAGE = 14;

/** `madvise`, where there is one. */
const madvise = load();

function load(): ((address: ArrayBuffer, bytes: number, advice: number) => number) | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return koffi.load(null).func('int madvise(void *address, size_t bytes, int advice)') as (address: ArrayBuffer, bytes: number, advice: number) => number;
  } catch {
    return undefined;
  }
}

/**
 * Asks the kernel to back a module's memory by huge pages: a full routing table is looked up all over it. For all that the
 * memory may grow to: V8 reserves the addresses of a 32-bit memory at once and grows it in place. It is
 * advice only (see transparent_hugepage/enabled): without it everything is the same, but slower by some per cent.
 */
export function adviseHugePages({ buffer }: WebAssembly.Memory, mostBytes: number): void {
  madvise?.(buffer, mostBytes, MADV_HUGEPAGE);
}
