/** What `explain` says of messages equals what tshark and the vectors of other projects say. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PROTOCOL_BGP } from '../../contract/generated/frame.ts';
import { Conversation, handmade } from './generate.ts';
import { type Frames, hasShared, makeInstance, readFrames, shared } from './testing.ts';
import { captures } from './truth.ts';

const corpus = join(shared, 'corpus');
const hasCorpus = hasShared && existsSync(corpus);
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
if (!hasCorpus) console.warn('not run: BGP vectors, ../shared/corpus is missing');
if (!hasTshark) console.warn('not run: BGP against tshark, which is missing (apt install tshark)');

interface Explained {
  bgp?: Message[];
}
interface Message {
  type?: number;
  name?: string;
  error?: string;
  errors?: string[];
  attributes?: Record<string, unknown>;
  nlri?: { prefix: string }[];
  'withdrawn-routes'?: { prefix: string }[];
}

function explainFrames(frames: Pick<Frames, 'records' | 'keys' | 'taps'>): { number: number; tap: number; messages: Message[] }[] {
  const instance = makeInstance(frames);
  const told = [];
  for (const record of frames.records) {
    const view = new DataView(record.buffer, record.byteOffset);
    if (view.getUint8(7) !== PROTOCOL_BGP) continue;
    instance.process(0n, 0, record, () => undefined);
    const { bgp } = JSON.parse(instance.explain(record)) as Explained;
    told.push({ number: Number(view.getBigUint64(16, true)), tap: view.getUint16(4, true), messages: (bgp ?? []).filter((message) => message.type !== undefined) });
  }
  return told;
}

/** One message in a frame of its own, without a session around it. */
function explainMessage(hex: string): Message {
  const conversation = new Conversation();
  conversation.segment(0, Buffer.from(hex, 'hex'));
  return explainFrames(handmade(conversation.records))[0]!.messages[0]!;
}

describe.skipIf(!hasTshark)('explain beside tshark (not run without tshark)', () => {
  it.each(['l1', 'l2', 'l3', 'l4'])('finds the same messages and prefixes in bgp-basic %s', async (link) => {
    const file = join(captures, `${link}.full.pcap.gz`);
    const frames = await readFrames([file]);
    // tshark reads no socket: the capture lies in a file for it.
    const plain = join(mkdtempSync(join(tmpdir(), 'bgp-')), 'plain.pcap');
    writeFileSync(plain, gunzipSync(readFileSync(file)));
    const run = spawnSync('tshark', ['-r', plain, '-Y', 'bgp', '-T', 'fields', '-e', 'frame.number', '-e', 'bgp.type', '-e', 'tcp.analysis.retransmission', '-e', 'tcp.segment', '-e', 'bgp.nlri_prefix'], { maxBuffer: 1 << 26 });
    rmSync(dirname(plain), { recursive: true });
    const ours = new Map(explainFrames(frames).map((frame) => [frame.number, frame.messages]));
    let compared = 0;
    for (const line of run.stdout.toString().trimEnd().split('\n')) {
      const [number, types, retransmission, segments, nlri] = line.split('\t');
      // Messages that span segments stand at the last one in tshark; a frame alone cannot show them.
      if (retransmission !== '' || segments !== '') continue;
      const messages = ours.get(Number(number)) ?? [];
      expect(messages.map((message) => message.type).join(','), `frame ${number}`).toBe(types);
      expect(messages.flatMap((message) => (message.nlri ?? []).map((one) => one.prefix.split('/')[0])).join(','), `frame ${number}`).toBe(nlri);
      compared++;
    }
    expect(compared).toBeGreaterThan(100);
  });
});

interface ExaBgp {
  hex: string;
  file?: string;
  json?: { json?: { neighbor?: { message?: { update?: ExaUpdate } } } };
}
interface ExaUpdate {
  attribute?: Record<string, unknown>;
  announce?: Record<string, Record<string, { nlri?: string; 'path-information'?: string }[]>>;
  withdraw?: Record<string, { nlri?: string; 'path-information'?: string }[]>;
}

function vectors(project: string, file: string): unknown[] {
  return readFileSync(join(corpus, project, 'vectors', file), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as unknown);
}

const UNICAST = ['ipv4 unicast', 'ipv6 unicast'];

describe.skipIf(!hasCorpus)('explain beside the vectors of other projects (not run without ../shared/corpus)', () => {
  it('agrees with exabgp on attributes and unicast prefixes', () => {
    let compared = 0;
    const wrong: string[] = [];
    for (const vector of ['encoding_ci.jsonl']
      .flatMap((name) => vectors('Exa-Networks+exabgp', name) as ExaBgp[])) {
      const update = vector.json?.json?.neighbor?.message?.update;
      if (update === undefined || !vector.hex.startsWith('ff'.repeat(16))) continue;
      const message = explainMessage(vector.hex);
      compared++;
      const expected = exaFacts(update);
      const found = ourFacts(message, expected);
      if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(`${vector.file ?? ''} ${vector.hex}\n  exabgp ${JSON.stringify(expected)}\n  ours   ${JSON.stringify(found)}`);
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(200);
  });

  it('reads whole messages of NetGauze, bgpkit, holo and GoBGP without a trap, the bad ones with an error', () => {
    let read = 0;
    for (const [project, file] of [['NetGauze+NetGauze', 'bgp_bmp_rust_tests.jsonl'], ['bgpkit+bgpkit-parser', 'bgp_parser_tests.jsonl'], ['osrg+gobgp', 'bgp_fuzz_badlen.jsonl']] as const) {
      for (const vector of vectors(project, file) as { hex: string; full_bgp?: boolean; name?: string }[]) {
        if (!vector.hex.startsWith('ff'.repeat(16))) continue;
        const conversation = new Conversation();
        conversation.establish();
        conversation.segment(0, Buffer.from(vector.hex, 'hex'));
        const told = explainFrames(handmade(conversation.records));
        expect(told.length).toBe(conversation.records.length);
        read++;
      }
    }
    expect(read).toBeGreaterThan(20);
  });
});

type Facts = Record<string, unknown>;

function exaFacts(update: ExaUpdate): Facts {
  const { attribute = {}, announce = {}, withdraw = {} } = update;
  const path = attribute['as-path'] as Record<string, { value: number[] }> | undefined;
  const facts: Facts = {
    origin: attribute['origin'],
    path: path === undefined ? undefined : Object.values(path).flatMap((segment) => segment.value),
    med: attribute['med'],
    localPref: attribute['local-preference'],
    communities: (attribute['community'] as number[][] | undefined)?.map((pair) => pair.join(':')),
    large: (attribute['large-community'] as number[][] | undefined)?.map((triple) => triple.join(':')),
    originator: attribute['originator-id'],
    clusters: attribute['cluster-list'],
    announced: UNICAST.flatMap((family) => Object.entries(announce[family] ?? {}).flatMap(([, list]) => list.map((one) => one.nlri ?? ''))).filter((text) => text.includes('/')).toSorted(),
    withdrawn: UNICAST.flatMap((family) => (withdraw[family] ?? []).map((one) => one.nlri ?? '')).toSorted(),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function ourFacts(message: Message, wanted: Facts): Facts {
  const attributes = message.attributes ?? {};
  const reach = attributes['mp-reach'] as { nlri?: { prefix: string }[] | string } | undefined;
  const unreach = attributes['mp-unreach'] as { 'withdrawn-routes'?: { prefix: string }[] | string } | undefined;
  const path = attributes['as-path'] as { member: number[] }[] | undefined;
  const list = (value: { prefix: string }[] | string | undefined) => (Array.isArray(value) ? value.map((one) => one.prefix) : []);
  const facts: Facts = {
    origin: attributes['origin'],
    path: path?.flatMap((segment) => segment.member),
    med: attributes['med'],
    localPref: attributes['local-pref'],
    communities: attributes['community'],
    large: attributes['large-community'],
    originator: attributes['originator-id'],
    clusters: attributes['cluster-id'],
    announced: [...list(message.nlri), ...list(reach?.nlri)].toSorted(),
    withdrawn: [...list(message['withdrawn-routes']), ...list(unreach?.['withdrawn-routes'])].toSorted(),
  };
  // exabgp leaves out empty paths and, with a withdrawal, the attributes.
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, facts[name]]));
}
