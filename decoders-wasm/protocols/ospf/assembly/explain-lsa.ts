/** LSAs as JSON with the leaf names of ietf-ospf; what is not interpreted is raw. */
import { Json } from '../../../base/assembly/json.ts';
import { checkBody } from './bodies.ts';
import { ExternalLsa } from './external-lsa.ts';
import { address, number } from './explain.ts';
import {
  GRACE_TLV_ADDRESS, GRACE_TLV_PERIOD, GRACE_TLV_REASON, LSA_EXTERNAL, LSA_NETWORK, LSA_NSSA_EXTERNAL, LSA_OPAQUE_AREA,
  LSA_OPAQUE_AS, LSA_OPAQUE_LINK, LSA_ROUTER, LSA_SUMMARY_NETWORK, LSA_SUMMARY_ROUTER, OPAQUE_GRACE, OPTION_DC, OPTION_DN,
  OPTION_E, OPTION_L, OPTION_MC, OPTION_MT, OPTION_N, OPTION_O, ROUTER_BIT_B, ROUTER_BIT_E, ROUTER_BIT_NT, ROUTER_BIT_V,
  ROUTER_LINK_POINT_TO_POINT, ROUTER_LINK_STUB, ROUTER_LINK_TRANSIT, ROUTER_LINK_VIRTUAL,
} from './iana.ts';
import { Lsa, LSA_HEADER_BYTES } from './lsa.ts';
import { NetworkLsa } from './network-lsa.ts';
import { RouterLsa } from './router-lsa.ts';
import { SummaryLsa } from './summary-lsa.ts';
import { quadText } from './text.ts';

/** Identity of an LS type in ietf-ospf. */
export function lsaTypeName(type: u8): string {
  if (type == LSA_ROUTER) return 'ospfv2-router-lsa';
  if (type == LSA_NETWORK) return 'ospfv2-network-lsa';
  if (type == LSA_SUMMARY_NETWORK) return 'ospfv2-network-summary-lsa';
  if (type == LSA_SUMMARY_ROUTER) return 'ospfv2-asbr-summary-lsa';
  if (type == LSA_EXTERNAL) return 'ospfv2-as-external-lsa';
  if (type == LSA_NSSA_EXTERNAL) return 'ospfv2-nssa-lsa';
  if (type == LSA_OPAQUE_LINK) return 'ospfv2-link-scope-opaque-lsa';
  if (type == LSA_OPAQUE_AREA) return 'ospfv2-area-scope-opaque-lsa';
  if (type == LSA_OPAQUE_AS) return 'ospfv2-as-scope-opaque-lsa';
  return 'ospfv2-unknown-lsa';
}

/** The options octet: its value and the names of its bits. */
export function explainOptions(options: u8): void {
  number('options', options as u64);
  Json.key('lsa-options');
  Json.openArray();
  if ((options & OPTION_DN) != 0) Json.word('dn-bit');
  if ((options & OPTION_O) != 0) Json.word('o-bit');
  if ((options & OPTION_DC) != 0) Json.word('v2-dc-bit');
  if ((options & OPTION_L) != 0) Json.word('lls-bit');
  if ((options & OPTION_N) != 0) Json.word('v2-p-bit');
  if ((options & OPTION_MC) != 0) Json.word('mc-bit');
  if ((options & OPTION_E) != 0) Json.word('v2-e-bit');
  if ((options & OPTION_MT) != 0) Json.word('v2-mt-bit');
  Json.closeArray();
}

/** The members of the header of the LSA at `at`, into the open object. */
export function explainLsaHeader(at: usize): void {
  const type = Lsa.type(at);
  number('age', Lsa.rawAge(at) as u64);
  explainOptions(Lsa.options(at));
  number('type', type as u64);
  Json.key('lsa-type');
  Json.word(lsaTypeName(type));
  address('lsa-id', Lsa.id(at));
  if (type >= LSA_OPAQUE_LINK && type <= LSA_OPAQUE_AS) {
    number('opaque-type', (Lsa.id(at) >>> 24) as u64);
    number('opaque-id', (Lsa.id(at) & 0xffffff) as u64);
  }
  address('adv-router', Lsa.router(at));
  number('seq-num', Lsa.sequence(at) as u64);
  number('checksum', Lsa.checksum(at) as u64);
  number('length', Lsa.length(at) as u64);
}

/** The whole LSA at `at` as an object. */
export function explainLsa(at: usize): void {
  const type = Lsa.type(at);
  Json.open();
  explainLsaHeader(at);
  Json.key('checksum-holds');
  Json.bool(Lsa.checksumHolds(at));
  if (Lsa.length(at) > LSA_HEADER_BYTES) {
    if (!checkBody(at) || !isKnown(type)) raw(at);
    else explainBody(at, type);
  }
  Json.close();
}

function isKnown(type: u8): bool {
  return (type >= LSA_ROUTER && type <= LSA_EXTERNAL) || type == LSA_NSSA_EXTERNAL
    || (type >= LSA_OPAQUE_LINK && type <= LSA_OPAQUE_AS);
}

function raw(at: usize): void {
  Json.key('raw-data');
  Json.hex(at + LSA_HEADER_BYTES, Lsa.length(at) - LSA_HEADER_BYTES);
}

function explainBody(at: usize, type: u8): void {
  if (type == LSA_ROUTER) explainRouter(at);
  else if (type == LSA_NETWORK) explainNetwork(at);
  else if (type == LSA_SUMMARY_NETWORK || type == LSA_SUMMARY_ROUTER) explainSummary(at);
  else if (type == LSA_EXTERNAL || type == LSA_NSSA_EXTERNAL) explainExternal(at);
  else explainOpaque(at, type);
}

function linkTypeName(type: u8): string {
  if (type == ROUTER_LINK_POINT_TO_POINT) return 'point-to-point-link';
  if (type == ROUTER_LINK_TRANSIT) return 'transit-network-link';
  if (type == ROUTER_LINK_STUB) return 'stub-network-link';
  return type == ROUTER_LINK_VIRTUAL ? 'virtual-link' : 'unknown';
}

function explainRouter(at: usize): void {
  RouterLsa.over(at);
  Json.key('router');
  Json.open();
  const bits = RouterLsa.bits;
  Json.key('rtr-lsa-bits');
  Json.openArray();
  if ((bits & ROUTER_BIT_B) != 0) Json.word('abr-bit');
  if ((bits & ROUTER_BIT_E) != 0) Json.word('asbr-bit');
  if ((bits & ROUTER_BIT_V) != 0) Json.word('vlink-end-bit');
  if ((bits & ROUTER_BIT_NT) != 0) Json.word('nssa-bit');
  Json.closeArray();
  number('num-of-links', RouterLsa.left as u64);
  Json.key('link');
  Json.openArray();
  while (RouterLsa.nextLink()) {
    Json.open();
    address('link-id', RouterLsa.linkId);
    address('link-data', RouterLsa.linkData);
    number('type', RouterLsa.linkType as u64);
    Json.key('link-type');
    Json.word(linkTypeName(RouterLsa.linkType));
    number('metric', RouterLsa.metric as u64);
    Json.close();
  }
  Json.closeArray();
  Json.close();
}

function explainNetwork(at: usize): void {
  Json.key('network');
  Json.open();
  address('network-mask', NetworkLsa.mask(at));
  Json.key('attached-router');
  Json.openArray();
  for (let i: u32 = 0; i < NetworkLsa.count(at); i++) {
    quadText(bswap<u32>(load<u32>(NetworkLsa.routers(at) + ((i as usize) << 2))));
    Json.scratch();
  }
  Json.closeArray();
  Json.close();
}

function explainSummary(at: usize): void {
  Json.key('summary');
  Json.open();
  address('network-mask', SummaryLsa.mask(at));
  number('metric', SummaryLsa.metric(at) as u64);
  Json.close();
}

function explainExternal(at: usize): void {
  Json.key('external');
  Json.open();
  address('network-mask', ExternalLsa.mask(at));
  number('metric-type', ExternalLsa.metricType(at) as u64);
  number('metric', ExternalLsa.metric(at) as u64);
  address('forwarding-address', ExternalLsa.forwarding(at));
  number('external-route-tag', ExternalLsa.tag(at) as u64);
  Json.close();
}

function explainOpaque(at: usize, type: u8): void {
  Json.key('opaque');
  Json.open();
  const grace = type == LSA_OPAQUE_LINK && Lsa.id(at) >>> 24 == (OPAQUE_GRACE as u32);
  if (grace) explainGrace(at + LSA_HEADER_BYTES, Lsa.length(at) - LSA_HEADER_BYTES);
  explainTlvs(at + LSA_HEADER_BYTES, Lsa.length(at) - LSA_HEADER_BYTES);
  Json.close();
}

/** RFC 3623 appendix A. */
function explainGrace(at: usize, length: u32): void {
  let offset: u32 = 0;
  while (offset + 8 <= length) {
    const type = bswap<u16>(load<u16>(at + offset));
    const size = bswap<u16>(load<u16>(at + offset, 2)) as u32;
    if (type == GRACE_TLV_PERIOD && size == 4) number('grace-period', bswap<u32>(load<u32>(at + offset, 4)) as u64);
    if (type == GRACE_TLV_REASON && size >= 1) number('graceful-restart-reason', load<u8>(at + offset, 4) as u64);
    if (type == GRACE_TLV_ADDRESS && size == 4) address('ip-interface-address', bswap<u32>(load<u32>(at + offset, 4)));
    offset += 4 + ((size + 3) & ~3);
  }
}

/** TLVs padded to 4 bytes (RFC 5250, RFC 3630 2.3.2), raw; what follows the last whole one is `trailing-data`. */
export function explainTlvs(at: usize, length: u32): void {
  Json.key('unknown-tlv');
  Json.openArray();
  let offset: u32 = 0;
  while (offset + 4 <= length) {
    const size = bswap<u16>(load<u16>(at + offset, 2)) as u32;
    if (offset + 4 + size > length) break;
    Json.open();
    number('type', bswap<u16>(load<u16>(at + offset)) as u64);
    number('length', size as u64);
    Json.key('value');
    Json.hex(at + offset + 4, size);
    Json.close();
    offset += 4 + ((size + 3) & ~3);
  }
  Json.closeArray();
  if (offset < length) {
    Json.key('trailing-data');
    Json.hex(at + offset, length - offset);
  }
}
