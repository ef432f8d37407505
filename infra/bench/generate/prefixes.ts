/** Distinct prefixes, as the global table has them: their lengths and their clusters, from a seed. */
import type { Random } from '../../fuzz/mutate.ts';

/** Prefix length and its share of the table, in parts of 1000 (routing table reports of 2024 and 2025, rounded). */
const IPV4_LENGTHS: readonly (readonly [number, number])[] = [
  [24, 605], [23, 105], [22, 115], [21, 52], [20, 46], [19, 26], [18, 15], [17, 9], [16, 27],
];
const IPV6_LENGTHS: readonly (readonly [number, number])[] = [
  [48, 490], [32, 120], [44, 110], [40, 100], [36, 60], [29, 40], [47, 30], [46, 30], [33, 20],
];

/** Of 1000 prefixes of one origin, so many lie beside the one before. */
const NEIGHBOURS = 700;
const MOST_TRIES = 10_000;

/** Gives prefixes as NLRI has them (length in bits, then as many bytes as it needs), none of them twice. */
export class PrefixSource {
  private readonly random: Random;
  private readonly taken = new Set<number>();
  /** Networks that were given last, as 32 and 48 bits. */
  private near4 = 0x0100_0000;
  private near6 = 0x2000_0000_0000;

  constructor(random: Random) {
    this.random = random;
  }

  /** From 1.0.0.0 to 223.255.255.255. */
  ipv4(): Buffer {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const length = pick(IPV4_LENGTHS, this.random.below(1000));
      const close = this.random.below(1000) < NEIGHBOURS && tries < 20;
      const address = close ? this.near4 + (this.random.below(64) << 8) : (1 + this.random.below(223)) * 2 ** 24 + (this.random.next() & 0xffffff);
      if (address >= 224 * 2 ** 24) continue;
      const network = Math.floor(address / 2 ** (32 - length));
      if (!this.take(network * 64 + length)) continue;
      this.near4 = network * 2 ** (32 - length);
      return nlri(length, this.near4, 4);
    }
    throw new Error('no free IPv4 prefix was found: ask for fewer');
  }

  /** Within 2000::/3, no longer than /48. */
  ipv6(): Buffer {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const length = pick(IPV6_LENGTHS, this.random.below(1000));
      const close = this.random.below(1000) < NEIGHBOURS && tries < 20;
      const address = close ? this.near6 + this.random.below(64) : (0x2000 + this.random.below(0x1000)) * 2 ** 32 + this.random.next();
      const network = Math.floor(address / 2 ** (48 - length));
      // Keys of IPv6 are negative; 48 bits of network leave 5 for the length, counted from 29 on.
      if (!this.take(-(network * 32 + (length - 28)))) continue;
      this.near6 = network * 2 ** (48 - length);
      return nlri(length, this.near6, 6);
    }
    throw new Error('no free IPv6 prefix was found: ask for fewer');
  }

  private take(key: number): boolean {
    if (this.taken.has(key)) return false;
    this.taken.add(key);
    return true;
  }
}

/** The value whose share of 1000 covers `point`. */
export function pick<T>(shares: readonly (readonly [T, number])[], point: number): T {
  let left = point;
  for (const [value, share] of shares) {
    if (left < share) return value;
    left -= share;
  }
  return shares[0]![0];
}

function nlri(length: number, address: number, bytes: number): Buffer {
  const field = Buffer.alloc(1 + bytes);
  field[0] = length;
  field.writeUIntBE(address, 1, bytes);
  return field.subarray(0, 1 + ((length + 7) >> 3));
}
