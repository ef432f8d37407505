/** The FRR log readers against the committed captures: every line that is there, and single lines in full. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  parseBgpLog,
  parseBgpNotifications,
  parseIsisLog,
  parseOspfLog,
  readBgpLogs,
  readBgpNotifications,
  readIsisLogs,
  readOspfLogs,
} from './frr-log.ts';

const log = (lab: string) => join(import.meta.dirname, '../captures', lab, 'log');

function countBy<T>(items: T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

describe('isisd', () => {
  it('reads a line in full', () => {
    const line =
      '2026/11/21 02:21:07.096386 ISIS: [Q7SVW-YVKRH] %ADJCHANGE: Adjacency to r3 (eth0) for level-1 changed from Up to Down, holding time expired';
    expect(parseIsisLog(`noise\n${line}\n`, 'r1')).toEqual([
      {
        time: 1795227667096386000n,
        router: 'r1',
        neighbor: 'r3',
        interface: 'eth0',
        levels: [1],
        previous: 'up',
        state: 'down',
        reason: 'holding time expired',
      },
    ]);
  });

  it('gives a point-to-point adjacency both levels', () => {
    const line =
      '2026/11/21 11:31:34.276400 ISIS: [Q7SVW-YVKRH] %ADJCHANGE: Adjacency to 0000.0000.0002 (to2) for level-1-2 changed from Unknown to Initializing, unspecified';
    expect(parseIsisLog(line, 'r3')[0]).toMatchObject({
      levels: [1, 2],
      previous: 'unknown',
      state: 'init',
    });
  });

  it('refuses a state that it does not know', () => {
    const line =
      '2026/11/21 11:31:34.276400 ISIS: [X] %ADJCHANGE: Adjacency to r2 (e) for level-1 changed from Up to Odd, x';
    expect(() => parseIsisLog(line, 'r3')).toThrow(/"Odd"/);
  });

  it('finds the 92 lines of isis-lan3', () => {
    const changes = readIsisLogs(log('isis-lan3'));
    expect(changes).toHaveLength(92);
    expect(countBy(changes, (change) => change.router)).toEqual({ r1: 27, r2: 30, r3: 23, r4: 12 });
    expect(
      changes.every(
        (change, index) => index === 0 || change.time >= (changes[index - 1]?.time ?? 0n),
      ),
    ).toBe(true);
  });

  it('finds the holds that expired in isis-ring and the cut link', () => {
    const changes = readIsisLogs(log('isis-ring'));
    const down = changes.filter((change) => change.state === 'down');
    expect(
      countBy(down, (change) => `${change.router} ${change.interface} ${change.reason}`),
    ).toEqual({
      'r3 to2 holding time expired': 2,
      'r1 to4 holding time expired': 1,
      'r4 to1 holding time expired': 1,
      'r3 to4 circuit is being brought down': 1,
      'r4 to3 circuit is being brought down': 1,
      'r1 to2a holding time expired': 1,
      'r1 to2b holding time expired': 2,
    });
  });

  it('finds losses only in VLAN 20 of vlan-twins', () => {
    const lost = readIsisLogs(log('vlan-twins')).filter((change) => change.previous === 'up');
    expect(lost.map((change) => `${change.router} ${change.state}`)).toEqual([
      'right20 down',
      'left20 init',
    ]);
  });
});

describe('ospfd', () => {
  it('reads a line in full', () => {
    const line =
      '2026/11/21 02:19:18.941905 OSPF: [Y05P2-YJVXY] AdjChg: Nbr 10.255.0.4, NbrIP 10.0.34.2 (default) on to4:10.0.34.1: Init -> ExStart (2-WayReceived)';
    expect(parseOspfLog(line, 'r3')).toEqual([
      {
        time: 1795227558941905000n,
        router: 'r3',
        neighborId: '10.255.0.4',
        neighborAddress: '10.0.34.2',
        interface: 'to4',
        interfaceAddress: '10.0.34.1',
        previous: 'init',
        state: 'exstart',
        event: '2-WayReceived',
      },
    ]);
  });

  it('finds the 106 lines of ospf-lan', () => {
    const changes = readOspfLogs(log('ospf-lan'));
    expect(changes).toHaveLength(106);
    expect(countBy(changes, (change) => change.router)).toEqual({ r1: 31, r2: 31, r3: 33, r4: 11 });
  });

  it('finds the loss between fra1 and cust1 in demo', () => {
    const lost = readOspfLogs(log('demo')).filter((change) => change.previous === 'full');
    expect(lost.map(({ router, state, event }) => `${router} ${state} ${event}`)).toEqual([
      'cust1 deleted InactivityTimer',
      'fra1 init 1-WayReceived',
    ]);
  });
});

describe('bgpd', () => {
  it('reads lines in full', () => {
    const down =
      '2026/11/21 02:21:10.774006 BGP: [PXVXG-TFNNT] %ADJCHANGE: neighbor 10.1.0.2(f2) in vrf default Down NSF peer closed the session';
    const up =
      '2026/11/21 02:19:19.404137 BGP: [N9HHH-F8H1M] %ADJCHANGE: neighbor 10.2.0.2(Unknown) in vrf default Up';
    expect(parseBgpLog(`${down}\n${up}`, 'f1')).toEqual([
      {
        time: 1795227670774006000n,
        router: 'f1',
        neighbor: '10.1.0.2',
        hostname: 'f2',
        vrf: 'default',
        state: 'down',
        reason: 'NSF peer closed the session',
      },
      {
        time: 1795227559404137000n,
        router: 'f1',
        neighbor: '10.2.0.2',
        vrf: 'default',
        state: 'up',
        reason: '',
      },
    ]);
  });

  it('reads a notification with its shutdown message', () => {
    const line =
      '2026/11/21 02:21:30.993480 BGP: [H7QV4-WR3ZD] %NOTIFICATION: sent to neighbor 10.2.0.2 6/2 (Cease/Administrative Shutdown) "maintenance window 42"';
    expect(parseBgpNotifications(line, 'f1')).toEqual([
      {
        time: 1795227690993480000n,
        router: 'f1',
        direction: 'sent',
        neighbor: '10.2.0.2',
        code: 6,
        subcode: 2,
        name: 'Cease/Administrative Shutdown',
        text: 'maintenance window 42',
      },
    ]);
  });

  it('finds the 27 lines of bgp-basic', () => {
    const changes = readBgpLogs(log('bgp-basic'));
    expect(countBy(changes, (change) => change.router)).toEqual({ f1: 16, f2: 11 });
  });

  it('finds the shutdown message of demo, once for each family', () => {
    const texts = readBgpNotifications(log('demo')).filter((one) => one.text !== '');
    expect(texts.map(({ router, neighbor, text }) => `${router} ${neighbor} ${text}`)).toEqual([
      'lon1 172.16.0.2 fibre work in Docklands, back at 02:00 UTC, ticket 4711',
      'lon1 2001:db8:f::2 fibre work in Docklands, back at 02:00 UTC, ticket 4711',
    ]);
  });
});
