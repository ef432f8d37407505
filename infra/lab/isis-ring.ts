/** Lab: a ring of four IS-IS routers on point-to-point circuits, two of them joined by parallel links. */
import { runFromCommandLine, type LabSpec, type NodeSpec } from './labkit.ts';

/** Hello interval 3 s, multiplier 4: every hold time is 12 s. */
const HELLO = ['isis hello-interval 3', 'isis hello-multiplier 4'];
const KEY = 'isis password md5 ring-key';

interface Circuit {
  name: string;
  address: string;
  extra?: string[];
}

function router(number: number, circuits: Circuit[]): NodeSpec {
  const interfaces = circuits.map(({ name, extra = [] }) =>
    [
      `interface ${name}`,
      ' ip router isis ring',
      ' isis network point-to-point',
      ...[...HELLO, ...extra].map((line) => ` ${line}`),
    ].join('\n'),
  );
  const isisd = `
interface lo
 ip router isis ring
 isis passive
${interfaces.join('\n')}
router isis ring
 lsp-gen-interval 1
 net 49.0001.0000.0000.000${number}.00
 is-type level-1-2
 metric-style wide
 log-adjacency-changes
`;
  return { name: `r${number}`, loopback: [`10.255.0.${number}/32`], frr: { isisd } };
}

/** Both ends of a /30: [first address, second address]. */
const subnet = (third: number): [string, string] => [`10.0.${third}.1/30`, `10.0.${third}.2/30`];
const [a1, a2] = subnet(1);
const [b1, b2] = subnet(2);
const [c2, c3] = subnet(3);
const [d3, d4] = subnet(4);
const [e4, e1] = subnet(5);
const LEVEL_2_ONLY = ['isis circuit-type level-2-only'];

/** The lab. Hellos are padded to the MTU, as FRR does by default. */
export const lab: LabSpec = {
  name: 'isis-ring',
  about:
    'Four FRR isisd in a point-to-point ring: r1=r2 (two parallel links), r2-r3, r3-r4 (level 2 only), r4-r1 (MD5).',
  seconds: 148,
  precision: 'nano',
  nodes: [
    router(1, [
      { name: 'to2a', address: a1 },
      { name: 'to2b', address: b1 },
      { name: 'to4', address: e1, extra: [KEY] },
    ]),
    router(2, [
      { name: 'to1a', address: a2 },
      { name: 'to1b', address: b2 },
      { name: 'to3', address: c2 },
    ]),
    router(3, [
      { name: 'to2', address: c3 },
      { name: 'to4', address: d3, extra: LEVEL_2_ONLY },
    ]),
    router(4, [
      { name: 'to3', address: d4, extra: LEVEL_2_ONLY },
      { name: 'to1', address: e4, extra: [KEY] },
    ]),
  ],
  links: [
    link('r1-r2a', ['r1', 'to2a', a1], ['r2', 'to1a', a2]),
    link('r1-r2b', ['r1', 'to2b', b1], ['r2', 'to1b', b2]),
    link('r2-r3', ['r2', 'to3', c2], ['r3', 'to2', c3]),
    link('r3-r4', ['r3', 'to4', d3], ['r4', 'to3', d4]),
    link('r4-r1', ['r4', 'to1', e4], ['r1', 'to4', e1]),
  ],
  truth: ['r1', 'r2', 'r3', 'r4'].map((node) => ({
    node,
    via: 'vt',
    commands: [
      'show isis neighbor detail',
      'show isis database detail',
      'show isis interface detail',
      'show isis hostname',
    ],
  })),
  script: [
    { at: 18, actions: [{ do: 'truth', label: 'steady' }] },
    {
      at: 20,
      event: 'one_way_loss',
      target: 'r2-r3',
      detail: {
        from: 'r2',
        to: 'r3',
        seen_by_tap: true,
        hold: 12,
        expect: 'r3 loses r2 at its hold; its IIH then says Down (TLV 240)',
      },
      actions: [{ do: 'loss', link: 'r2-r3', from: 'r2', where: 'after-tap' }],
    },
    { at: 38, actions: [{ do: 'truth', label: 'one-way' }] },
    { at: 39, event: 'loss_end', target: 'r2-r3', actions: [{ do: 'heal', link: 'r2-r3' }] },
    {
      at: 46,
      event: 'key_mismatch',
      target: 'r4',
      detail: {
        iface: 'to1',
        expect: 'r1 and r4 refuse each other and lose the adjacency at the hold time',
      },
      actions: [configure('r4', 'to1', 'isis password md5 other-key')],
    },
    { at: 64, actions: [{ do: 'truth', label: 'key-mismatch' }] },
    {
      at: 65,
      event: 'key_fixed',
      target: 'r4',
      detail: { iface: 'to1' },
      actions: [configure('r4', 'to1', KEY)],
    },
    {
      at: 72,
      event: 'metric_change',
      target: 'r1',
      detail: { iface: 'to2a', level: '1 and 2', from: 10, to: 40 },
      actions: [configure('r1', 'to2a', 'isis metric 40')],
    },
    {
      at: 78,
      event: 'link_cut',
      target: 'r3-r4',
      detail: { expect: 'both ends lose carrier: interface down, no hello says so' },
      actions: [{ do: 'cut', link: 'r3-r4' }],
    },
    { at: 84, actions: [{ do: 'truth', label: 'link-cut' }] },
    {
      at: 88,
      event: 'link_restored',
      target: 'r3-r4',
      actions: [{ do: 'restore', link: 'r3-r4' }],
    },
    {
      at: 96,
      event: 'kill9',
      target: 'r2',
      detail: {
        daemon: 'isisd',
        hold: 12,
        expect: 'r1 (both links) and r3 lose r2 at the hold time',
      },
      actions: [{ do: 'kill', node: 'r2', daemons: ['isisd'] }],
    },
    { at: 112, actions: [{ do: 'truth', label: 'r2-dead', only: ['r1', 'r3', 'r4'] }] },
    {
      at: 113,
      event: 'restart',
      target: 'r2',
      detail: { daemon: 'isisd' },
      actions: [{ do: 'start', node: 'r2', daemons: ['isisd'] }],
    },
    {
      at: 122,
      event: 'one_way_loss',
      target: 'r1-r2b',
      detail: {
        from: 'r2',
        to: 'r1',
        seen_by_tap: false,
        hold: 12,
        expect: 'only this one of the parallel links fails',
      },
      actions: [{ do: 'loss', link: 'r1-r2b', from: 'r2', where: 'before-tap' }],
    },
    { at: 138, actions: [{ do: 'truth', label: 'parallel-one-way' }] },
    { at: 139, event: 'loss_end', target: 'r1-r2b', actions: [{ do: 'heal', link: 'r1-r2b' }] },
    { at: 147, actions: [{ do: 'truth', label: 'final' }] },
  ],
};

function link(name: string, ...ports: [string, string, string][]): LabSpec['links'][number] {
  return {
    name,
    ports: ports.map(([node, ifname, address]) => ({
      node,
      interface: ifname,
      addresses: [address],
    })),
  };
}

function configure(
  node: string,
  ifname: string,
  line: string,
): LabSpec['script'][number]['actions'][number] {
  return { do: 'configure', node, lines: [`interface ${ifname}`, line] };
}

if (import.meta.main) await runFromCommandLine(lab);
