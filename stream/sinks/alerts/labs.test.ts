/** The labs' faults as alerts: each one that the wire shows, with its reason, and nothing else. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alertsOf, alertsOfLab, secondsOf, testEngine, told } from './testing.ts';

const shipped = join(import.meta.dirname, '../../../infra/lab/captures');
const shared = join(import.meta.dirname, '../../../../shared/lab/captures');

/** What a lab does that somebody should be told of, and what else it does. */
const faulty = new Set([
  'notification_clear', 'hold_expiry_stop', 'blackhole_tcp', 'gr_kill9', 'admin_shutdown', 'admin_disable', 'loss', 'process_stop', 'one_way_loss', 'overload_set', 'kill9', 'ospf_loss', 'start_area_mismatch',
  'graceful_stop', 'carrier_down', 'key_mismatch', 'link_cut', 'md5_key_change', 'stub_router', 'stop', 'clear_out_peer', 'bfd_fail',
]);
const harmless = new Set([
  'capture_start', 'capture_stop', 'daemon_start', 'truth', 't0', 'end', 'announce', 'flap_withdraw', 'flap_announce', 'route_refresh', 'policy_change', 'sigcont', 'blackhole_end', 'restart', 'enable', 'metric_change', 'loss_end',
  'overload_clear', 'prefix_add', 'prefix_withdraw', 'dis_priority', 'is_type_change', 'carrier_up', 'key_fixed', 'link_restored', 'cost_change', 'external_add', 'external_withdraw', 'area1_prefix_add', 'md5_key_fix', 'withdraw',
  'gobgp', 'bulk_macadv', 'condition', 'compare', 'churn', 'bgp_announce', 'igmp_join', 'rip_prefix_add', 'bfd_resume',
]);

interface Lab {
  readonly folder: string;
  readonly captures?: RegExp;
  /** By `<whole second> <event> <target>`: who is told of what by it; a text says why nobody is. */
  readonly faults: Readonly<Record<string, readonly string[] | string>>;
  /** Told by no fault of the script, and why. */
  readonly besides?: readonly (readonly [line: string, why: string])[];
  readonly resolved: number;
}

const lan = '10.255.0';
const labs: readonly Lab[] = [
  {
    folder: join(shipped, 'isis-lan3'),
    faults: {
      '39 overload_set r3': ['router-overloaded r3 (overload)'], '62 kill9 r3': ['router-silent r3 (router-silent)'], '64 start_area_mismatch r4': ['configuration-mismatch r4 -> r1 (area-mismatch)'],
      '95 graceful_stop r2': ['router-silent r2 (router-silent)'], '152 carrier_down r3': 'the capture ends before its hold of 50 s',
    },
    resolved: 3,
  },
  {
    folder: join(shipped, 'isis-ring'),
    faults: {
      '20 one_way_loss r2-r3': ['adjacency-lost r3 -> r2 (hello-refused)'], '46 key_mismatch r4': ['adjacency-lost r1 -> r4 (hello-refused)'], '78 link_cut r3-r4': ['adjacency-lost r3 -> r4 (router-restarted)'],
      '96 kill9 r2': ['adjacency-lost r2 -> r1 (router-silent)', 'router-silent r2 (router-silent)'], '122 one_way_loss r1-r2b': ['adjacency-lost r2 -> r1 (router-silent)'],
    },
    resolved: 5,
  },
  {
    folder: join(shipped, 'ospf-lan'),
    faults: {
      '67 kill9 r1': [`router-silent ${lan}.1 (router-silent)`], '109 md5_key_change r4': [`adjacency-lost ${lan}.4 -> ${lan}.3 (hello-refused)`], '139 stub_router r2': 'OSPFv2 has no overload bit: its costs change, as a metric may',
      '144 graceful_stop r4': [`adjacency-lost ${lan}.4 -> ${lan}.3 (router-shutdown)`], '150 carrier_down r2': [`router-silent ${lan}.2 (router-restarted)`],
    },
    resolved: 3,
  },
  {
    folder: join(shipped, 'bgp-basic'), captures: /\.full\.pcap\.gz$/,
    faults: {
      '57 notification_clear f1': ['session-lost 10.2.0.1 -> 10.2.0.2 (notification-sent 6/4)'], '68 hold_expiry_stop b1': ['session-lost 10.2.0.1 -> 10.2.0.2 (hold-timer-expired)'],
      '92 blackhole_tcp l3': ['session-lost 10.3.0.2 -> 10.3.0.1 (hold-timer-expired)'],
      // A graceful restart, told once its forwarding state is known to be lost.
      '114 gr_kill9 f2': ['session-lost 10.1.0.2 -> 10.1.0.1 (tcp-fin)', 'session-lost 2001:db8:1::2 -> 2001:db8:1::1 (tcp-fin)', 'session-lost 10.3.0.1 -> 10.3.0.2 (tcp-fin)'],
      '134 admin_shutdown f1': ['session-lost 10.2.0.1 -> 10.2.0.2 (notification-sent 6/2 "maintenance window 42")'], '139 admin_disable g1': ['session-lost 10.4.0.2 -> 10.4.0.1 (notification-sent 6/2)'],
      '158 loss l2': 'TCP repeats what was lost, and no session falls',
      '170 process_stop g1': ['session-lost 10.3.0.2 -> 10.3.0.1 (notification-sent 6/3)', 'session-lost 10.4.0.2 -> 10.4.0.1 (notification-sent 6/3)'],
    },
    resolved: 8,
  },
  {
    folder: join(shipped, 'demo'),
    faults: {
      '28 one_way_loss ams1-lon1': ['adjacency-lost lon1 -> ams1 (hello-refused)', `session-lost ${lan}.4 -> ${lan}.1 (hold-timer-expired)`],
      '48 admin_shutdown lon1': ['172.16.0.1 -> 172.16.0.2', '2001:db8:f::1 -> 2001:db8:f::2'].map((ends) => `session-lost ${ends} (notification-sent 6/2 "fibre work in Docklands, back at 02:00 UTC, ticket 4711")`),
      '51 overload_set fra1': ['router-overloaded fra1 (overload)'],
      '62 kill9 par1': [...['3 (tcp-fin)', '2 (tcp-fin)', '4 (tcp-rst)'].map((end) => `session-lost ${lan}.1 -> ${lan}.${end}`), 'adjacency-lost par1 -> lon1 (router-silent)', 'router-silent par1 (router-silent)'],
      '65 ospf_loss fra1-cust1': [`adjacency-lost 10.255.1.1 -> ${lan}.3 (hello-refused)`],
    },
    besides: [[`session-lost ${lan}.1 -> ${lan}.2 (tcp-fin)`, 'at the start: established for a millisecond before one end closed it']],
    resolved: 12,
  },
  {
    folder: join(shipped, 'vlan-twins'),
    faults: {
      '26 one_way_loss right20': ['adjacency-lost right -> left (hello-refused)', 'session-lost 10.0.0.2 -> 10.0.0.1 (hold-timer-expired)'],
      '76 admin_shutdown right20': ['session-lost 10.0.0.2 -> 10.0.0.1 (notification-sent 6/9 "twin 20 only")'],
    },
    besides: [['session-lost 10.0.0.1 -> 10.0.0.2 (new-connection)', 'nobody declared that the two VLANs are two network instances, so that the twins are one session']],
    resolved: 4,
  },
  {
    folder: join(shared, 'encapsulated'),
    faults: {
      '46 kill9 b0': ['adjacency-lost b0 -> a0 (router-silent)', 'session-lost 10.0.0.2 -> 10.0.0.1 (tcp-fin)'], '46 kill9 b1': 'no capture', '46 kill9 b2': ['adjacency-lost b2 -> a2 (router-silent)', 'session-lost 10.0.0.2 -> 10.0.0.1 (tcp-fin)'],
      '46 kill9 b3': 'no capture', '46 kill9 b4': ['adjacency-lost 10.255.4.1 -> 10.255.4.2 (inactivity-timer)'], '46 kill9 b5': 'no capture',
    },
    besides: [['session-lost 10.0.0.1 -> 10.0.0.2 (new-connection)', 'VLAN and PPPoE have the same addresses and are one network instance here, thus one session']],
    resolved: 3,
  },
  {
    folder: join(shared, 'bgp-evpn-opaque'),
    faults: {
      '51 kill9 h3': ['session-lost 10.0.0.3 -> 10.0.0.2 (tcp-fin)', 'session-lost 10.0.0.3 -> 10.0.0.1 (tcp-fin)'],
      '77 stop h1': ['session-lost 10.0.0.1 -> 10.0.0.9 (notification-sent 6/3)', 'session-lost 10.0.0.1 -> 10.0.0.2 (notification-sent 6/3)'],
    },
    resolved: 1,
  },
  { folder: join(shared, 'bgp-full'), faults: { '41 clear_out_peer mid': ['session-lost 10.20.0.1 -> 10.20.0.2 (notification-sent 6/4)'] }, resolved: 1 },
  {
    folder: join(shared, 'misc'),
    faults: { '32 bfd_fail r2': [`adjacency-lost ${lan}.1 -> ${lan}.2 (hello-refused)`], '44 kill9 r1': 'daemons of protocols that are not decoded' },
    resolved: 1,
  },
];

interface Happened {
  readonly t: number;
  readonly rel: number;
  readonly event: string;
  readonly target: string;
}

function eventsOf(folder: string): Happened[] {
  return readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Happened);
}

/** Longest from a fault to its alert: hold times, and what BGP takes to find that nothing comes, s. */
const LONGEST = 55;

for (const { folder, captures = /\.pcap(\.gz)?$/, faults, besides = [], resolved } of labs) {
  const isThere = existsSync(folder);
  const name = folder.split('/').at(-1)!;
  if (!isThere) console.warn(`not run: alerts of ${name}: ${folder} is not here`);
  it.skipIf(!isThere)(`${name}${isThere ? '' : ' (not run: ../shared is not here)'}: each fault has its alert with its reason, and nothing else is told`, async () => {
    const events = eventsOf(folder);
    for (const { event } of events) expect(faulty.has(event) || harmless.has(event), `${event} is a fault or is none`).toBe(true);
    const done = new Map(events.filter(({ event }) => faulty.has(event)).map((one) => [`${Math.floor(one.rel)} ${one.event} ${one.target}`, one]));
    expect(Object.keys(faults).toSorted()).toEqual([...done.keys()].toSorted());

    const transitions = (await alertsOf(readdirSync(folder).filter((file) => captures.test(file)).toSorted().map((file) => join(folder, file)))).filter(({ untold }) => untold === '');
    const names = new Map(transitions.flatMap(({ notice: { labels } }) => [[labels['router'], labels['router_name']], [labels['neighbor'], labels['neighbor_name']]] as const).filter(([id, known]) => id !== undefined && known !== undefined));
    names.set('0000.0000.0004', names.get('0000.0000.0004') ?? 'r4').set('0000.0000.0001', names.get('0000.0000.0001') ?? 'r1');
    const fired = transitions.filter(({ notice }) => notice.state === 'firing').map((one) => ({
      at: secondsOf(one.notice.changed), line: told([one])[0]!.replace('firing ', '').replaceAll(/\d{4}\.\d{4}\.\d{4}/g, (id) => names.get(id) ?? id),
    }));
    const wanted = Object.entries(faults).flatMap(([key, lines]) => (typeof lines === 'string' ? [] : lines.map((line) => ({ line, from: done.get(key)!.t }))));
    for (const { line, from } of wanted) expect(fired.some((one) => one.line === line && one.at >= from && one.at < from + LONGEST), `${line} after its fault, of:\n${fired.map((one) => `${one.at - from} ${one.line}`).join('\n')}`).toBe(true);
    expect(fired.map(({ line }) => line).toSorted()).toEqual([...wanted.map(({ line }) => line), ...besides.map(([line]) => line)].toSorted());
    expect(transitions.filter(({ notice }) => notice.state === 'resolved')).toHaveLength(resolved);
  }, 60_000);
}

describe('isis-lan3', () => {
  it('r3 is silent from its last hello and its hold on, by the daemons own log, and told within the second', async () => {
    const [r3] = (await alertsOfLab('isis-lan3')).filter(({ notice }) => notice.rule === 'router-silent').map(({ notice }) => notice);
    // 02:21:07.096 by the daemons' own log.
    expect(secondsOf(r3!.since)).toBeCloseTo(1795227667.096, 2);
    expect(secondsOf(r3!.changed - r3!.since)).toBeLessThan(1);
    expect(r3!.summary).toContain('lost all its isis adjacencies');
  });
});

describe('a capture that is older than what came before', () => {
  it('gives the alerts that it gives alone, and leaves nothing due that never passes', async () => {
    const engine = testEngine();
    const later = 4_000_000_000n * 1_000_000_000n;
    engine.advance(0, later);
    expect(told(await alertsOfLab('isis-lan3', undefined, engine))).toEqual(told(await alertsOfLab('isis-lan3')));
    for (let due = engine.nextDue(0), steps = 0; due !== undefined; due = engine.nextDue(0), steps++) {
      expect(steps).toBeLessThan(100);
      engine.advance(0, due);
    }
    expect(engine.clocks.get(0)).toBe(later);
  });
});
