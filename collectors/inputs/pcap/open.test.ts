import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { CapturedPacket } from './capture.ts';
import { allPackets, openBytes } from './crafted.ts';
import { openCapture, openCaptureStream } from './open.ts';
import { encodePcap, encodePcapHeader, encodePcapRecord, writePcapFile } from './write.ts';

const directory = mkdtempSync(join(tmpdir(), 'routewatch-open-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

/** Packets of 60 bytes that do not compress to nothing. */
function somePackets(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    timeNs: BigInt(index) * 1_000_000n,
    data: Uint8Array.from({ length: 60 }, (_byte, at) => (index * 7919 + at * at * 31) & 255),
  }));
}

async function* endless(): AsyncGenerator<Uint8Array> {
  yield encodePcapHeader();
  for (const packet of somePackets(1)) for (;;) yield encodePcapRecord(packet);
}

describe('openCapture', () => {
  it('reads a large file in bounded chunks and knows its base name', async () => {
    const path = join(directory, 'large.pcap');
    expect(await writePcapFile(path, somePackets(40_000))).toBe(40_000);
    const capture = await openCapture(path);
    expect(capture.name).toBe('large.pcap');
    let next = 1;
    for await (const chunk of capture.packets) {
      expect(chunk.length).toBeLessThanOrEqual(4096);
      for (const packet of chunk) if (packet.packetNumber !== next++) throw new Error('out of order');
    }
    expect(capture.result()).toMatchObject({ packets: 40_000, fault: undefined });
  });

  it('gives the same packets and identity gzipped, in one member or many, in pieces of any size', async () => {
    const packets = somePackets(3);
    const plain = encodePcap(packets);
    const members = [plain.subarray(0, 30), plain.subarray(30, 90), plain.subarray(90)];
    const many = Buffer.concat(members.map((each) => gzipSync(each)));
    const wanted = await openBytes(plain);
    const identity = Buffer.from(await wanted.identity()).toString('hex');
    for (const bytes of [gzipSync(plain), many, Buffer.concat([many, Buffer.alloc(20)])]) {
      for (const size of [1, 2, 7, 64, 1000]) {
        const capture = await openBytes(bytes, size);
        const read = await allPackets(capture);
        expect(read.map((each) => [...each.data])).toEqual(packets.map((each) => [...each.data]));
        expect(capture.result().fault).toBeUndefined();
        expect(Buffer.from(await capture.identity()).toString('hex')).toBe(identity);
      }
    }
  });

  it('uses every byte before the end of a truncated gzip file', async () => {
    const whole = gzipSync(encodePcap(somePackets(2000)));
    const path = file('truncated.pcap.gz', whole.subarray(0, whole.length - 5));
    const capture = await openCapture(path);
    expect(await allPackets(capture)).toHaveLength(2000);
    const fault = capture.result().fault;
    expect(fault?.offset).toBe(24 + 2000 * 76);
    expect(fault?.message).toContain('the gzip stream is cut off');
    const cut = whole.subarray(0, whole.length >> 1);
    const known = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH }).length;
    const half = await openCapture(file('half.pcap.gz', cut));
    expect(await allPackets(half)).toHaveLength(Math.floor((known - 24) / 76));
    expect(half.result().fault?.offset).toBe(known);
  });

  it('uses every byte before corruption in a gzip file', async () => {
    const bytes = gzipSync(encodePcap(somePackets(20_000)));
    bytes[bytes.length - 6]! ^= 0xff; // the check sum behind the data
    const capture = await openCapture(file('checksum.pcap.gz', bytes));
    expect(await allPackets(capture)).toHaveLength(20_000);
    expect(capture.result().fault?.message).toContain('the gzip stream is corrupt');
    const tail = Buffer.concat([gzipSync(encodePcap(somePackets(5))), Buffer.from('rubbish')]);
    const followed = await openCapture(file('tail.pcap.gz', tail));
    expect(await allPackets(followed)).toHaveLength(5);
    expect(followed.result().fault?.message).toContain('the gzip stream is corrupt');
  });

  it('shows packets of a stream as they come', async () => {
    const packets = somePackets(3);
    const shown: number[] = [];
    async function* live(): AsyncGenerator<Uint8Array> {
      yield encodePcapHeader();
      for (const [index, packet] of packets.entries()) {
        expect(shown).toHaveLength(index);
        yield encodePcapRecord(packet);
      }
    }
    const capture = await openCaptureStream('-', live());
    for await (const chunk of capture.packets) shown.push(...chunk.map((each) => each.packetNumber));
    expect(shown).toEqual([1, 2, 3]);
  });

  it('reads standard input while its sender is still there', async () => {
    const script = `
      import { openCapture } from ${JSON.stringify(new URL('./open.ts', import.meta.url).href)};
      const capture = await openCapture('-');
      for await (const chunk of capture.packets) console.log(chunk.length);
      console.log('end', capture.result().packets, capture.name);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const output: string[] = [];
    const heard = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${text}: ${output.join('')}`)), 20_000);
        const look = () => {
          if (!output.join('').includes(text)) return;
          clearTimeout(timer);
          resolve();
        };
        child.stdout.on('data', look);
        look();
      });
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => output.push(bytes.toString()));
    try {
      const [first, second] = somePackets(2).map(encodePcapRecord);
      child.stdin.write(encodePcapHeader());
      child.stdin.write(first!);
      await heard('1\n');
      child.stdin.end(second!);
      await heard('end 2 -');
    } finally {
      child.kill();
    }
  });

  it('gives the identity before and while packets are read, once', async () => {
    const capture = await openBytes(encodePcap(somePackets(10)), 50);
    const before = await capture.identity();
    const iterated: CapturedPacket[] = [];
    const [packets, during] = await Promise.all([allPackets(capture), capture.identity()]);
    iterated.push(...packets);
    expect(iterated.map((each) => each.packetNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(during).toEqual(before);
    expect(capture.result().identity).toEqual(before);
  });

  it('lets go of the source where nobody wants the rest', async () => {
    let stopped = 0;
    const capture = await openCaptureStream('-', endless(), () => stopped++);
    for await (const chunk of capture.packets) if (chunk.length > 0) break;
    expect(stopped).toBe(1);
  });

  it('says what it was given where that is no capture', async () => {
    const refused: [Uint8Array, string, RegExp][] = [
      [new Uint8Array(0), 'empty', /^a: empty/],
      [gzipSync(new Uint8Array(0)), 'empty', /^a: empty/],
      [Buffer.from('GET / HTTP/1.1'), 'not-a-capture', /^a: begins with 47 45 54 .*pcap and pcapng/],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 'not-a-capture', /zstdcat/],
      [Buffer.from([0xd4, 0xc3]), 'not-a-capture', /^a: begins with d4 c3/],
      [Buffer.from([0xd4, 0xc3, 0xb2, 0xa1, 2]), 'bad-header', /ends within its file header/],
      [Buffer.from([0x0a, 0x0d, 0x0d, 0x0a, 28]), 'bad-header', /ends within its section header/],
      [gzipSync(Buffer.alloc(100)).subarray(0, 8), 'unreadable', /gzip stream is cut off/],
    ];
    for (const [bytes, code, message] of refused) {
      const path = file('a', bytes);
      const error: unknown = await openCapture(path).catch((each: unknown) => each);
      expect(error).toMatchObject({ name: 'CaptureError', code });
      expect(String(error).replace('CaptureError: ', '')).toMatch(message);
    }
    await expect(openCapture(join(directory, 'none'))).rejects.toMatchObject({ code: 'unreadable' });
    await expect(openCapture(directory)).rejects.toMatchObject({ code: 'unreadable' });
  });
});
