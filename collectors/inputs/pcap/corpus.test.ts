/** Layer two: every shared capture, its packets counted as its index says; exceptions are named. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allPackets } from './crafted.ts';
import { openCapture } from './open.ts';

const shared = join(import.meta.dirname, '../../../../shared');
const corpus = join(shared, 'corpus');
const lab = join(shared, 'lab/captures');
const here = existsSync(join(corpus, 'INDEX.tsv')) && existsSync(lab);
if (!here) console.warn('not run: the shared captures are not beside the repository (../shared)');

/** Refused, with the reason; Wireshark or libpcap refuses each of them too. */
const REFUSED: Record<string, RegExp> = {
  'solaris.snoop': /begins with 73 6e 6f 6f 70/, // Solaris snoop, not pcap
  'linktype-reserved-field-not-zero.pcap': /reserved bits/,
  'pcap-invalid-version-1.pcap': /pcap version 1\.4/,
  // There is no version 2.5: libpcap, whose test it is, refuses it; tshark reads it as 2.4.
  'pcap-invalid-version-2.pcap': /pcap version 2\.5/,
  'pcapng-invalid-vers-1.pcapng': /pcapng version 0\.1/,
  'pcapng-invalid-vers-2.pcapng': /pcapng version 1\.1/,
  'shb-option-too-long.pcapng': /begins with length 52 and ends with length 808464432/,
};

/** No count in the index, as tshark 4.0 does not know their link types; these are tcpdump's. */
const UNCOUNTED: Record<string, number> = {
  'brcm-tag-prepend.pcap': 15,
  'dsa.pcap': 8,
  'edsa-high-vid.pcap': 4,
  'edsa.pcap': 10,
  'juniper_es_oobr.pcap': 1,
};

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

describe.skipIf(!here)('shared captures (skipped where ../shared is missing)', () => {
  it('reads every capture of the corpus to its last packet', async () => {
    const lines = readFileSync(join(corpus, 'INDEX.tsv'), 'utf8').trim().split('\n').slice(1);
    const seen = new Set<string>();
    let exact = 0;
    for (const line of lines) {
      const [path = '', , , , , kind = '', , frames = ''] = line.split('\t');
      if (!kind.startsWith('pcap')) continue;
      const name = baseName(path);
      const refused = REFUSED[name];
      if (refused !== undefined) {
        await expect(openCapture(join(corpus, path)), path).rejects.toThrow(refused);
        seen.add(name);
        continue;
      }
      const capture = await openCapture(join(corpus, path));
      const packets = await allPackets(capture);
      const wanted = frames === '' ? UNCOUNTED[name] : Number(frames);
      if (frames === '') seen.add(name);
      expect(packets.length, path).toBe(wanted);
      expect(capture.result().fault, path).toBeUndefined();
      exact++;
    }
    expect([...seen].toSorted()).toEqual([...Object.keys(REFUSED), ...Object.keys(UNCOUNTED)].toSorted());
    expect(exact).toBeGreaterThanOrEqual(349);
  });

  const tshark = hasTshark();
  if (here && !tshark) console.warn('not run: tshark is missing (apt-get install tshark)');
  it.skipIf(!tshark)('times and lengths equal tshark, where it is installed', async () => {
    const paths = [
      ...globSync(join(lab, '*/*.pcap*')),
      ...globSync(join(corpus, 'lemontree55+packetgen/spec/pcapng/**/*.pcapng')),
      ...globSync(join(corpus, 'the-tcpdump-group+tcpdump/tests/*.pcapng')),
    ];
    expect(paths.length).toBeGreaterThan(60);
    let compared = 0;
    for (const path of paths) {
      const packets = await allPackets(await openCapture(path));
      const lines = tsharkLines(path);
      expect(packets.length, path).toBe(lines.length);
      let last = '';
      for (const [index, packet] of packets.entries()) {
        const [time = '', captured, wire] = lines[index]?.split('\t') ?? [];
        // A Simple Packet Block has no time: tshark says nothing or 0, we repeat the last one.
        if (time !== '' && !/^0\.0+$/.test(time)) last = time;
        if (last !== '') expect(seconds(packet.timeNs), `${path} ${index + 1}`).toBe(last);
        expect(packet.data.length, `${path} ${index + 1}`).toBe(Number(captured));
        expect(packet.originalLength, `${path} ${index + 1}`).toBe(Number(wire));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(20_000);
  }, 240_000);
});

function seconds(timeNs: bigint): string {
  return `${timeNs / 1_000_000_000n}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}`;
}

function hasTshark(): boolean {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Epoch time, captured and original length of each packet. tshark gives a line to custom blocks too:
 * they have no encapsulation (its last field), for they are no packets.
 */
function tsharkLines(path: string): string[] {
  const fields = ['frame.time_epoch', 'frame.cap_len', 'frame.len', 'frame.encap_type'].flatMap((each) => ['-e', each]);
  // Dissection of addresses and streams is not wanted: Ethernet only.
  const options = ['-n', '-r', path, '--disable-protocol', 'tcp', '-T', 'fields', ...fields];
  const output = execFileSync('tshark', options, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output.split('\n').filter((line) => line !== '' && !line.endsWith('\t'));
}
