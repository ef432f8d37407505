/** One crafted frame for each layer and for what is inside one another, with what its record must say. */
import {
  ISIS_GROUP, ISIS_PDU, KEEPALIVE, LLC_ISO, OSPFV3_PDU, OSPF_PDU, erspan, erspanIII, ethernet, extension, fragmentHeader, geneve, gpe, gre,
  gtpU, hex, ieee8023, ipv4, ipv6, mpls, padded, pppoe, snap, tagged, tcp, u16, udp, vxlan,
} from './testing-frames.ts';
import type { Bytes } from './testing-frames.ts';

export interface Expected {
  protocol: 'isis' | 'ospfv2' | 'ospfv3' | 'bgp';
  payloadLength: number;
  /** Of the tags in the record; [] where it is missing. */
  vlans?: number[];
  /** As in newKeys(): `kind:id`, or `kind:low-high`. */
  tunnels?: string[];
  pppoeSession?: number;
  /** Whether there is an Ethernet header of the innermost network. */
  link: boolean;
  flags?: number;
  direction?: number;
}

export interface Case {
  about: string;
  linkType: number;
  bytes: Bytes;
  /** The record, or the outcome of a frame that yields none. */
  expected: Expected | string;
}

const MULTICAST = 16;
const TRUNCATED = 4;
const isis = [...LLC_ISO, ...ISIS_PDU];
const ospf = ipv4(89, OSPF_PDU);
const session = ipv4(6, tcp(KEEPALIVE));
const inner = ieee8023(isis);
const onLan: Expected = { protocol: 'isis', payloadLength: 33, link: true, flags: MULTICAST };
const bare: Expected = { protocol: 'isis', payloadLength: 33, link: false };
const hello: Expected = { protocol: 'ospfv2', payloadLength: 44, link: true };
const bgp: Expected = { protocol: 'bgp', payloadLength: 39, link: true };
const ospfv3: Expected = { protocol: 'ospfv3', payloadLength: 36, link: true };

function one(about: string, linkType: number, bytes: Bytes, expected: Expected | string): Case {
  return { about, linkType, bytes, expected };
}

function onEthernet(about: string, bytes: Bytes, expected: Expected | string): Case {
  return one(about, 1, bytes, expected);
}

function inIpv4(protocol: number, payload: Bytes): number[] {
  return ethernet(0x0800, ipv4(protocol, payload, { source: [192, 0, 2, 1], destination: [192, 0, 2, 9] }));
}

const links: Case[] = [
  onEthernet('802.3 and LLC, padding cut off', ieee8023(isis), onLan),
  onEthernet('802.3, length beyond the frame', [...ISIS_GROUP, ...hex('020000000001'), ...u16(200), ...isis], { ...onLan, payloadLength: 197, flags: MULTICAST | TRUNCATED }),
  onEthernet('EtherType 0x8870 and LLC', ethernet(0x8870, isis, ISIS_GROUP), onLan),
  onEthernet('EtherType 0x8870 without LLC', ethernet(0x8870, ISIS_PDU, ISIS_GROUP), onLan),
  onEthernet('SNAP with an EtherType', ieee8023(snap(0x0800, ospf)), { ...hello, flags: MULTICAST }),
  onEthernet('SNAP with the bridge tunnel OUI', ieee8023(snap(0x0800, ospf, 0xf8)), { ...hello, flags: MULTICAST }),
  onEthernet('length of 1501 to 1535 is neither', ethernet(1510, isis), 'malformed'),
  onEthernet('spanning tree', ieee8023(hex('42 42 03 0000')), 'other-llc'),
  onEthernet('ES-IS', ieee8023(hex('fe fe 03 82 00')), 'other-osi'),
  onEthernet('802.1Q', tagged([{ type: 0x8100, tci: 0x600a }], 0x0800, ospf), { ...hello, vlans: [0x600a] }),
  onEthernet('802.1Q with 802.3 inside', padded(tagged([{ type: 0x8100, tci: 10 }], isis.length, isis, ISIS_GROUP), 60), { ...onLan, vlans: [10] }),
  onEthernet('802.1ad and 802.1Q', tagged([{ type: 0x88a8, tci: 100 }, { type: 0x8100, tci: 200 }], 0x86dd, ipv6(89, OSPFV3_PDU)), { ...ospfv3, vlans: [100, 200] }),
  onEthernet('three tags of three kinds', tagged([{ type: 0x9100, tci: 1 }, { type: 0x88a8, tci: 2 }, { type: 0x8100, tci: 3 }], 0x0800, session), { ...bgp, vlans: [1, 2, 3] }),
  onEthernet('priority tag', tagged([{ type: 0x8100, tci: 0xe000 }], 0x0800, session), { ...bgp, vlans: [0xe000] }),
  onEthernet('nine tags', tagged(Array.from({ length: 9 }, () => ({ type: 0x8100, tci: 5 })), 0x0800, session), 'too-deep'),
  onEthernet('PPPoE: IPv4', ethernet(0x8864, pppoe(0x77, 0x21, ospf)), { ...hello, pppoeSession: 0x77 }),
  onEthernet('PPPoE: IS-IS', padded(ethernet(0x8864, pppoe(1, 0x23, ISIS_PDU)), 60), { ...bare, link: true, pppoeSession: 1 }),
  onEthernet('MACsec', ethernet(0x88e5, isis), 'encrypted'),
  onEthernet('ARP', ethernet(0x0806, [0, 1]), 'arp'),
  onEthernet('a header cut short', ISIS_GROUP, 'malformed'),
  one('Linux SLL: IPv4', 113, [...u16(0), ...u16(1), ...u16(6), ...hex('0200000000010000'), ...u16(0x0800), ...ospf], { ...hello, link: false, direction: 1 }),
  one('Linux SLL: LLC, sent', 113, [...u16(4), ...u16(1), ...u16(6), ...hex('0200000000010000'), ...u16(4), ...isis], { ...bare, direction: 2 }),
  one('Linux SLL: VLAN', 113, [...u16(2), ...u16(1), ...u16(6), ...hex('0200000000010000'), ...u16(0x8100), ...u16(9), ...u16(0x0800), ...ospf], { ...hello, link: false, vlans: [9], flags: MULTICAST, direction: 1 }),
  one('Linux SLL2', 276, [...u16(0x86dd), 0, 0, 0, 0, 0, 3, ...u16(1), 1, 6, ...hex('0200000000010000'), ...ipv6(89, OSPFV3_PDU)], { ...ospfv3, link: false, flags: MULTICAST, direction: 1 }),
  ...[101, 12, 14, 228].map((type) => one(`raw IPv4, link type ${type}`, type, session, { ...bgp, link: false })),
  ...[101, 229].map((type) => one(`raw IPv6, link type ${type}`, type, ipv6(89, OSPFV3_PDU), { ...ospfv3, link: false })),
  one('PPP', 9, [0xff, 3, ...u16(0x21), ...ospf], { ...hello, link: false }),
  one('PPP, both fields compressed', 9, [0x21, ...ospf], { ...hello, link: false }),
  one('PPP: OSI', 9, [0xff, 3, ...u16(0x23), ...ISIS_PDU], bare),
  one('PPP: LCP', 9, [0xff, 3, ...u16(0xc021), 1], 'other-ppp'),
  one('PPP in HDLC framing', 50, [0xff, 3, ...u16(0x57), ...ipv6(89, OSPFV3_PDU)], { ...ospfv3, link: false }),
  one('PPP with direction', 204, [1, 0xff, 3, ...u16(0x23), ...ISIS_PDU], { ...bare, direction: 2 }),
  one('PPPoE as link type', 51, pppoe(3, 0x21, session), { ...bgp, link: false, pppoeSession: 3 }),
  one('Cisco HDLC: OSI after a byte of padding', 104, [0x8f, 0, 0xfe, 0xfe, 3, ...ISIS_PDU], { ...bare, flags: MULTICAST }),
  one('Cisco HDLC: IPv4', 104, [0x0f, 0, ...u16(0x0800), ...session], { ...bgp, link: false }),
  one('frame relay, RFC 2427', 107, [0x18, 0x41, 3, 0x83, ...ISIS_PDU.slice(1)], bare),
  one('frame relay, Cisco', 107, [0x48, 0xe1, ...u16(0x86dd), ...ipv6(89, OSPFV3_PDU)], { ...ospfv3, link: false }),
  one('null, little endian', 0, [2, 0, 0, 0, ...session], { ...bgp, link: false }),
  one('null, big endian, IPv6 of Darwin', 0, [0, 0, 0, 30, ...ipv6(89, OSPFV3_PDU)], { ...ospfv3, link: false }),
  one('loopback', 108, [0, 0, 0, 2, ...session], { ...bgp, link: false }),
  one('a link type that nobody has', 999, session, 'unknown-link-type'),
];

const networks: Case[] = [
  onEthernet('IPv4 with options', ethernet(0x0800, ipv4(89, OSPF_PDU, { options: [0x94, 4, 0, 0] })), hello),
  onEthernet('IPv4, padding cut off', padded(ethernet(0x0800, ipv4(6, tcp([]))), 60), { ...bgp, payloadLength: 20 }),
  onEthernet('IPv4 with total length 0 (segmentation offload)', ethernet(0x0800, ipv4(6, tcp(KEEPALIVE), { total: 0 })), bgp),
  onEthernet('IPv4 longer than the frame', ethernet(0x0800, ipv4(6, tcp(KEEPALIVE), { total: 100 })), { ...bgp, payloadLength: 80, flags: TRUNCATED }),
  onEthernet('IPv4 shorter than its header', ethernet(0x0800, ipv4(6, tcp(KEEPALIVE), { total: 19 })), 'malformed'),
  onEthernet('OSPFv3 in IPv4 (RFC 7949)', ethernet(0x0800, ipv4(89, OSPFV3_PDU)), ospfv3),
  onEthernet('authentication header', ethernet(0x0800, ipv4(51, [89, 4, 0, 0, ...hex('00000001 00000001 000000000000000000000000'), ...OSPF_PDU])), hello),
  onEthernet('ESP', ethernet(0x0800, ipv4(50, OSPF_PDU)), 'encrypted'),
  onEthernet('IPv6 with hop-by-hop, routing and destination options', ethernet(0x86dd, ipv6(0, extension(43, 0, extension(60, 1, extension(89, 0, OSPFV3_PDU))))), ospfv3),
  onEthernet('IPv6 with payload length 0', ethernet(0x86dd, ipv6(6, tcp(KEEPALIVE), 0)), bgp),
  onEthernet('IPv6 atomic fragment', ethernet(0x86dd, ipv6(44, fragmentHeader(89, 0, false, OSPFV3_PDU))), ospfv3),
  onEthernet('seventeen extension headers', ethernet(0x86dd, ipv6(60, Array.from({ length: 17 }).reduce<number[]>((rest, _, index) => extension(index === 0 ? 89 : 60, 0, rest), [...OSPFV3_PDU]))), 'too-deep'),
  onEthernet('BGP from port 179', ethernet(0x0800, ipv4(6, tcp(KEEPALIVE, 179, 45_000))), bgp),
  onEthernet('another TCP', ethernet(0x0800, ipv4(6, tcp(KEEPALIVE, 1790, 45_000))), 'other-tcp'),
  onEthernet('another UDP', ethernet(0x0800, ipv4(17, udp(53, KEEPALIVE))), 'other-udp'),
  onEthernet('ICMP', ethernet(0x0800, ipv4(1, KEEPALIVE)), 'icmp'),
  onEthernet('EIGRP', ethernet(0x0800, ipv4(88, KEEPALIVE)), 'other-ip-protocol'),
];

const outer = '192.0.2.1-192.0.2.9';
const labelled: Case[] = [
  onEthernet('MPLS: IPv4', ethernet(0x8847, mpls([100, 200], session)), bgp),
  onEthernet('MPLS: IPv6', ethernet(0x8847, mpls([100], ipv6(89, OSPFV3_PDU))), ospfv3),
  onEthernet('MPLS: explicit null', ethernet(0x8847, mpls([16, 0], session)), bgp),
  onEthernet('MPLS pseudowire with control word', ethernet(0x8847, mpls([16, 300], [0, 0, 0, 1, ...inner])), { ...onLan, tunnels: ['pw:300'] }),
  onEthernet('MPLS pseudowire without, to 01:80:c2:..', ethernet(0x8847, mpls([300], inner)), { ...onLan, tunnels: ['pw:300'] }),
  onEthernet('MPLS pseudowire without, to 4a:..', ethernet(0x8847, mpls([300], ethernet(0x0800, session, hex('4a 00 00 00 00 01')))), { ...bgp, tunnels: ['pw:300'] }),
  onEthernet('MPLS pseudowire without, to 6a:..', ethernet(0x8847, mpls([300], ethernet(0x0800, session, hex('6a 00 00 00 00 01')))), { ...bgp, tunnels: ['pw:300'] }),
  onEthernet('MPLS pseudowire without, to 02:..', ethernet(0x8847, mpls([300], ethernet(0x0800, session))), { ...bgp, tunnels: ['pw:300'] }),
  onEthernet('MPLS pseudowire without, to 32:..', ethernet(0x8847, mpls([300], ethernet(0x0800, session, hex('32 00 00 00 00 01')))), { ...bgp, tunnels: ['pw:300'] }),
  onEthernet('MPLS associated channel', ethernet(0x8847, mpls([300], hex('10 00 00 07 20 40 03 18'))), 'other-mpls'),
  onEthernet('seventeen labels', ethernet(0x8847, mpls(Array.from({ length: 17 }, () => 20), session)), 'too-deep'),
];

const tunnels: Case[] = [
  onEthernet('GRE without key', inIpv4(47, gre(0x0800, ospf)), { ...hello, link: false, tunnels: [`gre:${outer}`] }),
  onEthernet('GRE with key', inIpv4(47, gre(0x0800, ospf, { key: 42 })), { ...hello, link: false, tunnels: ['gre:42'] }),
  onEthernet('GRE with checksum, key, sequence and routing', inIpv4(47, gre(0x86dd, ipv6(89, OSPFV3_PDU), { checksum: true, key: 0xdeadbeef, sequence: 7, routing: hex('0800 00 04 0a000001 0000 00 00') })), { ...ospfv3, link: false, tunnels: ['gre:3735928559'] }),
  onEthernet('GRE with checksum alone', inIpv4(47, gre(0x0800, ospf, { checksum: true })), { ...hello, link: false, tunnels: [`gre:${outer}`] }),
  onEthernet('IS-IS in GRE', inIpv4(47, gre(0x00fe, ISIS_PDU)), { ...bare, tunnels: [`gre:${outer}`] }),
  onEthernet('Ethernet in GRE', inIpv4(47, gre(0x6558, inner, { key: 5 })), { ...onLan, tunnels: ['gre:5'] }),
  onEthernet('MPLS in GRE', inIpv4(47, gre(0x8847, mpls([30], session))), { ...bgp, link: false, tunnels: [`gre:${outer}`] }),
  onEthernet('PPTP', inIpv4(47, [0x30, 0x81, 0x88, 0x0b, ...u16(60), ...u16(9), 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 3, 0x21, ...session]), { ...bgp, link: false, tunnels: ['gre:9'] }),
  onEthernet('GRE in UDP', inIpv4(17, udp(4754, gre(0x0800, ospf, { key: 1 }))), { ...hello, link: false, tunnels: ['gre:1'] }),
  onEthernet('GRE of something else', inIpv4(47, gre(0x2001, ospf)), 'other-tunnel'),
  onEthernet('IPv4 in IPv4', inIpv4(4, ospf), { ...hello, link: false, tunnels: [`ipip:${outer}`] }),
  onEthernet('IPv6 in IPv4', inIpv4(41, ipv6(89, OSPFV3_PDU)), { ...ospfv3, link: false, tunnels: [`ipip:${outer}`] }),
  onEthernet('IPv4 in IPv6', ethernet(0x86dd, ipv6(4, session)), { ...bgp, link: false, tunnels: ['ipip:fe80::1-fe80::2'] }),
  onEthernet('VXLAN', inIpv4(17, udp(4789, vxlan(5001, inner))), { ...onLan, tunnels: ['vxlan:5001'] }),
  onEthernet('VXLAN with a tag inside and one outside', tagged([{ type: 0x8100, tci: 7 }], 0x0800, ipv4(17, udp(4789, vxlan(9, tagged([{ type: 0x8100, tci: 8 }], 0x0800, session))))), { ...bgp, vlans: [7, 8], tunnels: ['vxlan:9'] }),
  onEthernet('VXLAN on Linux\' port', inIpv4(17, udp(8472, vxlan(1, inner))), { ...onLan, tunnels: ['vxlan:1'] }),
  onEthernet('VXLAN without a valid id', inIpv4(17, udp(4789, [0, 0, 0, 0, 0, 0, 0, 0, ...inner])), 'other-udp'),
  onEthernet('VXLAN GPE: IPv4', inIpv4(17, udp(4790, gpe(77, 1, ospf))), { ...hello, link: false, tunnels: ['vxlan:77'] }),
  onEthernet('VXLAN GPE: NSH, Ethernet', inIpv4(17, udp(4790, gpe(77, 4, [...hex('0f c6 01 03 00000001 00000000000000000000000000000000'), ...inner]))), { ...onLan, tunnels: ['vxlan:77'] }),
  onEthernet('Geneve', inIpv4(17, udp(6081, geneve(12, 0x6558, inner))), { ...onLan, tunnels: ['geneve:12'] }),
  onEthernet('Geneve with options: IPv4', inIpv4(17, udp(6081, geneve(12, 0x0800, ospf, hex('0102 03 01 00000000')))), { ...hello, link: false, tunnels: ['geneve:12'] }),
  onEthernet('ERSPAN I', inIpv4(47, gre(0x88be, inner)), { ...onLan, tunnels: [`erspan:${outer}`] }),
  onEthernet('ERSPAN II', inIpv4(47, gre(0x88be, erspan(33, 0, 0, inner), { sequence: 1 })), { ...onLan, tunnels: ['erspan:33'] }),
  onEthernet('ERSPAN II with the tag taken off', inIpv4(47, gre(0x88be, erspan(33, 10, 2, inner), { sequence: 1 })), { ...onLan, vlans: [10], tunnels: ['erspan:33'] }),
  onEthernet('ERSPAN III', inIpv4(47, gre(0x22eb, erspanIII(44, inner), { sequence: 1 })), { ...onLan, tunnels: ['erspan:44'] }),
  onEthernet('ERSPAN III with platform header', inIpv4(47, gre(0x22eb, erspanIII(44, inner, true), { sequence: 1 })), { ...onLan, tunnels: ['erspan:44'] }),
  onEthernet('GTP-U', inIpv4(17, udp(2152, gtpU(0x1234, session))), { ...bgp, link: false, tunnels: ['gtpu:4660'] }),
  onEthernet('GTP-U with two extension headers', inIpv4(17, udp(2152, gtpU(1, session, [[1, 2], [1, 2, 3, 4, 5, 6]]))), { ...bgp, link: false, tunnels: ['gtpu:1'] }),
  onEthernet('VXLAN in GRE in IPv6', ethernet(0x86dd, ipv6(47, gre(0x0800, ipv4(17, udp(4789, vxlan(3, inner))), { key: 2 }))), { ...onLan, tunnels: ['gre:2', 'vxlan:3'] }),
  onEthernet('four tunnels', inIpv4(4, ipv4(47, gre(0x8847, mpls([99], ethernet(0x0800, ipv4(17, udp(4789, vxlan(3, inner))))), { key: 2 }))), { ...onLan, tunnels: [`ipip:${outer}`, 'gre:2', 'pw:99', 'vxlan:3'] }),
  onEthernet('nine tunnels', inIpv4(4, Array.from({ length: 8 }).reduce<number[]>((rest) => ipv4(4, rest), [...session])), 'too-deep'),
];

export const cases: Case[] = [...links, ...networks, ...labelled, ...tunnels];
