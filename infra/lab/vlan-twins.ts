/** Lab: one trunk carries two VLANs, each with a pair of routers that have the same names, ids, addresses and MACs. */
import { runFromCommandLine, type LabSpec, type LinkSpec, type NodeSpec } from './labkit.ts';

const VLANS = [10, 20] as const;
const SIDES = { left: 1, right: 2 } as const;
type Side = keyof typeof SIDES;
const SIDE_NAMES: Side[] = ['left', 'right'];

/** The same configuration in either VLAN: only the side makes a difference. */
function router(side: Side, vlan: number): NodeSpec {
  const own = SIDES[side];
  const other = 3 - own;
  const routerId = `10.255.0.${own}`;
  const isisd = `
interface lo
 ip router isis twin
 isis passive
interface e0
 ip router isis twin
 isis hello-interval 3
 isis hello-multiplier 3
router isis twin
 lsp-gen-interval 1
 net 49.0001.0000.0000.000${own}.00
 is-type level-2-only
 metric-style wide
 log-adjacency-changes
`;
  const ospfd = `
interface e0
 ip ospf area 0
 ip ospf hello-interval 2
 ip ospf dead-interval 8
 ip ospf priority ${own}
interface lo
 ip ospf area 0
router ospf
 ospf router-id ${routerId}
 log-adjacency-changes detail
`;
  const bgpd = `
router bgp 6500${own}
 bgp router-id ${routerId}
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.0.0.${other} remote-as 6500${other}
 neighbor 10.0.0.${other} timers 3 9
 neighbor 10.0.0.${other} timers connect 3
 address-family ipv4 unicast
  network 192.0.2.${own * 64}/26
  network 198.51.100.${own * 64}/26
  neighbor 10.0.0.${other} soft-reconfiguration inbound
 exit-address-family
`;
  return {
    name: `${side}${vlan}`,
    hostname: side,
    loopback: [`${routerId}/32`],
    frr: { isisd, ospfd, bgpd },
  };
}

/** The access link of one router: router - bridge - relay. */
function access(side: Side, vlan: number): LinkSpec {
  return {
    name: `acc-${side}${vlan}`,
    tap: false,
    ports: [
      {
        node: `${side}${vlan}`,
        interface: 'e0',
        addresses: [`10.0.0.${SIDES[side]}/24`],
        mac: `02:00:00:00:ff:0${SIDES[side]}`,
      },
      { node: `mux${side[0]}`, interface: `a${vlan}` },
    ],
  };
}

const truthCommands = [
  'show isis neighbor detail',
  'show isis database detail',
  'show ip ospf neighbor json',
  'show ip ospf database json',
  'show bgp summary json',
];

/** The lab. Faults hit VLAN 20 only, but for one metric change in VLAN 10. */
export const lab: LabSpec = {
  name: 'vlan-twins',
  about:
    'A tapped trunk with VLANs 10 and 20; in each a pair left-right (IS-IS, OSPF, BGP) with the same addresses, ids and MACs.',
  seconds: 96,
  precision: 'micro',
  nodes: [
    ...SIDE_NAMES.map((side): NodeSpec => ({
      name: `mux${side[0]}`,
      vlanMux: {
        trunk: 'trunk',
        access: Object.fromEntries(VLANS.map((vlan) => [`a${vlan}`, vlan])),
      },
    })),
    ...VLANS.flatMap((vlan) => SIDE_NAMES.map((side) => router(side, vlan))),
  ],
  links: [
    {
      name: 'trunk',
      ports: SIDE_NAMES.map((side) => ({ node: `mux${side[0]}`, interface: 'trunk' })),
    },
    ...VLANS.flatMap((vlan) => SIDE_NAMES.map((side) => access(side, vlan))),
  ],
  truth: VLANS.flatMap((vlan) =>
    SIDE_NAMES.map((side) => ({
      node: `${side}${vlan}`,
      via: 'vt' as const,
      commands: [
        ...truthCommands,
        `show bgp ipv4 unicast neighbors 10.0.0.${3 - SIDES[side]} received-routes json`,
        `show bgp ipv4 unicast neighbors 10.0.0.${3 - SIDES[side]} advertised-routes json`,
      ],
    })),
  ),
  script: [
    { at: 22, actions: [{ do: 'truth', label: 'steady' }] },
    {
      at: 26,
      event: 'one_way_loss',
      target: 'right20',
      detail: {
        vlan: 20,
        from: 'left',
        to: 'right',
        seen_by_tap: true,
        expect:
          'VLAN 20: right loses left in all three protocols (hold 9 s, dead 8 s, hold 9 s); VLAN 10: nothing',
      },
      actions: [{ do: 'loss', link: 'acc-right20', from: 'muxr', where: 'before-tap' }],
    },
    { at: 44, actions: [{ do: 'truth', label: 'vlan20-one-way' }] },
    {
      at: 45,
      event: 'loss_end',
      target: 'right20',
      detail: { vlan: 20 },
      actions: [{ do: 'heal', link: 'acc-right20' }],
    },
    {
      at: 66,
      event: 'withdraw',
      target: 'left20',
      detail: {
        vlan: 20,
        prefix: '192.0.2.64/26',
        expect: 'gone from right20, still there in VLAN 10',
      },
      actions: [
        {
          do: 'configure',
          node: 'left20',
          lines: ['router bgp 65001', 'address-family ipv4 unicast', 'no network 192.0.2.64/26'],
        },
      ],
    },
    {
      at: 70,
      event: 'metric_change',
      target: 'left10',
      detail: {
        vlan: 10,
        iface: 'e0',
        isis: [10, 33],
        ospf: [10, 44],
        expect: 'IS-IS metric and OSPF cost change in VLAN 10 only',
      },
      actions: [
        {
          do: 'configure',
          node: 'left10',
          lines: ['interface e0', 'isis metric 33', 'ip ospf cost 44'],
        },
      ],
    },
    {
      at: 76,
      event: 'admin_shutdown',
      target: 'right20',
      detail: {
        vlan: 20,
        peer: '10.0.0.1',
        msg: 'twin 20 only',
        expect: 'Cease/Administrative Shutdown with text in VLAN 20',
      },
      actions: [
        {
          do: 'configure',
          node: 'right20',
          lines: ['router bgp 65002', 'neighbor 10.0.0.1 shutdown message twin 20 only'],
        },
      ],
    },
    { at: 82, actions: [{ do: 'truth', label: 'vlan20-shutdown' }] },
    {
      at: 84,
      event: 'enable',
      target: 'right20',
      detail: { vlan: 20, peer: '10.0.0.1' },
      actions: [
        {
          do: 'configure',
          node: 'right20',
          lines: ['router bgp 65002', 'no neighbor 10.0.0.1 shutdown'],
        },
      ],
    },
    { at: 95, actions: [{ do: 'truth', label: 'final' }] },
  ],
};

if (import.meta.main) await runFromCommandLine(lab);
