/** Layer two: the shared captures through link.wasm against what tshark found in them; exceptions are named. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../../collectors/inputs/pcap/open.ts';
import { LinkClassifier } from '../contract/link-classifier.ts';
import type { LinkCounters, LinkKey } from '../contract/link-classifier.ts';
import { readRecords } from './testing-records.ts';
import type { Found } from './testing-records.ts';

const shared = join(import.meta.dirname, '../../../shared');
const corpus = join(shared, 'corpus');
const lab = join(shared, 'lab/captures');
const here = existsSync(join(corpus, 'INDEX.tsv')) && existsSync(lab);
if (!here) console.warn('not run: the shared captures are not beside the repository (../shared)');

/** Captures that are no pcap, or refused by the reader: its own tests say why. */
const UNREADABLE = /solaris\.snoop$|reserved-field-not-zero|invalid-version|invalid-vers|shb-option-too-long/;

/** What tshark finds and the classifier does not, by file and stack, with the reason. */
const NOT_FOUND: [RegExp, string][] = [
  [/(bgp_capabilities_print-oobr-1|bgp_pmsi_tunnel-oobr).pcap 1 /, 'first fragment of a datagram whose rest never comes, cut by the snap length'],
  [/ juniper:eth:llc:osi:/, 'link type 178, Juniper Ethernet: not taken'],
  [/ eth:ethertype:vlan:ethertype:ieee8021ah:/, 'provider backbone bridging (802.1ah): not taken'],
  [/ eth:cfp:eth:/, 'Cisco FabricPath: not taken'],
];

/** Where tshark goes on and the classifier does not, with the reason. */
const NOT_FOLLOWED: [RegExp, string][] = [
  [/gre:wlan/, 'Aruba: 802.11 in GRE'],
  [/:ieee8021ah:/, 'provider backbone bridging (802.1ah)'],
  [/gre:cmd|ethertype:cmd:/, 'Cisco metadata'],
  [/gre:nhrp:ip/, 'a packet quoted by NHRP'],
  [/wccp_redirect_gre/, 'WCCP in GRE'],
  [/arkime_synthetic.pcap \d+ other-ethertype eth:ethertype:ip:udp:ip:udp:dns/, 'a guess of tshark'],
  [/geneve-truncated.*eth:ethertype:ip:udp:geneve:eth$/, 'cut by the snap length'],
  [/eth-ip-gre-ppp-max-ip-packet.* fragment-other/, 'the last fragment of a UDP datagram, which tshark shows whole'],
];

interface Classified { found: Map<number, Found>; keys: LinkKey[]; outcomes: Map<number, string>; counters: LinkCounters }

/** All records by frame number; with `each`, what became of every packet too. */
async function classified(path: string, each = false): Promise<Classified> {
  const link = LinkClassifier.load();
  const found = new Map<number, Found>();
  const outcomes = new Map<number, string>();
  const capture = await openCapture(path);
  for await (const packets of capture.packets) {
    for (const batch of each ? packets.map((packet) => [packet]) : [packets]) {
      const before = each ? link.counters() : undefined;
      for (const record of readRecords(link.classify(batch, 0))) found.set(record.number, record);
      if (before === undefined) continue;
      const after = link.counters();
      const names = (Object.keys(after) as (keyof LinkCounters)[]).filter((name) => after[name] > before[name]);
      outcomes.set(batch[0]!.packetNumber, names[0] ?? '');
    }
  }
  return { found, keys: link.newKeys(), outcomes, counters: link.counters() };
}

function tsv(path: string): string[][] {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(1).map((line) => line.split('\t'));
}

/** Captures of the corpus with the path of their truth, if any, and of their encapsulations, if any. */
function captures(): { path: string; truth: string | undefined; encapsulation: string | undefined }[] {
  return tsv(join(corpus, 'INDEX.tsv'))
    .filter(([path = '', , , , , kind = '']) => kind.startsWith('pcap') && !UNREADABLE.test(path))
    .map(([path = '', , , , , , , , , , , , , , truth = '']) => {
      const files = truth.split(/[ ,;]+/).filter((name) => name.endsWith('.tsv'));
      const pick = (encapsulation: boolean): string | undefined => files.find((name) => name.endsWith('.encap.tsv') === encapsulation);
      return { path, truth: pick(false), encapsulation: pick(true) };
    });
}

describe.skipIf(!here)('shared captures (skipped where ../shared is missing)', () => {
  it('finds what tshark finds, between the same addresses', async () => {
    const problems: string[] = [];
    const used = new Set<string>();
    let rows = 0;
    for (const { path, truth } of captures()) {
      if (truth === undefined) continue;
      const { found } = await classified(join(corpus, path));
      const known = new Set<number>();
      for (const [frame = '', , stack = '', source, destination, protocol = ''] of tsv(join(corpus, truth))) {
        if (!['isis', 'ospf', 'bgp'].includes(protocol)) continue;
        known.add(Number(frame));
        const record = found.get(Number(frame));
        const place = `${path} ${frame} ${stack}`;
        const exception = NOT_FOUND.find(([pattern]) => pattern.test(place));
        if (exception !== undefined) {
          expect(record, `${place}: named as not found (${exception[1]})`).toBeUndefined();
          used.add(exception[1]);
          continue;
        }
        rows++;
        if (record === undefined) problems.push(`${place} missing`);
        else if (record.protocol.replace(/v[23]$/, '') !== protocol) problems.push(`${place} is ${record.protocol}`);
        // IS-IS in a tunnel has no address of its own below it; tshark then names the tunnel's.
        else if (record.protocol === 'isis' && record.tunnelDepth > 0) expect(record.source, place).toBe('');
        else if (record.source !== source || record.destination !== destination) {
          problems.push(`${place} ${record.source} > ${record.destination} not ${source} > ${destination}`);
        }
      }
      for (const [number, record] of found) {
        // BGP rows of the truth stand where a message ends, so segments without one have none.
        if (record.protocol !== 'bgp' && !known.has(number)) problems.push(`${path} ${number} ${record.protocol} not in truth`);
      }
    }
    expect(problems).toEqual([]);
    expect(rows).toBeGreaterThan(2600);
    expect(used.size).toBe(NOT_FOUND.length);
  });

  it('finds the tags, ids and innermost addresses that tshark finds', async () => {
    const problems: string[] = [];
    let rows = 0;
    for (const { path, encapsulation } of captures()) {
      if (encapsulation === undefined) continue;
      const { found, keys } = await classified(join(corpus, path));
      for (const columns of tsv(join(corpus, encapsulation))) {
        const record = found.get(Number(columns[0]));
        if (record === undefined) continue;
        rows++;
        const list = (index: number): string[] => (columns[index] ?? '').split('|').filter((value) => value !== '');
        const key = keys[record.key]!;
        const wanted = {
          vlans: [...list(5), ...list(6)].map(Number).filter((id) => id !== 0).toSorted(),
          pppoe: list(7).map(Number)[0],
          ids: [...list(10), ...list(12), ...list(13), ...list(14)].map(Number).toSorted(),
          sources: [...list(16), ...list(19)],
        };
        // Unkeyed GRE goes by its end points; ERSPAN type I has no session.
        const ids = key.tunnels.filter(({ kind, id, endpoints }) => kind !== 'pw' && endpoints === undefined && (kind !== 'erspan' || id !== 0)).map(({ id }) => id);
        const got = {
          vlans: key.vlans.toSorted(), pppoe: key.pppoeSession, ids: ids.toSorted(),
          sources: record.network === 0xffff ? wanted.sources : wanted.sources.includes(record.source) ? wanted.sources : [record.source],
        };
        if (JSON.stringify(got) !== JSON.stringify(wanted)) problems.push(`${path} ${columns[0]} ${JSON.stringify(got)} not ${JSON.stringify(wanted)}`);
      }
    }
    expect(problems).toEqual([]);
    expect(rows).toBeGreaterThan(50);
  });

  it('comes to the same innermost TCP, UDP or ICMP as tshark where nothing is of ours', async () => {
    const problems: string[] = [];
    const used = new Set<string>();
    let rows = 0;
    for (const { path, encapsulation } of captures()) {
      if (encapsulation === undefined) continue;
      const { outcomes } = await classified(join(corpus, path), true);
      for (const [frame = '', , stack = ''] of tsv(join(corpus, encapsulation))) {
        const wanted = innermost(stack);
        const outcome = outcomes.get(Number(frame));
        if (wanted === undefined || outcome === undefined || outcome === '') continue;
        rows++;
        const place = `${path} ${frame} ${outcome} ${stack}`;
        const exception = NOT_FOLLOWED.find(([pattern]) => pattern.test(place));
        if (exception !== undefined) used.add(exception[1]);
        else if (!wanted.includes(outcome)) problems.push(place);
      }
    }
    expect(problems).toEqual([]);
    expect(rows).toBeGreaterThan(1500);
    expect(used.size).toBe(NOT_FOLLOWED.length);
  });

  const tshark = hasTshark();
  if (here && !tshark) console.warn('not run: tshark is missing (apt-get install tshark)');
  it.skipIf(!tshark)('finds in the lab captures just what tshark finds, where it is installed', async () => {
    let frames = 0;
    for (const path of globSync(join(lab, '*/*.pcap*'))) {
      const { found } = await classified(path);
      const wanted = execFileSync('tshark', ['-n', '-r', path, '-Y', 'isis or ospf or tcp.port == 179', '-T', 'fields', '-e', 'frame.number'], {
        encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'],
      }).trim().split('\n').map(Number);
      expect([...found.keys()], path).toEqual(wanted);
      frames += wanted.length;
    }
    expect(frames).toBeGreaterThan(20_000);
  }, 240_000);
});

/** The outcomes that a stack of tshark may have here; undefined where it says too little. */
function innermost(stack: string): string[] | undefined {
  const layers = stack.split(':');
  const icmp = layers.findIndex((name) => ['icmp', 'icmpv6'].includes(name));
  // What ICMP quotes is not carried.
  if (icmp >= 0) return ['icmp'];
  if (layers.at(-1) === 'arp') return ['arp'];
  const last = layers.findLastIndex((name) => ['ip', 'ipv6'].includes(name));
  const next = last < 0 ? undefined : layers[last + 1];
  if (next === 'tcp') return ['other-tcp', 'bgp'];
  if (next === 'udp') return ['other-udp'];
  return undefined;
}

function hasTshark(): boolean {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
