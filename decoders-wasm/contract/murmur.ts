/** MurmurHash3 x64-128 with seed 0, equal to that of decoders-wasm/base/assembly/hash.ts. */

const MASK = (1n << 64n) - 1n;
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

/** The hash as 16 bytes: the halves h1, h2, each little endian; so are identities of names and event ids. */
export function murmur128(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = bytes.length >>> 4;
  let h1 = 0n;
  let h2 = 0n;
  for (let i = 0; i < blocks; i++) {
    h1 ^= scramble(view.getBigUint64(i * 16, true), C1, 31n, C2);
    h1 = ((rotate(h1, 27n) + h2) * 5n + 0x52dce729n) & MASK;
    h2 ^= scramble(view.getBigUint64(i * 16 + 8, true), C2, 33n, C1);
    h2 = ((rotate(h2, 31n) + h1) * 5n + 0x38495ab5n) & MASK;
  }
  const rest = new Uint8Array(16);
  rest.set(bytes.subarray(blocks * 16));
  const tail = new DataView(rest.buffer);
  h2 ^= scramble(tail.getBigUint64(8, true), C2, 33n, C1);
  h1 ^= scramble(tail.getBigUint64(0, true), C1, 31n, C2);
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  const out = new Uint8Array(16);
  const halves = new DataView(out.buffer);
  halves.setBigUint64(0, h1, true);
  halves.setBigUint64(8, h2, true);
  return out;
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK;
}

function scramble(k: bigint, first: bigint, by: bigint, second: bigint): bigint {
  return (rotate((k * first) & MASK, by) * second) & MASK;
}

function finish(k: bigint): bigint {
  k ^= k >> 33n;
  k = (k * 0xff51afd7ed558ccdn) & MASK;
  k ^= k >> 33n;
  k = (k * 0xc4ceb9fe1a85ec53n) & MASK;
  return k ^ (k >> 33n);
}
