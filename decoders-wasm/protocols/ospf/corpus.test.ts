/** Packets of other people's captures, field by field against tshark's reading of them; malformed ones against quarantine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { frameRecord, ipv4Frame, ospfPacket, u32 } from './crafted.ts';
import { decodeOspf, explainCapture, type Explained, hasShared, OSPFV2, ospfShadow, shared } from './testing.ts';
import { comparedFields, fieldsOfExplained, fieldsOfTruth } from './tshark-fields.ts';

const corpus = join(shared, 'corpus');
/** With the number of (packet, field) pairs that tshark's rows give to compare. */
const captures: readonly (readonly [string, number])[] = [
  ['corelight+zeek-spicy-ospf/tests/traces/OSPF_LSA_types.cap', 415],
  ['corelight+zeek-spicy-ospf/tests/traces/ospf.cap', 422],
  ['derived/holo-routing+holo__ospfv2.pcap', 260],
  ['derived/rusticata+ospf-parser__ospfv2.pcap', 109],
  ['lemontree55+packetgen/spec/header/ospfv2.pcapng', 102],
  ['the-tcpdump-group+tcpdump/tests/ospf-ack.pcap', 13],
  ['the-tcpdump-group+tcpdump/tests/ospf-sr-ri-sid.pcap', 14],
  ['the-tcpdump-group+tcpdump/tests/ospf-sr.pcapng', 25],
  ['the-tcpdump-group+tcpdump/tests/ospf-sr2.pcapng', 25],
  ['the-tcpdump-group+tcpdump/tests/ospf2-seg-fault-1.pcapng', 0],
  ['the-tcpdump-group+tcpdump/tests/ospf_graceful_restart_rfc3623.pcap', 17],
  ['arkime+arkime/tests/pcap/ospf.pcap', 748],
];

interface Truth {
  frame: number;
  version2: boolean;
  malformed: boolean;
  column: string;
}

function readTruth(capture: string): Truth[] {
  const file = join(corpus, 'truth', `${capture.replaceAll('/', '__')}.tsv`);
  return readFileSync(file, 'utf8').split('\n').slice(1).map((line) => line.split('\t'))
    .filter((cells) => cells[5] === 'ospf')
    .map((cells) => ({
      frame: Number(cells[0]), version2: (cells[9] ?? '').startsWith('version=2'), malformed: cells[8] !== '', column: cells[9] ?? '',
    }));
}

describe.skipIf(!hasShared)('explain against tshark over the shared corpus (not run without ../shared)', () => {
  for (const [capture, fields] of captures) {
    it(`reads every field of ${capture} as tshark does`, async () => {
      const explained = await explainCapture(join(corpus, capture));
      let compared = 0;
      for (const truth of readTruth(capture)) {
        if (!truth.version2 || truth.malformed) continue;
        const packet = explained.get(truth.frame);
        expect(packet, `frame ${truth.frame} was not found`).toBeDefined();
        const ours = fieldsOfExplained(packet!.ospf);
        const theirs = fieldsOfTruth(truth.column);
        for (const field of comparedFields) {
          if (!theirs.has(field)) continue;
          expect({ frame: truth.frame, field, values: ours.get(field) }).toEqual({ frame: truth.frame, field, values: theirs.get(field) });
          compared += 1;
        }
      }
      expect(compared).toBe(fields);
    });
  }
});

interface LsaVector {
  readonly hex: string;
  readonly hdr: { readonly age: number; readonly lsa_type: number; readonly lsa_id: string; readonly adv_rtr: string; readonly seq_no: number; readonly cksum: number; readonly length: number };
  readonly body: {
    readonly Router?: { readonly links: { readonly link_id: string; readonly link_data: string; readonly metric: number }[] };
    readonly Network?: { readonly mask: string; readonly attached_rtrs: string[] };
    readonly SummaryNetwork?: { readonly mask: string; readonly metric: number };
  };
}

describe.skipIf(!hasShared)('LSAs of recorded multi-router runs (not run without ../shared)', () => {
  it('reads all 279 as the router that sent them did, checksums included', () => {
    const file = join(corpus, 'holo-routing+holo/vectors/ospfv2_lsas_topologies.jsonl');
    const vectors = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as LsaVector);
    expect(vectors).toHaveLength(279);
    const set = ospfShadow();
    for (const { hex, hdr, body } of vectors) {
      const packet = ospfPacket({ type: 4, router: '9.9.9.9', area: '0.0.0.0', body: [...u32(1), ...Buffer.from(hex, 'hex')] });
      const explained = JSON.parse(set.explain(OSPFV2, frameRecord(ipv4Frame('10.0.0.9', '224.0.0.5', packet)))) as Explained;
      const [lsa] = explained.ospf['link-state-update'] as Record<string, unknown>[];
      expect(lsa).toMatchObject({
        age: hdr.age, type: hdr.lsa_type, 'lsa-id': hdr.lsa_id, 'adv-router': hdr.adv_rtr, 'seq-num': hdr.seq_no, checksum: hdr.cksum,
        length: hdr.length, 'checksum-holds': true,
      });
      if (body.Router !== undefined) {
        expect(lsa!['router']).toMatchObject({
          link: body.Router.links.map((link) => ({ 'link-id': link.link_id, 'link-data': link.link_data, metric: link.metric })),
        });
      }
      if (body.Network !== undefined) expect(lsa!['network']).toEqual({ 'network-mask': body.Network.mask, 'attached-router': body.Network.attached_rtrs });
      if (body.SummaryNetwork !== undefined) expect(lsa!['summary']).toEqual({ 'network-mask': body.SummaryNetwork.mask, metric: body.SummaryNetwork.metric });
    }
  });
});

describe.skipIf(!hasShared)('malformed packets of the shared corpus (not run without ../shared)', () => {
  it('end in quarantine or protocol_errors, never in silence', async () => {
    for (const capture of ['the-tcpdump-group+tcpdump/tests/ospf2-seg-fault-1.pcapng']) {
      const { rows } = await decodeOspf([join(corpus, capture)]);
      const said = (rows.get('quarantine') ?? []).length + (rows.get('protocol_errors') ?? []).length;
      expect(said, capture).toBeGreaterThan(0);
    }
  });
});
