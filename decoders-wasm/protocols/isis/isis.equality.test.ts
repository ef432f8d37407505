/** Adjacency rows equal isisd's own logs over the committed labs, as INFERENCE words it: what differs is named and counted. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../contract/row-reader.ts';
import { decodeToRows } from '../../../infra/lab/decode.ts';
import { readIsisLogs } from '../../../infra/lab/truth/frr-log.ts';
import { declaredStates } from './declared.ts';
import { type Line, lineText, linesOf, matchLines, rowText, tally } from './truth-match.ts';

const captures = join(import.meta.dirname, '../../../infra/lab/captures');
/** The tolerance of the equality, and how far a starting daemon may lag behind the wire. */
const WINDOW_MS = 10;
const START_LAG_MS = 50;

/** Adjacency rows of the IS-IS frames in `files`, in order of decision. */
async function adjacencyRows(lab: string, files: readonly string[]): Promise<Row[]> {
  const { rows } = await decodeToRows(files.map((file) => join(captures, lab, file)));
  return (rows.get('adjacency_events') ?? []).filter((row) => row['protocol'] === 'isis');
}

const seconds = (clock: string): bigint => BigInt(Date.parse(`2026-11-21T${clock}Z`)) * 1_000_000n;

describe('isis-lan3: 92 lines of r1..r4', () => {
  const lines = linesOf(readIsisLogs(join(captures, 'isis-lan3/log')));
  const lastFrame = seconds('02:22:11.360');
  let rows: Row[] = [];
  beforeAll(async () => {
    rows = await adjacencyRows('isis-lan3', ['lan0.pcap.gz']);
  });

  it('gives 67 lines within 10 ms, one row each, and 2 more that a starting daemon logged 22 ms late', () => {
    const close = matchLines(lines, rows, WINDOW_MS);
    expect(lines).toHaveLength(92);
    expect(close.pairs).toHaveLength(67);
    const lagging = matchLines(lines, rows, START_LAG_MS);
    expect(lagging.pairs).toHaveLength(69);
    const late = lagging.pairs.filter(({ offByNs }) => Math.abs(offByNs) > WINDOW_MS * 1e6);
    expect(late.map(({ line }) => lineText(line))).toEqual([
      'r1>r2 L1 down>init unspecified', 'r1>r2 L2 down>init unspecified',
    ]);
    expect(late.every(({ line }) => line.time < seconds('02:19:16'))).toBe(true);
  });

  it('leaves out by name: 5 of r2 at SIGTERM, 5 of r3 at carrier loss, 13 after the last frame', () => {
    const { missing } = matchLines(lines, rows, START_LAG_MS);
    const cause = (line: Line): string => line.time > lastFrame ? 'after the last frame'
      : line.time > seconds('02:21:47') ? 'carrier down' : line.time > seconds('02:20:51') ? 'SIGTERM' : 'other';
    expect(missing.every((line) => line.reason === 'circuit is being brought down')).toBe(true);
    expect(tally(missing.map((line) => `r${Number(line.router.slice(-4))} ${cause(line)}`))).toEqual({
      'r2 SIGTERM': 5, 'r3 carrier down': 5,
      'r1 after the last frame': 5, 'r2 after the last frame': 5, 'r4 after the last frame': 3,
    });
  });

  it('gives 9 rows more, all router-silent, in views of routers whose daemon was dead', () => {
    const { extra } = matchLines(lines, rows, START_LAG_MS);
    expect(extra.map(rowText)).toEqual([
      'r3>r1 L1 up>down router-silent', 'r3>r2 L1 up>down router-silent',
      'r3>r1 L2 up>down router-silent', 'r3>r2 L2 up>down router-silent',
      'r2>r1 L2 up>down router-silent', 'r2>r3 L2 up>down router-silent', 'r2>r4 L2 up>down router-silent',
      'r2>r1 L1 up>down router-silent', 'r2>r3 L1 up>down router-silent',
    ]);
  });

  it('dates hold expiry within 0.5 ms and back-dates two adjacencies to the hello before the router spoke', () => {
    const { pairs } = matchLines(lines, rows, WINDOW_MS);
    const expired = pairs.filter(({ row }) => row['reason'] === 'hold-timer-expired');
    expect(expired).toHaveLength(5);
    expect(Math.max(...expired.map(({ offByNs }) => Math.abs(offByNs)))).toBeLessThan(500_000);
    const declared = pairs.filter(({ row }) => row['reason'] === 'declared-by-router');
    expect(declared.map(({ row }) => rowText(row))).toEqual(expect.arrayContaining([
      'r2>r1 L2 down>init declared-by-router', 'r3>r1 L2 down>init declared-by-router',
    ]));
    expect(declared.every(({ row }) => (row['time'] as bigint) < (row['decided_time'] as bigint))).toBe(true);
  });
});

describe('isis-ring: point-to-point, one-way loss, wrong key, cut link, kill -9, parallel links', () => {
  const files = ['r1-r2a', 'r1-r2b', 'r2-r3', 'r3-r4', 'r4-r1'].map((name) => `${name}.pcap.gz`);
  const lines = linesOf(readIsisLogs(join(captures, 'isis-ring/log')));
  let rows: Row[] = [];
  beforeAll(async () => {
    rows = await adjacencyRows('isis-ring', files);
  });
  /** Interfaces are called after the far end, and after the link where two are parallel. */
  const sameLink = (line: Line, row: Row): boolean => {
    const parallel = /r1-r2([ab])/.exec(String(row['link']))?.[1] ?? '';
    return line.interface === `to${Number(line.neighbor.slice(-4))}${parallel}`;
  };

  it('gives every line at both levels within 10 ms but four, each named', () => {
    const { pairs, missing } = matchLines(lines, rows, WINDOW_MS, sameLink);
    expect(lines).toHaveLength(96);
    expect(pairs).toHaveLength(92);
    expect(missing.map(lineText)).toEqual([
      // The wrong key: r1's Down, refused by r4 as well, passes the tap 41 ms after r4's own expiry and before r4 says so.
      'r4>r1 L1 up>down holding time expired', 'r4>r1 L2 up>down holding time expired',
      // Carrier: no frame says so.
      'r3>r4 L2 up>down circuit is being brought down', 'r4>r3 L2 up>down circuit is being brought down',
    ]);
  });

  it('gives 22 rows more, each for something that isisd does not log or could not', () => {
    const { extra } = matchLines(lines, rows, WINDOW_MS, sameLink);
    expect(tally(extra.map((row) => rowText(row).replace(/ L[12]/, '')))).toEqual({
      // RFC 5303: r2 hears r3's Down and goes to init, which it declares and FRR does not log.
      'r2>r3 up>init neighbor-restarted': 2, 'r2>r3 init>up three-way-received': 2,
      // The wrong key (see above): through init, then down by r4's own word.
      'r4>r1 up>init neighbor-restarted': 2, 'r4>r1 init>down hello-refused': 2,
      // The cut link: seen when both speak again after 10 s.
      'r3>r4 up>down router-restarted': 1, 'r4>r3 up>down router-restarted': 1,
      // r2 killed on three links; later its hellos on one of the parallel links are lost before the tap.
      'r2>r1 up>down router-silent': 6, 'r2>r3 up>down router-silent': 2,
      'r2>r1 down>init declared-by-router': 2, 'r2>r1 init>up three-way-received': 2,
    });
  });

  it('has r2 on its side where isisd logs nothing: r2 itself declares init from r3\'s Down on, and r4 takes r1 back only by its own word', async () => {
    const at = (row: Row | undefined): bigint => row!['time'] as bigint;
    const r2 = (await declaredStates(join(captures, 'isis-ring/r2-r3.pcap.gz'), '0000.0000.0002'));
    const lost = at(rows.find((row) => rowText(row) === 'r2>r3 L2 up>init neighbor-restarted'));
    const back = rows.find((row) => rowText(row) === 'r2>r3 L2 init>up three-way-received' && at(row) > lost);
    const between = r2.filter(({ time }) => time > lost && time < at(back));
    expect(between.length).toBeGreaterThan(1);
    expect(new Set(between.map(({ state }) => state))).toEqual(new Set(['init']));
    expect(r2.find(({ time }) => time > at(back))?.state).toBe('up');
    // The wrong key: r4 says Down in the hello that decides, so it never was in init as r1's Down would have made it.
    const r4 = (await declaredStates(join(captures, 'isis-ring/r4-r1.pcap.gz'), '0000.0000.0004'));
    const refusal = rows.find((row) => rowText(row) === 'r4>r1 L2 init>down hello-refused')!;
    expect(r4.find(({ time }) => time === refusal['decided_time'])?.state).toBe('down');
    expect(r4.some(({ time, state }) => state === 'init' && time > at(refusal) - 3_000_000_000n && time <= (refusal['decided_time'] as bigint))).toBe(false);
    // Its row comes less than 50 ms after isisd's own line, which no frame marks.
    const logged = lines.find((line) => lineText(line) === 'r4>r1 L2 up>down holding time expired')!;
    expect(Number(at(refusal) - logged.time) / 1e6).toBeLessThan(50);
  });

  it('keeps the parallel links apart: only the second loses r2 at 11:46:35', () => {
    const lost = rows.filter((row) => row['reason'] === 'hold-timer-expired' && (row['time'] as bigint) > seconds('11:46:30'));
    expect(lost.map((row) => `${rowText(row)} ${String(row['link'])}`)).toEqual([
      expect.stringMatching(/r1>r2 L1 .*r1-r2b/), expect.stringMatching(/r1>r2 L2 .*r1-r2b/),
    ]);
  });

  it('dates the refusal of a wrong key to the hold of the last hello that was accepted', () => {
    const refused = rows.filter((row) => row['reason'] === 'hello-refused' && row['router'] === '0000.0000.0001');
    expect(refused.map((row) => row['state'])).toEqual(['down', 'down']);
    const off = Number((refused[0]!['time'] as bigint) - seconds('11:45:16.563')) / 1e6;
    expect(Math.abs(off)).toBeLessThan(WINDOW_MS);
  });
});

describe('vlan-twins: the same addresses in VLAN 10 and 20', () => {
  const changes = readIsisLogs(join(captures, 'vlan-twins/log'));
  let rows: Row[] = [];
  beforeAll(async () => {
    rows = await adjacencyRows('vlan-twins', ['trunk.pcap.gz']);
  });

  it('gives every line within 10 ms in its VLAN and no row more', () => {
    const system = (name: string): string => (name.startsWith('left') ? '0000.0000.0001' : '0000.0000.0002');
    const lines = linesOf(changes).map((line, index) => {
      const router = changes[index]!.router;
      return {
        ...line, interface: router.slice(-2), router: system(router),
        neighbor: system(router) === '0000.0000.0001' ? '0000.0000.0002' : '0000.0000.0001',
      };
    });
    const { pairs, missing, extra } = matchLines(lines, rows, WINDOW_MS, (line, row) => String(row['vlan']) === line.interface);
    expect(missing.map(lineText)).toEqual([]);
    expect(pairs).toHaveLength(13);
    expect(extra.map(rowText)).toEqual([]);
  });
});

describe('demo: par1, ams1 and fra1 on a LAN, lon1 on two point-to-point links', () => {
  const ids = new Map(readdirSync(join(captures, 'demo/config')).filter((name) => name.endsWith('.isisd.conf')).map((name) => {
    const text = readFileSync(join(captures, 'demo/config', name), 'utf8');
    return [/hostname (\S+)/.exec(text)![1]!, /net \S\S\.\S{4}\.(\S+)\.00/.exec(text)![1]!] as const;
  }));
  const lines = linesOf(readIsisLogs(join(captures, 'demo/log')), (name) => ids.get(name) ?? name);
  const files = ['core-lan', 'par1-lon1', 'ams1-lon1', 'fra1-cust1', 'lon1-transit1', 'ams1-peer1'].map((name) => `${name}.pcap.gz`);
  /** par1's daemons are killed with SIGKILL and started again. */
  const [killed, restarted] = [seconds('11:45:23.663'), seconds('11:45:39.666')];
  let rows: Row[] = [];
  beforeAll(async () => {
    rows = await adjacencyRows('demo', files);
  });
  const sameLink = (line: Line, row: Row): boolean => (line.interface === 'lan') === (row['link'] === 'core-lan');

  it('gives every one of the 38 lines within 10 ms, one row each', () => {
    expect([...ids.values()].toSorted()).toEqual([1, 2, 3, 4].map((n) => `0100.0000.000${n}`));
    const { pairs, missing } = matchLines(lines, rows, WINDOW_MS, sameLink);
    expect(lines).toHaveLength(38);
    expect(missing.map(lineText)).toEqual([]);
    expect(Math.max(...pairs.map(({ offByNs }) => Math.abs(offByNs))) / 1e6).toBeLessThan(5);
  });

  it('gives 3 rows more for par1, which was dead, and 2 that ams1 itself declares and isisd does not log', async () => {
    const { extra } = matchLines(lines, rows, WINDOW_MS, sameLink);
    expect(extra.map(rowText)).toEqual([
      // RFC 5303: lon1's Down takes ams1 to init, which it says in its own hellos until lon1 hears it again.
      'r2>r4 L2 up>init neighbor-restarted', 'r2>r4 L2 init>up three-way-received',
      'r1>r4 L2 up>down router-silent', 'r1>r2 L2 up>down router-silent', 'r1>r3 L2 up>down router-silent',
    ]);
    const time = (row: Row): bigint => row['time'] as bigint;
    const [lost, back, ...silent] = extra;
    expect(silent.every((row) => time(row) > killed && time(row) < restarted)).toBe(true);
    const declared = await declaredStates(join(captures, 'demo/ams1-lon1.pcap.gz'), '0100.0000.0002');
    const between = declared.filter((one) => one.time > time(lost!) && one.time < time(back!));
    expect(between.length).toBeGreaterThan(1);
    expect(between.every(({ state }) => state === 'init')).toBe(true);
  });
});
