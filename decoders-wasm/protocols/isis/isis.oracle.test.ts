/** `explain` against tshark, field by field and in order, over public captures: ../shared/corpus beside the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModule, registry, ShadowSet } from '../../contract/host.ts';
import { FRAME_BYTES, FRAME_FRAME_NUMBER, FRAME_PROTOCOL, PROTOCOL_ISIS } from '../../contract/generated/frame.ts';
import { decodeCaptures } from '../../../infra/lab/decode.ts';

const corpus = join(import.meta.dirname, '../../../../shared/corpus');
const missing = !existsSync(join(corpus, 'INDEX.tsv'));
if (missing) console.warn(`not run: tshark oracle of IS-IS, ${corpus} is not there`);

type Json = { [key: string]: Json } & Json[] & string & number & boolean;
interface Truth { frame: number; type: number; fields: Map<string, string[]> }

/** The IS-IS rows of one truth file that tshark could read whole. */
function truthOf(file: string): Truth[] {
  return readFileSync(join(corpus, file), 'utf8').split('\n').filter((line) => !line.startsWith('#')).map((line) => line.split('\t'))
    .filter((cells) => cells[5] === 'isis' && cells[8] === '')
    .map((cells) => ({ frame: Number(cells[0]), type: Number(cells[6]), fields: fieldsOf(cells[9] ?? '') }));
}

function fieldsOf(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const pair of text.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const name = pair.slice(0, at);
    fields.set(name, [...(fields.get(name) ?? []), pair.slice(at + 1)]);
  }
  return fields;
}

/** Each IS-IS frame of the capture as `explain` tells it, by frame number. */
async function explained(file: string): Promise<Map<number, Json>> {
  const set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 28 });
  const found = new Map<number, Json>();
  await decodeCaptures([join(corpus, file)], { onBatch: ({ frames }) => {
    const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    for (let at = 0; at + FRAME_BYTES <= frames.length; at += view.getUint32(at, true)) {
      if (view.getUint8(at + FRAME_PROTOCOL) !== PROTOCOL_ISIS) continue;
      const text = set.explain(PROTOCOL_ISIS, frames.subarray(at, at + view.getUint32(at, true)));
      found.set(Number(view.getBigUint64(at + FRAME_FRAME_NUMBER, true)), (JSON.parse(text) as { isis: Json }).isis);
    }
  } }, () => undefined);
  return found;
}

const area = (text: string): string => {
  const bytes = text.split(':').slice(1);
  return bytes.map((byte, index) => (index > 0 && index % 2 === 1 ? `.${byte}` : byte)).join('');
};
const lists = (pdu: Json, name: string): Json[] => (pdu['tlvs'] as Json[]).flatMap((tlv) => (Array.isArray(tlv[name]) ? tlv[name] as Json[] : []));
const THREE_WAY = ['up', 'init', 'down'];

/** What the two must agree on: tshark's name, how tshark's text reads, and where it stands in ours. */
const CHECKS: [string, (text: string) => string | number, (pdu: Json) => unknown[]][] = [
  ...(['hello', 'lsp', 'csnp', 'psnp'].map((kind) => [`${kind}.pdu_length`, Number, (pdu: Json) => [pdu['pdu-length']]]) as typeof CHECKS),
  ...(['hello', 'lsp', 'csnp', 'psnp'].map((kind) => [`${kind}.clv.type`, Number, (pdu: Json) => (pdu['tlvs'] as Json[]).map((tlv) => tlv['type'])]) as typeof CHECKS),
  ['hello.circuit_type', Number, (pdu) => [pdu['circuit-type']]],
  ['hello.source_id', String, (pdu) => [pdu['system-id']]],
  ['hello.holding_timer', Number, (pdu) => [pdu['hold-timer']]],
  ['hello.priority', Number, (pdu) => [pdu['priority']]],
  ['hello.lan_id', String, (pdu) => [pdu['lan-id']]],
  ['hello.local_circuit_id', Number, (pdu) => [pdu['local-circuit-id']]],
  ['hello.is_neighbor', String, (pdu) => lists(pdu, 'neighbor-snpa')],
  ['hello.area_address', area, (pdu) => lists(pdu, 'area-addresses')],
  ['hello.clv_ipv4_int_addr', String, (pdu) => lists(pdu, 'ipv4-addresses')],
  ['hello.clv_ipv6_int_addr', String, (pdu) => lists(pdu, 'ipv6-addresses')],
  ['hello.adjacency_state', (text) => THREE_WAY[Number(text)]!, (pdu) => threeWay(pdu, 'state')],
  ['hello.extended_local_circuit_id', Number, (pdu) => threeWay(pdu, 'extended-local-circuit-id')],
  ['hello.neighbor_systemid', String, (pdu) => threeWay(pdu, 'neighbor-sys-id')],
  ['hello.neighbor_extended_local_circuit_id', Number, (pdu) => threeWay(pdu, 'neighbor-extended-circuit-id')],
  ['lsp.remaining_life', Number, (pdu) => [pdu['remaining-lifetime']]],
  ['lsp.lsp_id', String, (pdu) => [pdu['lsp-id']]],
  ['lsp.sequence_number', Number, (pdu) => [pdu['sequence']]],
  ['lsp.checksum', Number, (pdu) => [pdu['checksum']]],
  ['lsp.is_type', Number, (pdu) => [pdu['is-type']]],
  ['lsp.overload', Number, (pdu) => [(pdu['attributes'] as unknown as string[]).includes('overload') ? 1 : 0]],
  ['lsp.area_address', area, (pdu) => lists(pdu, 'area-addresses')],
  ['lsp.hostname', String, (pdu) => (pdu['tlvs'] as Json[]).flatMap((tlv) => ('dynamic-hostname' in tlv ? [tlv['dynamic-hostname']] : []))],
  ['lsp.clv_ipv4_int_addr', String, (pdu) => lists(pdu, 'ipv4-addresses')],
  ['lsp.ext_is_reachability.is_neighbor_id', String, (pdu) => lists(pdu, 'extended-is-neighbor').map((item) => item['neighbor-id'])],
  ['lsp.ext_is_reachability.metric', Number, (pdu) => lists(pdu, 'extended-is-neighbor').map((item) => item['metric'])],
  ['lsp.ext_ip_reachability.ipv4_prefix', String, (pdu) => lists(pdu, 'extended-ipv4-reachability').map((item) => item['ip-prefix'])],
  ['lsp.ext_ip_reachability.prefix_length', Number, (pdu) => lists(pdu, 'extended-ipv4-reachability').map((item) => item['prefix-len'])],
  ['lsp.ext_ip_reachability.metric', Number, (pdu) => lists(pdu, 'extended-ipv4-reachability').map((item) => item['metric'])],
  ['csnp.source_id', String, (pdu) => [pdu['system-id']]],
  ['psnp.source_id', String, (pdu) => [pdu['system-id']]],
  ['csnp.start_lsp_id', String, (pdu) => [pdu['start-lsp-id']]],
  ['csnp.end_lsp_id', String, (pdu) => [pdu['end-lsp-id']]],
  ['csnp.lsp_id', String, (pdu) => lists(pdu, 'lsp-entries').map((item) => item['lsp-id'])],
  ['csnp.lsp_seq_num', Number, (pdu) => lists(pdu, 'lsp-entries').map((item) => item['sequence'])],
  ['csnp.lsp_checksum', Number, (pdu) => lists(pdu, 'lsp-entries').map((item) => item['checksum'])],
  ['csnp.lsp_remain_life', Number, (pdu) => lists(pdu, 'lsp-entries').map((item) => item['remaining-lifetime'])],
];

function threeWay(pdu: Json, name: string): unknown[] {
  return (pdu['tlvs'] as Json[]).flatMap((tlv) => ('three-way-adjacency' in tlv && name in tlv['three-way-adjacency'] ? [tlv['three-way-adjacency'][name]] : []));
}

describe('explain and tshark agree', () => {
  const index = missing ? [] : readFileSync(join(corpus, 'INDEX.tsv'), 'utf8').split('\n').map((line) => line.split('\t'));
  const files = index.filter((cells) => /isis=/.test(cells[8] ?? '') ).map((cells) => [cells[0]!, cells[14]!.split(';')[0]!] as const);

  it.skipIf(missing)('on every field of every PDU of the corpus that tshark reads whole (needs ../shared/corpus)', async () => {
    let pdus = 0;
    let values = 0;
    const refused: string[] = [];
    const unseen: string[] = [];
    const differing: string[] = [];
    for (const [file, truthFile] of files) {
      const ours = await explained(file);
      for (const truth of truthOf(truthFile)) {
        const pdu = ours.get(truth.frame);
        if (pdu === undefined) {
          unseen.push(file);
          continue;
        }
        if ('error' in pdu) {
          refused.push(`${file} ${String(pdu['error']['code'])}`);
          continue;
        }
        pdus += 1;
        if (pdu['pdu-type'] !== truth.type as Json) differing.push(`${file} ${truth.frame} type`);
        for (const [name, read, find] of CHECKS) {
          const said = truth.fields.get(name);
          if (said === undefined) continue;
          values += said.length;
          const [theirs, mine] = [JSON.stringify(said.map(read)), JSON.stringify(find(pdu))];
          if (theirs !== mine) differing.push(`${file} frame ${truth.frame} ${name}: tshark ${theirs}, explain ${mine}`);
        }
      }
    }
    console.warn(`tshark oracle: ${files.length} captures, ${pdus} PDUs, ${values} values compared`);
    // tshark's doing: it repeats `lsp.overload` for the overload bit of each topology (TLV 229), gives the neighbours of
    // TLV 222 the names of TLV 22, and prints checksum 0 for a purge, whose bytes say 0xd4c0.
    expect(differing.map((text) => text.replace(/: tshark.*/, ''))).toEqual([
      'the-tcpdump-group+tcpdump/tests/spb.pcap frame 5 lsp.overload',
      'the-tcpdump-group+tcpdump/tests/spb.pcap frame 32 lsp.overload',
      'derived/holo-routing+holo__isis.pcap frame 11 lsp.ext_is_reachability.is_neighbor_id',
      'derived/holo-routing+holo__isis.pcap frame 11 lsp.ext_is_reachability.metric',
      'derived/holo-routing+holo__isis.pcap frame 12 lsp.checksum',
    ]);
    // Its checksum is wrong, as tshark says too.
    expect([...new Set(refused)]).toEqual(['the-tcpdump-group+tcpdump/tests/isis_sid.pcap isis.lsp-checksum']);
    // A Juniper link type, which the capture reader does not know.
    expect([...new Set(unseen)]).toEqual(['the-tcpdump-group+tcpdump/tests/isis_poi.pcap']);
    expect(pdus).toBeGreaterThan(1000);
  });
});
