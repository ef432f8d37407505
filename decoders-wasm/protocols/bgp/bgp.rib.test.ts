/** The RIB of the rows equals the daemons' own tables at each table's own time, also after breaks. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RibOfRows } from './rib-of-rows.ts';
import { codesOf, decode, feed, type Frames, makeInstance, readFrames, RowSink, type Tables } from './testing.ts';
import { captures, compareAll, type Comparison } from './truth.ts';

const LINKS = ['l1', 'l2', 'l3', 'l4'];

/**
 * Where the wire and a daemon's table differ for a reason of the daemon's:
 * FRR shows no received routes of a session that is down, though it keeps the 16 stale ones (04-gr-stale);
 * GoBGP still prints what it would advertise on a session that is down.
 */
const DAEMON_REASONS = new Map([
  ['gr-stale f1 received 10.1.0.2>10.1.0.1', 16],
  ['gr-stale g1 advertised 10.3.0.2>10.3.0.1', 16],
  ['shutdowns g1 advertised 10.4.0.2>10.4.0.1', 15],
]);
/** b1 refuses g1's two IPv6 prefixes: their next hop is ::ffff:10.4.0.2. */
const REFUSED_BY_B1 = ['extra 2001:db8:60::/48', 'extra 2001:db8:c0de::/48'];

function judge(comparisons: readonly Comparison[]) {
  const wrong: string[] = [];
  let equal = 0;
  let exempt = 0;
  for (const one of comparisons) {
    const left = one.name.includes('b1 all 10.4.0.2>') ? one.problems.filter((problem) => !REFUSED_BY_B1.includes(problem)) : one.problems;
    if (left.length === 0) equal++;
    else if (left.length === DAEMON_REASONS.get(one.name)) exempt++;
    else wrong.push(`${one.name}: ${left.slice(0, 3).join('; ')}`);
  }
  return { wrong, equal, exempt };
}

describe('bgp-basic, captured from before the sessions', () => {
  let frames: Frames;
  let tables: Tables;
  beforeAll(async () => {
    frames = await readFrames(LINKS.map((link) => join(captures, `${link}.full.pcap.gz`)));
    tables = decode(frames).tables;
  });

  it('equals received, advertised and adj-in tables of four daemons at nine moments', () => {
    const comparisons = compareAll(new RibOfRows(tables));
    const { wrong, equal, exempt } = judge(comparisons);
    expect(wrong).toEqual([]);
    expect({ equal, exempt }).toEqual({ equal: comparisons.length - 3, exempt: 3 });
    expect(comparisons.length).toBeGreaterThan(140);
  });

  it('marks the routes of a restarting router stale, with one row a direction and family', () => {
    const marks = tables.get('rib_marks')!;
    const stale = marks.filter((row) => row['mark'] === 'stale').map((row) => `${String(row['sender'])} ${String(row['afi_safi'])} ${String(row['routes'])}`);
    expect(stale).toEqual(['2001:db8:1::2 ipv6-unicast 1', '10.3.0.1 ipv4-unicast 17', '10.3.0.1 ipv6-unicast 3', '10.1.0.2 ipv4-unicast 16']);
    // f2's new OPEN has the F bit clear (RFC 4724 section 4.2).
    const swept = marks.filter((row) => row['mark'] === 'sweep').map((row) => row['reason']);
    expect(new Set(swept)).toEqual(new Set(['forwarding-state-lost']));
  });

  it('gives the same rows when every module state is exported and imported under another seed', () => {
    const whole = new RowSink();
    const unbroken = makeInstance(frames, 1n);
    feed(unbroken, frames.records, whole);
    for (const step of [1, 500]) {
      const sink = new RowSink();
      let instance = makeInstance(frames, 99n);
      for (let at = 0; at < frames.records.length; at += step) {
        feed(instance, frames.records, sink, at, Math.min(at + step, frames.records.length));
        const state = instance.exportState();
        const next = makeInstance(frames, BigInt(at) * 7919n);
        next.importState(state);
        if (at % 37 === 0) expect(Buffer.from(next.exportState()).equals(Buffer.from(state)), `export after frame ${at}`).toBe(true);
        instance = next;
      }
      for (const [table, bytes] of whole.raw()) expect(sink.raw().get(table)?.equals(bytes), `${table}, breaks every ${step} frames`).toBe(true);
      expect(Buffer.from(instance.exportState()).equals(Buffer.from(unbroken.exportState()))).toBe(true);
    }
  });

  it('gives the same rows in any batch size', () => {
    const bytesAt = (size: number) => {
      const sink = new RowSink();
      feed(makeInstance(frames), frames.records, sink, 0, frames.records.length, size);
      return sink.raw();
    };
    const one = bytesAt(1);
    for (const [table, bytes] of bytesAt(2000)) expect(one.get(table)?.equals(bytes), table).toBe(true);
  });
});

describe('bgp-basic, captured from amid the sessions', () => {
  it('never says anything wrong: what is missing was announced before, and after a reset all is there', async () => {
    const frames = await readFrames(['l1', 'l3'].map((link) => join(captures, `${link}.mid.pcap.gz`)));
    const { tables } = decode(frames);
    const seen = ['10.1.0.1>10.1.0.2', '10.1.0.2>10.1.0.1', '2001:db8:1::1>2001:db8:1::2', '2001:db8:1::2>2001:db8:1::1', '10.3.0.1>10.3.0.2', '10.3.0.2>10.3.0.1'];
    const comparisons = compareAll(new RibOfRows(tables)).filter((one) => seen.includes(one.session));
    const notMissing = comparisons.flatMap((one) => one.problems.filter((problem) => !problem.startsWith('missing')).map((problem) => `${one.name}: ${problem}`));
    expect(notMissing).toEqual([]);
    // l1 and l3 are reset by f2's kill -9 at 02:21:10: from then on the tables are whole.
    const after = comparisons.filter((one) => ['gr-done', 'shutdowns', 'after-loss', 'final'].includes(one.label));
    expect(after.flatMap((one) => one.problems)).toEqual([]);
    expect(after.length).toBeGreaterThan(30);
  });

  it('infers 4-byte AS numbers and ADD-PATH, says so, and marks first sights as initial', async () => {
    const frames = await readFrames([join(captures, 'l1.mid.pcap.gz')]);
    const { tables } = decode(frames);
    const first = tables.get('session_events')!.find((row) => row['router'] === '10.1.0.1')!;
    expect(first).toMatchObject({ prev_state: 'unknown', state: 'established', reason: 'first-seen', initial: true, confidence: 'inferred' });
    const change = tables.get('route_changes')!.find((row) => row['receiver'] === '10.1.0.1')!;
    expect(change).toMatchObject({ initial: true, change_class: 'tup' });
    expect(Number(change['path_id'])).toBeGreaterThan(0);
    expect(codesOf(frames).taps.size).toBe(1);
  });
});
