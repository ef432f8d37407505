/** The network of the demo lab: who is there, how they are joined, what they run with. */
import type { LinkSpec, NodeSpec } from '../labkit.ts';

/** The AS of the ISP. */
export const ISP = 64500;
const TRANSIT = 64496;
/** Above 65535, so that four-octet AS numbers are seen. */
const PEER = 65540;

/** The core: system id and loopback number by router. par1 is the route reflector. */
const CORE = { par1: 1, ams1: 2, fra1: 3, lon1: 4 } as const;
type CoreName = keyof typeof CORE;
const CORE_NAMES: CoreName[] = ['par1', 'ams1', 'fra1', 'lon1'];
const HELLO = ['isis hello-interval 3', 'isis hello-multiplier 3'];

interface CoreInterface {
  name: string;
  lan?: boolean;
  metric?: number;
}

function isisd(name: CoreName, interfaces: CoreInterface[]): string {
  const circuits = interfaces.map(({ name: ifname, lan, metric }) =>
    [
      `interface ${ifname}`,
      ' ip router isis core',
      ' ipv6 router isis core',
      ...(lan === true ? [] : [' isis network point-to-point']),
      ...HELLO.map((line) => ` ${line}`),
      ` isis metric ${metric ?? 10}`,
    ].join('\n'),
  );
  return `
interface lo
 ip router isis core
 ipv6 router isis core
 isis passive
${circuits.join('\n')}
router isis core
 lsp-gen-interval 1
 net 49.0001.0100.0000.000${CORE[name]}.00
 is-type level-2-only
 metric-style wide
 log-adjacency-changes
${name === 'fra1' ? ' redistribute ipv4 ospf level-2' : ''}
`;
}

const loopback = (name: CoreName) => `10.255.0.${CORE[name]}`;

interface ExternalPeer {
  v4: string;
  v6: string;
  as: number;
  tag: number;
}

/** bgpd of a core router: iBGP to the reflector (or to all clients), eBGP to `external`. */
function bgpd(name: CoreName, own: string[], external?: ExternalPeer): string {
  const isReflector = name === 'par1';
  const internal = CORE_NAMES.filter(
    (other) => other !== name && (isReflector || other === 'par1'),
  );
  const sessions = internal.map(
    (other) => ` neighbor ${loopback(other)} remote-as ${ISP}
 neighbor ${loopback(other)} description ${other}
 neighbor ${loopback(other)} update-source ${loopback(name)}
 neighbor ${loopback(other)} timers 5 15
 neighbor ${loopback(other)} timers connect 3`,
  );
  const family = (suffix: string) =>
    internal.flatMap((other) => [
      `  neighbor ${loopback(other)} activate`,
      `  neighbor ${loopback(other)} next-hop-self`,
      ...(isReflector ? [`  neighbor ${loopback(other)} route-reflector-client`] : []),
      ...(suffix === 'v4' ? [`  neighbor ${loopback(other)} soft-reconfiguration inbound`] : []),
    ]);
  const ebgp = external === undefined ? [] : [external.v4, external.v6];
  return `
router bgp ${ISP}
 bgp router-id ${loopback(name)}
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
${sessions.join('\n')}
${ebgp.map((address) => ` neighbor ${address} remote-as ${external?.as}\n neighbor ${address} timers 3 9\n neighbor ${address} timers connect 3`).join('\n')}
 address-family ipv4 unicast
${own
  .filter((prefix) => !prefix.includes(':'))
  .map((prefix) => `  network ${prefix} route-map OWN`)
  .join('\n')}
${[...family('v4'), ...(external === undefined ? [] : ebgpFamily(external.v4))].join('\n')}
 exit-address-family
 address-family ipv6 unicast
${own
  .filter((prefix) => prefix.includes(':'))
  .map((prefix) => `  network ${prefix} route-map OWN`)
  .join('\n')}
${[...family('v6'), ...(external === undefined ? [] : ebgpFamily(external.v6))].join('\n')}
 exit-address-family
route-map OWN permit 10
 set community ${ISP}:100
 set large-community ${ISP}:1:${CORE[name]}
route-map FROM-OUTSIDE permit 10
 set community ${ISP}:${external?.tag ?? 0} additive
 set local-preference ${external?.as === PEER ? 200 : 100}
`;
}

/** The lines that activate an external neighbour in an address family. */
function ebgpFamily(address: string): string[] {
  return [
    `  neighbor ${address} activate`,
    `  neighbor ${address} soft-reconfiguration inbound`,
    `  neighbor ${address} route-map FROM-OUTSIDE in`,
  ];
}

/** A BIRD neighbour of the ISP, one session a family. */
function bird(
  routerId: string,
  as: number,
  local: [string, string],
  remote: [string, string],
  routes: string,
): string {
  return `
log stderr all;
router id ${routerId};
debug protocols { states };
protocol device {}
${routes}
template bgp isp { local as ${as}; enable extended messages on; connect retry time 3; hold time 9; }
protocol bgp isp4 from isp { local ${local[0]}; neighbor ${remote[0]} as ${ISP};
  ipv4 { import all; export where source = RTS_STATIC; import table on; }; }
protocol bgp isp6 from isp { local ${local[1]}; neighbor ${remote[1]} as ${ISP};
  ipv6 { import all; export where source = RTS_STATIC; import table on; }; }
`;
}

/** One static route with attributes that differ by `index`, so that the tables show variety. */
function staticRoute(prefix: string, as: number, index: number): string {
  const attributes = [
    ...(index % 2 === 0
      ? [`bgp_community.add((${as > 65535 ? 64499 : as},${100 + (index % 5)}));`]
      : []),
    ...(index % 3 === 0 ? [`bgp_large_community.add((${as},${index},7));`] : []),
    ...(index % 4 === 1 ? [`bgp_med = ${index * 10};`] : []),
    ...(index % 5 === 2 ? ['bgp_origin = ORIGIN_INCOMPLETE;'] : []),
    ...(index % 3 === 1 ? [`bgp_path.prepend(${64501 + (index % 9)});`] : []),
    ...(index % 6 === 4 ? ['bgp_path.prepend(65551); bgp_path.prepend(4200000009);'] : []),
  ];
  return `  route ${prefix} blackhole { ${attributes.join(' ')} };`;
}

const TRANSIT_V4 = Array.from({ length: 44 }, (_, index) => `198.18.${index}.0/24`);
const TRANSIT_V6 = Array.from(
  { length: 16 },
  (_, index) => `2001:db8:${(0x1000 + index).toString(16)}::/48`,
);
/** Eight prefixes that transit offers too, and four of its own. */
const PEER_V4 = [
  ...TRANSIT_V4.slice(0, 8),
  '203.0.113.0/26',
  '203.0.113.64/26',
  '203.0.113.128/26',
  '203.0.113.192/26',
];
const PEER_V6 = TRANSIT_V6.slice(0, 4);

function statics(as: number, v4: string[], v6: string[]): string {
  return `protocol static s4 { ipv4;
${v4.map((prefix, index) => staticRoute(prefix, as, index)).join('\n')}
}
protocol static s6 { ipv6;
${v6.map((prefix, index) => staticRoute(prefix, as, index)).join('\n')}
}`;
}

/** What both ends of the OSPF link have. */
export const OSPF_TIMERS = ' ip ospf hello-interval 2\n ip ospf dead-interval 8';

/** All routers: the core, its customer, and the two external neighbours. */
export const nodes: NodeSpec[] = [
  core(
    'par1',
    [{ name: 'lan', lan: true }, { name: 'to-lon1' }],
    ['192.0.2.0/26', '2001:db8:1::/48'],
  ),
  core(
    'ams1',
    [{ name: 'lan', lan: true }, { name: 'to-lon1' }],
    ['192.0.2.64/26', '2001:db8:2::/48'],
    {
      v4: '172.16.1.2',
      v6: '2001:db8:f:1::2',
      as: PEER,
      tag: 200,
    },
  ),
  core('fra1', [{ name: 'lan', lan: true }], ['192.0.2.128/26', '2001:db8:3::/48']),
  core('lon1', [{ name: 'to-par1' }, { name: 'to-ams1' }], ['192.0.2.192/26', '2001:db8:4::/48'], {
    v4: '172.16.0.2',
    v6: '2001:db8:f::2',
    as: TRANSIT,
    tag: 300,
  }),
  {
    name: 'cust1',
    loopback: ['10.255.1.1/32'],
    setup: ['ip addr add 100.64.1.1/24 dev lo', 'ip addr add 100.64.2.1/24 dev lo'],
    frr: {
      ospfd: `
interface to-fra1
 ip ospf area 0
${OSPF_TIMERS}
interface lo
 ip ospf area 0
router ospf
 ospf router-id 10.255.1.1
 log-adjacency-changes detail
`,
    },
  },
  {
    name: 'transit1',
    bird: bird(
      '172.16.0.2',
      TRANSIT,
      ['172.16.0.2', '2001:db8:f::2'],
      ['172.16.0.1', '2001:db8:f::1'],
      `${statics(TRANSIT, TRANSIT_V4, TRANSIT_V6)}
protocol static flapper { ipv4; route 198.18.99.0/24 blackhole { bgp_community.add((${TRANSIT},666)); }; }`,
    ),
  },
  {
    name: 'peer1',
    bird: bird(
      '172.16.1.2',
      PEER,
      ['172.16.1.2', '2001:db8:f:1::2'],
      ['172.16.1.1', '2001:db8:f:1::1'],
      statics(PEER, PEER_V4, PEER_V6),
    ),
  },
];

function core(
  name: CoreName,
  interfaces: CoreInterface[],
  own: string[],
  external?: ExternalPeer,
): NodeSpec {
  const ospfd = `
interface to-cust1
 ip ospf area 0
${OSPF_TIMERS}
router ospf
 ospf router-id ${loopback(name)}
 log-adjacency-changes detail
 default-information originate always
`;
  return {
    name,
    loopback: [`${loopback(name)}/32`, `2001:db8:ff::${CORE[name]}/128`],
    frr: {
      isisd: isisd(name, interfaces),
      bgpd: bgpd(name, own, external),
      ...(name === 'fra1' ? { ospfd } : {}),
    },
  };
}

/** All links; each is tapped. */
export const links: LinkSpec[] = [
  {
    name: 'core-lan',
    ports: (['par1', 'ams1', 'fra1'] as const).map((node) => ({
      node,
      interface: 'lan',
      addresses: [`10.0.0.${CORE[node]}/24`, `2001:db8:0:100::${CORE[node]}/64`],
    })),
  },
  pair('par1-lon1', ['par1', 'to-lon1'], ['lon1', 'to-par1'], '10.0.14', '2001:db8:0:14'),
  pair('ams1-lon1', ['ams1', 'to-lon1'], ['lon1', 'to-ams1'], '10.0.24', '2001:db8:0:24'),
  pair('fra1-cust1', ['fra1', 'to-cust1'], ['cust1', 'to-fra1'], '10.0.31', '2001:db8:0:31'),
  pair('lon1-transit1', ['lon1', 'to-transit1'], ['transit1', 'to-isp'], '172.16.0', '2001:db8:f'),
  pair('ams1-peer1', ['ams1', 'to-peer1'], ['peer1', 'to-isp'], '172.16.1', '2001:db8:f:1'),
];

function pair(
  name: string,
  a: [string, string],
  b: [string, string],
  v4: string,
  v6: string,
): LinkSpec {
  return {
    name,
    ports: [a, b].map(([node, ifname], index) => ({
      node,
      interface: ifname,
      addresses: [`${v4}.${index + 1}/30`, `${v6}::${index + 1}/64`],
    })),
  };
}
