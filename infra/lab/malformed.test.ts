/** Malformed input ends in quarantine or protocol_errors rows: never in a crash, never in silence. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { ShadowSet, type Stretch, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { decodeCaptures, decodeToRows, rowsOf } from './decode.ts';

const corpus = join(import.meta.dirname, '../../../shared/corpus');
const captures = join(import.meta.dirname, 'captures');

/** Captures that tshark calls malformed and that give no row of a fault: why that is right. */
const rightlySilent: Readonly<Record<string, string>> = {
  'bgp-bgp_capabilities_print-oobr-1.pcap': 'the first fragment of a datagram whose rest was not captured',
  'bgp_pmsi_tunnel-oobr.pcap': 'the first fragment of a datagram whose rest was not captured',
  'bgp-ub.pcap': 'data on a SYN, before the session',
  'bgp-extended-optional-parameters-length.pcapng': 'RFC 9072, which this tshark does not know',
  'bgp-orf.pcapng': 'a ROUTE-REFRESH with filters (RFC 5291), which this tshark does not know',
  'bgpkit+bgpkit-parser__bgp_messages.pcap': 'a ROUTE-REFRESH with filters (RFC 5291), which this tshark does not know',
  'bgp-rt-prefix.pcap': 'route target membership, a family whose routes are kept raw',
  'flowspec_nlri_l2vpn.pcap': 'flow specifications of VPLS, a family whose routes are kept raw',
  'Exa-Networks+exabgp__bgp_messages.pcap': 'families whose routes are kept raw, or which tshark reads wrongly: exabgp says that each is right',
  'ospf-signed-integer-ubsan.pcap': 'OSPFv3: seen and not decoded',
  'decode-dce/input.pcap': 'OSPFv3 behind FabricPath: not decoded',
};

interface Listed { readonly path: string; readonly malformed: number }

/** Captures of the corpus with frames of our protocols, and how many PDUs tshark calls malformed. */
function listed(): Listed[] {
  const [head, ...lines] = readFileSync(join(corpus, 'INDEX.tsv'), 'utf8').trim().split('\n').map((line) => line.split('\t'));
  const column = (name: string): number => head!.findIndex((title) => title.startsWith(name));
  const [path, kind, frames, truth] = [column('path'), column('kind'), column('routing_frames'), column('truth')];
  return lines
    .filter((line) => /(isis|ospf|bgp)=/.test(line[frames]!) && line[kind]!.includes('pcap'))
    .map((line) => ({ path: line[path]!, malformed: line[truth]!.split(';').filter((file) => file !== '' && !file.includes('.encap.')).reduce((sum, file) => sum + malformedIn(file), 0) }));
}

function malformedIn(truth: string): number {
  return readFileSync(join(corpus, truth), 'utf8').split('\n').slice(1).map((line) => line.split('\t'))
    .filter(([, , , , , protocol, , , flag]) => flag !== undefined && flag !== '' && /^(isis|ospf|bgp)$/.test(protocol!)).length;
}

const there = existsSync(join(corpus, 'INDEX.tsv'));
if (!there) console.warn('not run: malformed captures of ../shared/corpus (it is not here)');

function faults(rows: ReadonlyMap<string, readonly Row[]>): Row[] {
  return ['quarantine', 'protocol_errors'].flatMap((table) => rows.get(table) ?? []);
}

describe.skipIf(!there)('captures of the corpus (needs ../shared)', () => {
  const all = there ? listed() : [];

  it('are there in number', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(({ malformed }) => malformed > 0).length).toBeGreaterThan(20);
  });

  it.each(all)('$path ends with rows', async ({ path, malformed }) => {
    const { rows } = await decodeToRows([join(corpus, path)]);
    const reason = Object.entries(rightlySilent).find(([name]) => path.endsWith(name))?.[1];
    const found = faults(rows);
    if (malformed > 0 && reason === undefined) expect(found, `${malformed} PDUs are malformed`).not.toEqual([]);
    if (reason !== undefined) expect(found, `rightly silent: ${reason}`).toEqual([]);
    for (const row of found) expect(row['error']).toMatch(/^[a-z0-9_.-]+$/);
    for (const row of rows.get('quarantine') ?? []) {
      expect(String(row['bytes']).length, 'the frame itself is kept').toBeGreaterThan(0);
      // That of a BGP message counts from where it began, which may be a frame before.
      if (row['protocol'] !== 'bgp') expect(Number(row['error_offset'])).toBeLessThanOrEqual(String(row['bytes']).length / 2);
    }
  });
});

/** All batches of a capture, copied. */
async function batchesOf(file: string): Promise<FrameBatch[]> {
  const batches: FrameBatch[] = [];
  await decodeCaptures([file], { onBatch: (batch) => { batches.push({ header: batch.header, frames: batch.frames.slice() }); } }, () => undefined);
  return batches;
}

/** The PDU of each frame, writable where it lies. */
function* pdus(batch: FrameBatch): Generator<{ index: number; pdu: Uint8Array; record: Uint8Array }> {
  const view = new DataView(batch.frames.buffer, batch.frames.byteOffset, batch.frames.length);
  for (let at = 0, index = 0; at < batch.frames.length; index++) {
    const length = view.getUint32(at, true);
    const record = batch.frames.subarray(at, at + length);
    const from = at + layout.FRAME_BYTES + view.getUint16(at + layout.FRAME_PAYLOAD_OFFSET, true);
    if (view.getUint8(at + layout.FRAME_PROTOCOL) !== layout.PROTOCOL_TICK) yield { index, record, pdu: batch.frames.subarray(from, at + layout.FRAME_BYTES + view.getUint32(at + layout.FRAME_CAPTURED_LENGTH, true)) };
    at += length;
  }
}

function faultsOf(batches: readonly FrameBatch[]): Row[] {
  const set = new ShadowSet({ modules: registry.map(loadModule), seed: 3n, memoryLimitBytes: 1 << 28 });
  const stretches: Stretch[] = batches.map((batch, offset) => set.process(BigInt(offset), batch));
  return stretches.flatMap((stretch) => stretch.blocks.filter((block) => ['quarantine', 'protocol_errors'].includes(tableOf(block.table).name)).flatMap((block) => rowsOf(block, stretch)));
}

const marker = Buffer.alloc(16, 0xff);
const message = (pdu: Uint8Array, type: number): number => {
  for (let at = Buffer.from(pdu).indexOf(marker); at >= 0; at = Buffer.from(pdu).indexOf(marker, at + 16)) if (pdu[at + 18] === type) return at;
  return -1;
};
const isisType = (pdu: Uint8Array): number => (pdu[0] === 0x83 ? pdu[4]! & 31 : 0);
const isis = (...types: readonly number[]) => (pdu: Uint8Array): boolean => types.includes(isisType(pdu));
const ospf = (type: number) => (pdu: Uint8Array): boolean => pdu[0] === 2 && pdu[1] === type;
const bgp = (type: number) => (pdu: Uint8Array): boolean => message(pdu, type) >= 0;

interface Mutant { readonly name: string; readonly capture: string; readonly of: (pdu: Uint8Array) => boolean; readonly spoil: (pdu: Uint8Array) => void; readonly error: RegExp }

const mutants: readonly Mutant[] = [
  { name: 'an IS-IS hello whose first TLV reaches beyond the PDU', capture: 'isis-lan3/lan0', of: isis(15, 16), spoil: (pdu) => { pdu.set([0, 30], 17); }, error: /^isis\.tlv-length$/ },
  { name: 'an IS-IS PDU of a wrong version', capture: 'isis-lan3/lan0', of: isis(15, 16), spoil: (pdu) => { pdu[2] = 9; }, error: /^isis\.version$/ },
  { name: 'an IS-IS PDU with a header length of zero', capture: 'isis-lan3/lan0', of: isis(15, 16), spoil: (pdu) => { pdu[1] = 0; }, error: /^isis\./ },
  { name: 'an IS-IS PDU longer than its frame', capture: 'isis-lan3/lan0', of: isis(15, 16), spoil: (pdu) => { pdu[17] = 0x7f; }, error: /^isis\.pdu-/ },
  { name: 'an LSP with a flipped bit', capture: 'isis-lan3/lan0', of: isis(18, 20), spoil: (pdu) => { pdu[26]! ^= 0x10; }, error: /^isis\.lsp-checksum$/ },
  { name: 'an OSPF packet longer than its frame', capture: 'ospf-lan/lan0', of: ospf(1), spoil: (pdu) => { pdu[2] = 0x7f; }, error: /length|truncated/ },
  { name: 'an OSPF hello with a flipped bit', capture: 'ospf-lan/lan0', of: ospf(1), spoil: (pdu) => { pdu[27]! ^= 1; }, error: /checksum/ },
  { name: 'an OSPF update that declares a thousand LSAs', capture: 'ospf-lan/lan0', of: ospf(4), spoil: (pdu) => { pdu[26] = 4; }, error: /./ },
  { name: 'an LSA with a flipped bit', capture: 'ospf-lan/lan0', of: ospf(4), spoil: (pdu) => { pdu[50]! ^= 1; }, error: /checksum/ },
  { name: 'a BGP OPEN whose parameters reach beyond it', capture: 'bgp-basic/l1.full', of: bgp(1), spoil: (pdu) => { pdu[message(pdu, 1) + 28] = 200; }, error: /^bgp\.open$/ },
  { name: 'a BGP UPDATE whose attributes reach beyond it', capture: 'bgp-basic/l1.full', of: bgp(2), spoil: (pdu) => { pdu[message(pdu, 2) + 21] = 0x7f; }, error: /^bgp\.(attribute|withdrawn|update)/ },
  { name: 'a BGP message of type 99', capture: 'bgp-basic/l1.full', of: bgp(4), spoil: (pdu) => { pdu[message(pdu, 4) + 18] = 99; }, error: /^bgp\./ },
  { name: 'a BGP message of 18 bytes', capture: 'bgp-basic/l1.full', of: bgp(4), spoil: (pdu) => { pdu[message(pdu, 4) + 17] = 18; }, error: /^bgp\.message-header$/ },
];

describe('one spoiled PDU of a shipped capture', () => {
  it.each(mutants)('$name', async ({ capture, of, spoil, error }) => {
    const file = join(captures, `${capture}.pcap.gz`);
    const batches = await batchesOf(file);
    const before = faultsOf(batches).map((row) => String(row['error']));
    const target = batches.flatMap((batch, offset) => [...pdus(batch)].map((one) => ({ ...one, offset }))).find(({ pdu }) => of(pdu));
    expect(target, 'the capture has such a PDU').toBeDefined();
    spoil(target!.pdu);
    const after = faultsOf(batches);
    const fresh = after.filter((row) => row['frame_offset'] === BigInt(target!.offset) && row['frame_index'] === target!.index).map((row) => String(row['error']));
    expect(fresh.some((one) => error.test(one)), `${fresh.join(', ') || 'no row of that frame'}; of the capture: ${after.map((row) => row['error']).join(', ')}`).toBe(true);
    expect(after.length).toBeGreaterThan(before.length);
  });

  it('the shipped captures are listed', () => { expect(readdirSync(captures)).toEqual(expect.arrayContaining(['isis-lan3', 'ospf-lan', 'bgp-basic'])); });
});
