/** Deterministic mutations of bytes: what a broken or hostile sender may put on the wire. */

/** xorshift32: the same seed gives the same run everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed | 0) === 0 ? 0x9e3779b9 : seed | 0;
  }

  next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  below(limit: number): number {
    return limit === 0 ? 0 : this.next() % limit;
  }
}

const interesting = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];

/** A changed copy of `source` whose first `keep` bytes stay as they are more often than not; at most `most` bytes long. */
export function mutate(source: Uint8Array, random: Random, keep: number, most: number, other: Uint8Array): Uint8Array {
  let bytes: Uint8Array = source.slice();
  for (let rounds = 1 + random.below(4); rounds > 0; rounds--) {
    const from = random.below(4) === 0 ? 0 : Math.min(keep, bytes.length);
    const at = from + random.below(bytes.length - from);
    switch (random.below(8)) {
      case 0: bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8)); break;
      case 1: bytes[at] = interesting[random.below(interesting.length)]!; break;
      case 2: bytes[at] = random.below(256); break;
      case 3: bytes = bytes.slice(0, Math.max(from, at)); break;
      case 4: bytes = joined(bytes.subarray(0, at), other.subarray(random.below(other.length)), bytes.subarray(at)); break;
      case 5: bytes = joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(16)))); break;
      case 6: { const end = Math.min(bytes.length, at + 1 + random.below(64)); bytes = joined(bytes.subarray(0, end), bytes.subarray(at)); break; }
      case 7: for (let i = at; i < Math.min(bytes.length, at + 4); i++) bytes[i] = random.below(256); break;
    }
    if (bytes.length > most) bytes = bytes.slice(0, most);
    if (bytes.length === 0) return source.slice(0, 1);
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
