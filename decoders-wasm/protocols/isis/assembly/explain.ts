/** One frame as JSON: layers below, then the PDU with the leaf names of ietf-isis (RFC 9130). */
import { Frame } from '../../../base/assembly/frame.ts';
import { Json } from '../../../base/assembly/json.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Bytes } from './bytes.ts';
import { PDU_OK, writePduError } from './errors.ts';
import { explainTlvs } from './explain-tlv.ts';
import { Hello } from './hello.ts';
import * as iana from './iana.ts';
import { Lsp } from './lsp.ts';
import { Pdu } from './pdu.ts';
import { parseFrame } from './shadow.ts';
import { Snp } from './snp.ts';

const ids: usize = memory.data(8);
const NO_OFFSET: u32 = 0xffff;

/** Writes the frame record at `at` (of `length` bytes) into `Json`; 0, or the code of the error that ends the PDU. */
export function explainFrame(at: usize, length: u32): i32 {
  Frame.at = at;
  Json.begin();
  Json.open();
  Json.key('frame');
  Json.open();
  number('number', Frame.number());
  number('boot-ns', Frame.boot() as u64);
  number('captured-length', Frame.capturedLength() as u64);
  Json.close();
  explainLayers();
  const error = parseFrame();
  Json.key('isis');
  Json.open();
  if (error == PDU_OK || Pdu.errorOffset > 8) explainHeader();
  if (error != PDU_OK) explainError(error);
  else {
    if (Pdu.isHello()) explainHello();
    else if (Pdu.isLsp()) explainLsp();
    else explainSnp();
    explainTlvs();
  }
  Json.close();
  Json.close();
  return error;
}

export function number(name: string, value: u64): void {
  Json.key(name);
  Json.number(value);
}

function explainLayers(): void {
  const link = Frame.linkOffset();
  if (link != NO_OFFSET && link + 14 <= Frame.capturedLength()) {
    const at = Frame.bytes() + link as usize;
    Json.key('ethernet');
    Json.open();
    Json.key('destination');
    Text.begin();
    Text.mac(at);
    Json.scratch();
    Json.key('source');
    Text.begin();
    Text.mac(at + 6);
    Json.scratch();
    number('type-or-length', bswap<u16>(load<u16>(at, 12)) as u64);
    Json.close();
  }
  if (Frame.vlanOuter() != 0xffff) {
    Json.key('vlan');
    Json.openArray();
    Json.number((Frame.vlanOuter() & 0xfff) as u64);
    const inner = load<u16>(Frame.at, 50);
    if (inner != 0xffff) Json.number((inner & 0xfff) as u64);
    Json.closeArray();
  }
}

function explainError(error: i32): void {
  Json.key('error');
  Json.open();
  Json.key('code');
  Text.begin();
  writePduError(error);
  Json.scratch();
  number('offset', Pdu.errorOffset as u64);
  Json.close();
  Json.key('raw-data');
  Json.hex(Frame.payload(), Frame.payloadHere());
}

function pduName(): string {
  const type = Pdu.type;
  if (type == iana.PDU_LAN_HELLO_L1) return 'lan-hello-level-1';
  if (type == iana.PDU_LAN_HELLO_L2) return 'lan-hello-level-2';
  if (type == iana.PDU_P2P_HELLO) return 'point-to-point-hello';
  if (type == iana.PDU_LSP_L1) return 'lsp-level-1';
  if (type == iana.PDU_LSP_L2) return 'lsp-level-2';
  if (type == iana.PDU_CSNP_L1) return 'csnp-level-1';
  if (type == iana.PDU_CSNP_L2) return 'csnp-level-2';
  return type == iana.PDU_PSNP_L1 ? 'psnp-level-1' : 'psnp-level-2';
}

function explainHeader(): void {
  number('pdu-type', Pdu.type as u64);
  Json.key('pdu-name');
  Json.word(pduName());
  number('header-length', Pdu.headerLength as u64);
  number('id-length', Pdu.idLength as u64);
  number('max-area-addresses', Pdu.maxAreas as u64);
  number('pdu-length', Pdu.length as u64);
}

/** A system id, LAN id or LSP id as text. */
export function idText(name: string, value: u64, bytes: u32): void {
  Json.key(name);
  Text.begin();
  if (bytes == 8) store<u64>(ids, bswap<u64>(value));
  else if (bytes == 7) Bytes.putNode(ids, value);
  else Bytes.putSystem(ids, value);
  if (bytes == 8) Text.lspId(ids);
  else if (bytes == 7) Text.nodeId(ids);
  else Text.systemId(ids);
  Json.scratch();
}

function explainHello(): void {
  number('circuit-type', Hello.circuitType as u64);
  idText('system-id', Hello.system, 6);
  number('hold-timer', Hello.hold as u64);
  if (Pdu.type == iana.PDU_P2P_HELLO) {
    number('local-circuit-id', Hello.localCircuit as u64);
    return;
  }
  number('priority', Hello.priority as u64);
  idText('lan-id', Bytes.node(Pdu.at + 20), 7);
}

function explainLsp(): void {
  number('remaining-lifetime', Lsp.lifetime as u64);
  idText('lsp-id', Lsp.id, 8);
  number('sequence', Lsp.sequence as u64);
  number('checksum', Lsp.checksum as u64);
  Json.key('attributes');
  Json.openArray();
  if ((Lsp.typeBlock & 0x80) != 0) Json.word('partitioned');
  if ((Lsp.typeBlock & 0x40) != 0) Json.word('attached-error');
  if ((Lsp.typeBlock & 0x20) != 0) Json.word('attached-expense');
  if ((Lsp.typeBlock & 0x10) != 0) Json.word('attached-delay');
  if ((Lsp.typeBlock & 0x08) != 0) Json.word('attached-default');
  if ((Lsp.typeBlock & 0x04) != 0) Json.word('overload');
  Json.closeArray();
  number('is-type', (Lsp.typeBlock & 3) as u64);
}

function explainSnp(): void {
  idText('system-id', Snp.system, 6);
  number('circuit-id', Snp.circuit as u64);
  if (!Snp.isComplete()) return;
  idText('start-lsp-id', Snp.startId, 8);
  idText('end-lsp-id', Snp.endId, 8);
}
