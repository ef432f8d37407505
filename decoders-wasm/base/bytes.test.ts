/** Reading bytes and writing text: cursor, TLV walk, checksums, hashes, addresses, JSON. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { murmur128 } from '../contract/murmur.ts';
import { compileOperations, Operations } from './testing/load.ts';

let wasm: Operations;
beforeAll(async () => { wasm = new Operations(await compileOperations()); });

const SHORT = 1;
const LENGTH = 2;
const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('the cursor', () => {
  const reads = fc.array(fc.oneof(
    fc.constantFrom(...(['U8', 'U16', 'U24', 'U32', 'U64'] as const)).map((name) => ({ name, count: 0 })),
    fc.record({ name: fc.constantFrom('Bytes', 'Skip'), count: fc.oneof(fc.nat(20), fc.constantFrom(0x7fffffff, 0xffffffff)) }),
  ), { maxLength: 20 });
  const sizes: Readonly<Record<string, number>> = { U8: 1, U16: 2, U24: 3, U32: 4, U64: 8 };

  it('reads big-endian fields; the first read beyond the end sets the error and all later ones give zero', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), reads, (bytes, list) => {
      const at = wasm.put(bytes);
      wasm.call('cursorOver', at, bytes.length);
      let position = 0;
      let errorAt: number | undefined;
      for (const { name, count } of list) {
        const size = sizes[name] ?? count;
        const fits = errorAt === undefined && position + size <= bytes.length;
        const passed = errorAt !== undefined && size === 0;
        if (!fits && !passed) errorAt ??= position;
        const field = fits ? BigInt(`0x0${Buffer.from(bytes.subarray(position, position + size)).toString('hex')}`) : 0n;
        const got = name === 'U64' ? wasm.big(`cursor${name}`) : BigInt(sizes[name] === undefined ? wasm.call(`cursor${name}`, count) : wasm.call(`cursor${name}`) >>> 0);
        if (name === 'Bytes') expect(got).toBe(fits ? BigInt(at + position) : passed ? BigInt(at + bytes.length) : 0n);
        else expect(got).toBe(name === 'Skip' ? 0n : field);
        if (fits) position += size;
      }
      expect(wasm.call('cursorError')).toBe(errorAt === undefined ? 0 : SHORT);
      expect(wasm.call('cursorOffset')).toBe(errorAt ?? position);
      expect(wasm.call('cursorLeft')).toBe(errorAt === undefined ? bytes.length - position : 0);
    }), { numRuns: 500 });
  });

  it('walks TLVs and ends at the first whose length reaches beyond its encloser', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      wasm.call('cursorOver', wasm.put(bytes), bytes.length);
      let at = 0;
      while (at + 2 <= bytes.length) {
        const length = bytes[at + 1]!;
        const value = bytes.subarray(at + 2, at + 2 + length);
        wasm.call('cursorU8');
        wasm.call('cursorU8');
        const sum = wasm.call('cursorSub', length);
        if (value.length < length) {
          expect(sum).toBe(-1 - LENGTH);
          expect(wasm.call('cursorError')).toBe(LENGTH);
          expect(wasm.call('cursorOffset'), 'the error stands where the value would begin').toBe(at + 2);
          return;
        }
        expect(sum, 'the inner cursor ends with the value').toBe(value.reduce((all, byte) => all + byte, 0));
        at += 2 + length;
      }
      expect(wasm.call('cursorError')).toBe(0);
      expect(wasm.call('cursorLeft')).toBe(bytes.length - at);
    }), { numRuns: 500 });
  });
});

/** RFC 905 annex B (and RFC 1008 section 7.2): puts the two check octets at `n` so that both sums are zero. */
function sealed(bytes: Uint8Array, n: number): Uint8Array {
  const out = bytes.slice();
  out[n] = out[n + 1] = 0;
  let c0 = 0;
  let c1 = 0;
  for (const byte of out) {
    c0 = (c0 + byte) % 255;
    c1 = (c1 + c0) % 255;
  }
  const after = out.length - n - 1;
  const positive = (value: number): number => ((value % 255) + 255) % 255;
  out[n] = positive(after * c0 - c1);
  out[n + 1] = positive(c1 - (after + 1) * c0);
  return out;
}

describe('checksums', () => {
  it('Fletcher holds for what RFC 905 annex B seals, and not when one octet is changed', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 2, maxLength: 300 }), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 254 }), (bytes, field, place, by) => {
      const message = sealed(bytes, field % (bytes.length - 1));
      expect(wasm.call('fletcherHolds', wasm.put(message), message.length)).toBe(1);
      const at = place % message.length;
      message[at] = (message[at]! + by) % 255;
      const same = message[at]! % 255 === sealed(bytes, field % (bytes.length - 1))[at]! % 255;
      if (!same) expect(wasm.call('fletcherHolds', wasm.put(message), message.length)).toBe(0);
    }), { numRuns: 300 });
  });

  it('Fletcher does not overflow over 64 KB of the largest octets', () => {
    const message = sealed(new Uint8Array(65_535).fill(0xfe), 10);
    expect(wasm.call('fletcherHolds', wasm.put(message), message.length)).toBe(1);
    expect(wasm.call('fletcherHolds', wasm.put(new Uint8Array(65_535).fill(0xff)), 65_535), '255 counts as 0').toBe(1);
  });

  it('the Internet checksum gives the example of RFC 1071 section 3, in any division', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    const at = wasm.put(bytes);
    expect(wasm.call('internet', at, 8, 0)).toBe(0xddf2);
    for (const half of [0, 2, 4, 6, 8]) expect(wasm.call('internet', at + half, 8 - half, wasm.call('internet', at, half, 0))).toBe(0xddf2);
  });

  it('an odd octet is padded with zero on the right, and a header with its checksum sums to ffff', () => {
    expect(wasm.call('internet', wasm.put(Uint8Array.of(0x12, 0x34, 0x56)), 3, 0)).toBe(0x1234 + 0x5600);
    const header = Buffer.from('450000730000400040110000c0a80001c0a800c7', 'hex');
    header.writeUInt16BE(0xffff - wasm.call('internet', wasm.put(header), 20, 0), 10);
    expect(header.readUInt16BE(10)).toBe(0xb861);
    expect(wasm.call('internet', wasm.put(header), 20, 0)).toBe(0xffff);
  });

  it('MurmurHash3 x64-128 gives the published value, and the same as the host for any bytes', () => {
    const hash = (bytes: Uint8Array): string => {
      wasm.call('murmur128', wasm.put(bytes), bytes.length);
      return Buffer.from(wasm.bytes(wasm.call('resultAt'), 16)).toString('hex');
    };
    expect(hash(new Uint8Array(0))).toBe('0'.repeat(32));
    const fox = Buffer.from(hash(ascii('The quick brown fox jumps over the lazy dog')), 'hex');
    expect([fox.readBigUInt64LE(0), fox.readBigUInt64LE(8)]).toEqual([0xe34bbc7bbc071b6cn, 0x7a433ca9c49a9347n]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => { expect(hash(bytes)).toBe(Buffer.from(murmur128(bytes)).toString('hex')); }));
  });
});

describe('text', () => {
  const ipv6 = (bytes: Uint8Array): string => wasm.text('textIpv6', wasm.put(bytes));
  const address = (text: string): Uint8Array => Buffer.from(text.split(':').map((group) => group.padStart(4, '0')).join(''), 'hex');

  it.each([
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['0:0:0:0:0:ffff:c000:201', '::ffff:192.0.2.1'],
    ['2001:DB8:A:B:C:D:E:F', '2001:db8:a:b:c:d:e:f'],
  ])('RFC 5952: %s is %s', (long, short) => { expect(ipv6(address(long))).toBe(short); });

  it('any address is written as the URL standard writes it, which is RFC 5952 section 4', () => {
    const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 });
    fc.assert(fc.property(groups, (list) => {
      const text = list.map((group) => group.toString(16)).join(':');
      fc.pre(!text.startsWith('0:0:0:0:0:ffff:'));
      expect(`[${ipv6(address(text))}]`).toBe(new URL(`http://[${text}]/`).hostname);
    }), { numRuns: 1000 });
  });

  it('ids are written as the field writes them', () => {
    const at = wasm.put(Uint8Array.of(0x00, 0x10, 0xab, 0xcd, 0xef, 0x01, 0x02, 0x03));
    expect(wasm.text('textSystemId', at)).toBe('0010.abcd.ef01');
    expect(wasm.text('textNodeId', at)).toBe('0010.abcd.ef01.02');
    expect(wasm.text('textLspId', at)).toBe('0010.abcd.ef01.02-03');
    expect(wasm.text('textMac', at)).toBe('00:10:ab:cd:ef:01');
    expect(wasm.text('textArea', wasm.put(Uint8Array.of(0x49, 0, 1)), 3)).toBe('49.0001');
    expect(wasm.text('textArea', wasm.put(Uint8Array.of(0x49)), 1)).toBe('49');
    expect(wasm.text('textIpv4', wasm.put(Uint8Array.of(10, 0, 255, 1)))).toBe('10.0.255.1');
  });

  it('any number is written in decimal and hexadecimal', () => {
    const values = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 9n, 10n, 99n, 10n ** 19n, 10n ** 19n - 1n, 2n ** 64n - 1n));
    fc.assert(fc.property(values, (value) => {
      expect(wasm.text('textDecimal', BigInt.asIntN(64, value))).toBe(value.toString());
      expect(wasm.text('textHex', BigInt.asIntN(64, value), 16)).toBe(value.toString(16).padStart(16, '0'));
    }));
  });

  it('a text that is too long is cut and touches nothing else', () => {
    const around = wasm.call('textStart');
    wasm.call('textReset');
    wasm.call('textBegin');
    wasm.call('textRepeat', BigInt(1e9), 100_000);
    expect(wasm.call('textLength')).toBe(512 << 10);
    wasm.call('textRaw', wasm.inputAt, 1 << 20);
    expect(wasm.call('textLength')).toBe(512 << 10);
    expect(around).toBeGreaterThan(0);
    expect(wasm.text('textDecimal', 7n)).toBe('7');
  });

  it('texts of one row live side by side', () => {
    wasm.call('textReset');
    const starts = ['1', '22', '333'].map((digits) => {
      wasm.text('textDecimal', BigInt(digits));
      return wasm.call('textStart');
    });
    expect(starts.map((at, index) => Buffer.from(wasm.bytes(at, index + 1)).toString())).toEqual(['1', '22', '333']);
  });
});

describe('JSON', () => {
  const json = (write: () => void): string => {
    wasm.call('jsonBegin');
    write();
    return Buffer.from(wasm.bytes(wasm.call('jsonAt'), wasm.call('jsonLength'))).toString('utf8');
  };
  const string = (bytes: Uint8Array): unknown => JSON.parse(json(() => { wasm.call('jsonText', wasm.put(bytes), bytes.length); }));

  it('nests objects and arrays with commas where they belong', () => {
    expect(json(() => {
      wasm.call('jsonOpen');
      wasm.call('jsonKey', 0);
      wasm.call('jsonNumber', -1n);
      wasm.call('jsonKey', 1);
      wasm.call('jsonOpenArray');
      for (const value of [1, 0]) wasm.call('jsonBool', value);
      wasm.call('jsonOpen');
      wasm.call('jsonClose');
      wasm.call('jsonCloseArray');
      wasm.call('jsonKey', 2);
      wasm.call('jsonHex', wasm.put(Uint8Array.of(0, 0xab)), 2);
      wasm.call('jsonClose');
    })).toBe('{"first":18446744073709551615,"second":[true,false,{}],"more":"00ab"}');
  });

  it('keeps any well-formed text as it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => { expect(string(Buffer.from(text, 'utf8'))).toBe(text); }), { numRuns: 500 });
  });

  it('writes each byte that is no UTF-8 as the code point of its value', () => {
    const hostile = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0xc0, 0xc1, 0xe0, 0xed, 0xf0, 0xf4, 0xf5, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0x22, 0x5c, 0)), { maxLength: 30 });
    fc.assert(fc.property(hostile, (list) => {
      const bytes = Uint8Array.from(list);
      expect(string(bytes)).toBe(lenient(bytes));
    }), { numRuns: 1000 });
  });

  it('says that it was cut when 4 MB are full', () => {
    wasm.call('jsonBegin');
    for (let times = 0; times < 3; times++) wasm.call('jsonHex', wasm.inputAt, 1 << 20);
    expect(wasm.call('jsonCut')).toBe(1);
    expect(wasm.call('jsonLength')).toBeLessThanOrEqual(4 << 20);
    expect(string(ascii('again'))).toBe('again');
    expect(wasm.call('jsonCut')).toBe(0);
  });
});

/** The longest well-formed sequence at each place as its character, any other byte as the code point of its value. */
function lenient(bytes: Uint8Array): string {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const character = [1, 2, 3, 4].map((length) => {
      try {
        const piece = utf8.decode(bytes.subarray(at, at + length));
        return at + length <= bytes.length && Array.from(piece).length === 1 ? { piece, length } : undefined;
      } catch {
        return undefined;
      }
    }).find((found) => found !== undefined);
    text += character?.piece ?? String.fromCharCode(bytes[at]!);
    at += character?.length ?? 1;
  }
  return text;
}
