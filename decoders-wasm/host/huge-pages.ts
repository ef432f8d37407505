/** Asks the kernel to back a module's memory by huge pages: a full routing table is looked up all over it. */
import koffi from 'koffi';

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
 * For all that the memory may grow to: V8 reserves the addresses of a 32-bit memory at once and grows it in place. It is
 * advice only (see transparent_hugepage/enabled): without it everything is the same, but slower by some per cent.
 */
export function adviseHugePages({ buffer }: WebAssembly.Memory, mostBytes: number): void {
  madvise?.(buffer, mostBytes, MADV_HUGEPAGE);
}
