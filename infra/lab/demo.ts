/** Lab: a small ISP with a story of about 100 s, replayed by `make demo`. */
import { ISP, links, nodes } from './demo/network.ts';
import { runFromCommandLine, type LabSpec, type Step } from './labkit.ts';

const flaps: Step[] = [0, 1, 2, 3].flatMap((round): Step[] => [
  {
    at: 84 + 2 * round,
    event: 'flap_withdraw',
    target: 'transit1',
    detail: { prefix: '198.18.99.0/24' },
    actions: [{ do: 'birdc', node: 'transit1', command: 'disable flapper' }],
  },
  {
    at: 85 + 2 * round,
    event: 'flap_announce',
    target: 'transit1',
    detail: { prefix: '198.18.99.0/24' },
    actions: [{ do: 'birdc', node: 'transit1', command: 'enable flapper' }],
  },
]);

const MESSAGE = 'fibre work in Docklands, back at 02:00 UTC, ticket 4711';
const PAR1_DAEMONS = ['zebra', 'isisd', 'bgpd'];

const script: Step[] = [
  { at: 22, actions: [{ do: 'truth', label: 'steady' }] },
  {
    at: 25,
    event: 'metric_change',
    target: 'par1',
    detail: { iface: 'to-lon1', from: 10, to: 50 },
    actions: [{ do: 'configure', node: 'par1', lines: ['interface to-lon1', 'isis metric 50'] }],
  },
  {
    at: 28,
    event: 'one_way_loss',
    target: 'ams1-lon1',
    detail: {
      from: 'ams1',
      to: 'lon1',
      seen_by_tap: true,
      hold: 9,
      expect: 'lon1 loses ams1 at its hold time',
    },
    actions: [{ do: 'loss', link: 'ams1-lon1', from: 'ams1', where: 'after-tap' }],
  },
  { at: 45, event: 'loss_end', target: 'ams1-lon1', actions: [{ do: 'heal', link: 'ams1-lon1' }] },
  {
    at: 48,
    event: 'admin_shutdown',
    target: 'lon1',
    detail: {
      peer: ['172.16.0.2', '2001:db8:f::2'],
      msg: MESSAGE,
      expect: 'transit routes gone but for those that peer1 has too',
    },
    actions: [
      {
        do: 'configure',
        node: 'lon1',
        lines: [
          `router bgp ${ISP}`,
          `neighbor 172.16.0.2 shutdown message ${MESSAGE}`,
          `neighbor 2001:db8:f::2 shutdown message ${MESSAGE}`,
        ],
      },
    ],
  },
  {
    at: 51,
    event: 'overload_set',
    target: 'fra1',
    actions: [{ do: 'configure', node: 'fra1', lines: ['router isis core', 'set-overload-bit'] }],
  },
  { at: 54, actions: [{ do: 'truth', label: 'transit-down' }] },
  {
    at: 56,
    event: 'enable',
    target: 'lon1',
    detail: { peer: ['172.16.0.2', '2001:db8:f::2'] },
    actions: [
      {
        do: 'configure',
        node: 'lon1',
        lines: [
          `router bgp ${ISP}`,
          'no neighbor 172.16.0.2 shutdown',
          'no neighbor 2001:db8:f::2 shutdown',
        ],
      },
    ],
  },
  {
    at: 59,
    event: 'overload_clear',
    target: 'fra1',
    actions: [
      { do: 'configure', node: 'fra1', lines: ['router isis core', 'no set-overload-bit'] },
    ],
  },
  {
    at: 62,
    event: 'kill9',
    target: 'par1',
    detail: {
      daemons: PAR1_DAEMONS,
      hold: 9,
      expect:
        'IS-IS neighbours lose par1 at its hold time; iBGP falls at once (the kernel closes TCP)',
    },
    actions: [{ do: 'kill', node: 'par1', daemons: PAR1_DAEMONS }],
  },
  {
    at: 65,
    event: 'ospf_loss',
    target: 'fra1-cust1',
    detail: {
      from: 'fra1',
      to: 'cust1',
      seen_by_tap: true,
      dead: 8,
      expect: 'cust1 loses fra1 at the dead interval, fra1 then sees itself unlisted',
    },
    actions: [
      {
        do: 'loss',
        link: 'fra1-cust1',
        from: 'fra1',
        where: 'after-tap',
        match: 'ip protocol ospf',
      },
    ],
  },
  {
    at: 76,
    actions: [
      {
        do: 'truth',
        label: 'par1-dead',
        only: ['ams1', 'fra1', 'lon1', 'cust1', 'transit1', 'peer1'],
      },
    ],
  },
  {
    at: 77,
    event: 'loss_end',
    target: 'fra1-cust1',
    actions: [{ do: 'heal', link: 'fra1-cust1' }],
  },
  {
    at: 78,
    event: 'restart',
    target: 'par1',
    detail: { daemons: PAR1_DAEMONS },
    actions: [{ do: 'start', node: 'par1', daemons: PAR1_DAEMONS }],
  },
  ...flaps,
  {
    at: 94,
    event: 'metric_change',
    target: 'lon1',
    detail: { iface: 'to-par1', from: 10, to: 20 },
    actions: [{ do: 'configure', node: 'lon1', lines: ['interface to-par1', 'isis metric 20'] }],
  },
  { at: 101, actions: [{ do: 'truth', label: 'final' }] },
];

const vtTruth = [
  'show isis neighbor detail',
  'show isis database detail',
  'show bgp summary json',
  'show bgp ipv4 unicast json',
  'show bgp ipv6 unicast json',
];

/** FRR's tables of one session in both directions. */
function sessionTables(neighbor: string): string[] {
  const families = neighbor.includes(':')
    ? ['ipv6']
    : neighbor.startsWith('10.255')
      ? ['ipv4', 'ipv6']
      : ['ipv4'];
  return families.flatMap((family) => [
    ...(family === 'ipv6' && neighbor.startsWith('10.255')
      ? []
      : [`show bgp ${family} unicast neighbors ${neighbor} received-routes json`]),
    `show bgp ${family} unicast neighbors ${neighbor} advertised-routes json`,
  ]);
}

/** The lab. */
export const lab: LabSpec = {
  name: 'demo',
  about:
    'A small ISP: par1, ams1, fra1 on a LAN, lon1 by two point-to-point links; OSPF customer cust1; BIRD transit1 and peer1.',
  seconds: 102,
  precision: 'nano',
  nodes,
  links,
  truth: [
    { node: 'par1', via: 'vt', commands: [...vtTruth, ...sessionTables('10.255.0.4')] },
    {
      node: 'ams1',
      via: 'vt',
      commands: [...vtTruth, ...sessionTables('172.16.1.2'), ...sessionTables('2001:db8:f:1::2')],
    },
    {
      node: 'fra1',
      via: 'vt',
      commands: [...vtTruth, 'show ip ospf neighbor json', 'show ip ospf database json'],
    },
    {
      node: 'lon1',
      via: 'vt',
      commands: [
        ...vtTruth,
        ...sessionTables('172.16.0.2'),
        ...sessionTables('2001:db8:f::2'),
        ...sessionTables('10.255.0.1'),
      ],
    },
    {
      node: 'cust1',
      via: 'vt',
      commands: [
        'show ip ospf neighbor json',
        'show ip ospf database json',
        'show ip ospf route json',
      ],
    },
    {
      node: 'transit1',
      via: 'birdc',
      commands: [
        'show protocols all',
        'show route all',
        'show route all import table isp4.ipv4',
        'show route all import table isp6.ipv6',
      ],
    },
    {
      node: 'peer1',
      via: 'birdc',
      commands: [
        'show protocols all',
        'show route all',
        'show route all import table isp4.ipv4',
        'show route all import table isp6.ipv6',
      ],
    },
  ],
  script,
};

if (import.meta.main) await runFromCommandLine(lab);
