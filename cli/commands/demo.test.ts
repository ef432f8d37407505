/** `routewatch demo --once`: the whole story, its summary, its addresses, and nothing left behind. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { routewatch } from '../testing.ts';

const anyTime = /20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d+/g;

/** Lines that the README shows of the demo, without times. */
function sample(): string[] {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const text = readme.slice(readme.indexOf('<!-- sample'), readme.indexOf('<!-- end of sample'));
  return text.split('\n').filter((line) => line.startsWith('    ')).map((line) => line.slice(4).replaceAll(anyTime, 'TIME')).filter((line) => line !== '...' && !line.startsWith('Replaying'));
}

it('tells the story line by line, sums up, gives the addresses and removes its data', async () => {
  const { code, out, err } = await routewatch(['demo', '--once', '--speed', '100']);
  expect([code, err]).toEqual([0, '']);
  for (const line of [
    /isis L2 topology: link par1 -> lon1 metric 10 -> 50\n/,
    / ! isis L2 lon1 \(0100\.0000\.0004\) -> ams1 \(0100\.0000\.0002\) on ams1-lon1: up -> down \(hello-refused\)\n/,
    / ! bgp 172\.16\.0\.1 AS64500 -> 172\.16\.0\.2 AS64496: established -> idle \(notification-sent 6\/2\) "fibre work in Docklands/,
    / bgp 172\.16\.0\.1: 45 ipv4-unicast routes from 172\.16\.0\.2 flush \(session-down\)\n/,
    /\n2206 packets read: isis 453, ospfv2 137, bgp 1560, arp 32, other-ip-protocol 8, icmp 16\n/,
    /\nAdjacencies now\nprotocol +state +views +routers\nisis +up +10 +4\nospfv2 +full +2 +2\n/,
    /\nNeighbours now\n(.*\n)+isis +par1 +0100\.0000\.0001 +3 +3 +3\n/,
    /\nRoutes now\n(.*\n)+172\.16\.0\.2 +172\.16\.0\.1 +ipv4-unicast +45 +0\n/,
    /\nTopology changes\n(.*\n)+isis +link +changed +3\n/,
    /\nSeen and not decoded, and protocol errors: none\n/,
    /\nWhat could not be seen: none\n/,
    /\nPage {3}http:\/\/127\.0\.0\.1:\d+\/?\nSQL {4}http:\/\/127\.0\.0\.1:\d+ {3}for example: curl /,
  ]) expect(out).toMatch(line);
  const said = out.replaceAll(anyTime, 'TIME');
  expect(sample().length).toBeGreaterThan(30);
  for (const line of sample()) expect(said, 'the README shows what the demo says').toContain(line);
  const directory = / data (\S+)\n/.exec(out)![1]!;
  expect(directory).toContain('routewatch-demo-');
  expect(existsSync(directory)).toBe(false);
  // Every line of an event begins with its time and a mark.
  const story = out.slice(out.indexOf('):\n\n') + 4, out.indexOf('\n\n2206 packets')).split('\n');
  expect(story.length).toBeGreaterThan(400);
  for (const line of story) expect(line).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [ +!?] \S/);
});
