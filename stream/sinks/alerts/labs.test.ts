/** The labs' faults as alerts: each one that the wire shows, with its reason, and nothing else. */
import { describe, expect, it } from 'vitest';
import { alertsOfLab, secondsOf, testEngine, told } from './testing.ts';

const routerNames: Readonly<Record<string, string>> = { '0000.0000.0001': 'r1', '0000.0000.0002': 'r2', '0000.0000.0003': 'r3', '0000.0000.0004': 'r4' };
const short = (line: string): string => line.replaceAll(/0000\.0000\.000\d/g, (id) => routerNames[id] ?? id);

describe('isis-lan3', () => {
  it('tells overload, area mismatch, the kill -9 of r3 and the end of r2, and nothing of metric, prefix, DIS change', async () => {
    const alerts = await alertsOfLab('isis-lan3');
    expect(told(alerts).map(short)).toEqual([
      'firing router-overloaded r3 (overload)', 'resolved router-overloaded r3 (overload)', 'firing configuration-mismatch r4 -> r1 (area-mismatch)',
      'firing router-silent r3 (router-silent)', 'firing router-silent r2 (router-silent)', 'resolved router-silent r3 (router-silent)', 'resolved router-silent r2 (router-silent)',
    ]);
    // r3's last hello and its hold of 50 s: 02:21:07.096 by the daemons' own log.
    const [r3] = alerts.filter(({ notice }) => notice.rule === 'router-silent').map(({ notice }) => notice);
    expect(secondsOf(r3!.since)).toBeCloseTo(1795227667.096, 2);
    expect(secondsOf(r3!.changed - r3!.since)).toBeLessThan(1);
    expect(r3!.summary).toContain('lost all its isis adjacencies');
  });
});

describe('ospf-lan', () => {
  it('tells the kill -9 of the DR, the wrong key, the shutdown of r4 and the carrier of r2, each with its reason', async () => {
    const lost = told(await alertsOfLab('ospf-lan'));
    expect(lost).toEqual([
      'firing router-silent 10.255.0.1 (router-silent)', 'resolved router-silent 10.255.0.1 (router-silent)',
      'firing adjacency-lost 10.255.0.4 -> 10.255.0.3 (hello-refused)', 'resolved adjacency-lost 10.255.0.4 -> 10.255.0.3 (hello-refused)',
      'firing adjacency-lost 10.255.0.4 -> 10.255.0.3 (router-shutdown)', 'firing router-silent 10.255.0.2 (router-restarted)', 'resolved router-silent 10.255.0.2 (router-restarted)',
    ]);
  });
});

describe('bgp-basic', () => {
  it('tells each session that was cleared, expired, cut, shut down; the restart of f2 once its forwarding state is known to be lost', async () => {
    const lost = told(await alertsOfLab('bgp-basic', /\.full\.pcap\.gz$/)).filter((line) => !line.startsWith('resolved')).map((line) => line.replace('firing session-lost ', ''));
    expect(lost).toEqual([
      '10.2.0.1 -> 10.2.0.2 (notification-sent 6/4)', '10.2.0.1 -> 10.2.0.2 (hold-timer-expired)', '10.3.0.2 -> 10.3.0.1 (hold-timer-expired)',
      '10.1.0.2 -> 10.1.0.1 (tcp-fin)', '2001:db8:1::2 -> 2001:db8:1::1 (tcp-fin)', '10.3.0.1 -> 10.3.0.2 (tcp-fin)',
      '10.2.0.1 -> 10.2.0.2 (notification-sent 6/2 "maintenance window 42")', '10.4.0.2 -> 10.4.0.1 (notification-sent 6/2)',
      '10.3.0.2 -> 10.3.0.1 (notification-sent 6/3)', '10.4.0.2 -> 10.4.0.1 (notification-sent 6/3)',
    ]);
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
