/** Entries to and exits from `established` in the views of f1 and f2 equal the log lines of FRR (INFERENCE part 2, bgp-basic). */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readBgpLogs } from '../../../infra/lab/truth/frr-log.ts';
import { bootOf, decode, readFrames, type Tables } from './testing.ts';
import { captures } from './truth.ts';
import { matchSessions, sessionSteps, type SessionStep } from './truth-match.ts';

const TOLERANCE_NS = 10_000_000n;
const NODES: Readonly<Record<string, readonly string[]>> = { f1: ['10.1.0.1', '10.2.0.1', '2001:db8:1::1'], f2: ['10.1.0.2', '10.3.0.1', '2001:db8:1::2'] };

let tables: Tables;
let lastFrame: bigint;
let steps: SessionStep[];

beforeAll(async () => {
  const frames = await readFrames(['l1', 'l2', 'l3', 'l4'].map((link) => join(captures, `${link}.full.pcap.gz`)));
  lastFrame = bootOf(frames.records.at(-1)!);
  tables = decode(frames).tables;
  steps = sessionSteps(tables.get('session_events')!, (address) => Object.keys(NODES).find((node) => NODES[node]!.includes(address)));
});

describe('bgp-basic: 27 ADJCHANGE lines of f1 and f2', () => {
  it('has 22 of them within 10 ms and in order, 5 come after the last frame, and 3 rows more than the log', () => {
    const lines = readBgpLogs(join(captures, 'log'));
    expect(lines.length).toBe(27);
    const after = lines.filter((line) => line.time > lastFrame);
    expect(after.length).toBe(5);
    const { pairs, missing, extra } = matchSessions(lines.filter((one) => one.time <= lastFrame), steps, TOLERANCE_NS);
    expect(missing.map((line) => `${line.router} ${line.neighbor} ${line.state} ${line.reason}`)).toEqual([]);
    expect(pairs.length).toBe(22);
    // f2 was killed with SIGKILL: it could log nothing, its own views end by the FIN that its kernel sent.
    expect(extra.map((step) => `${step.router} ${step.neighbor} ${step.state} ${step.reason}`).toSorted()).toEqual([
      'f2 10.1.0.1 down tcp-fin', 'f2 10.3.0.2 down tcp-fin', 'f2 2001:db8:1::1 down tcp-fin',
    ]);
  });

  it('times hold expiry by what the receiver acknowledged, not by what passed the tap (l3 blackhole)', () => {
    const expiries = tables.get('session_events')!.filter((row) => row['reason'] === 'hold-timer-expired')
      .map((row) => `${String(row['router'])} ${String(row['evidence'])} ${new Date(Number((row['time'] as bigint) / 1_000_000n)).toISOString().slice(11, 23)}`);
    expect(expiries).toEqual(['10.2.0.1 timer 02:20:32.215', '10.3.0.2 timer 02:20:55.402', '10.3.0.1 timer 02:20:55.454']);
  });

  it('does not let the NOTIFICATION of the dead connection touch the new session', () => {
    const views = tables.get('session_events')!.filter((row) => ['10.3.0.1', '10.3.0.2'].includes(String(row['router']))
      && (row['time'] as bigint) > 1795227661000000000n && (row['time'] as bigint) < 1795227670000000000n);
    expect(views).toEqual([]);
  });

  it('tells who ended a session and with which words', () => {
    const ends = tables.get('session_events')!.filter((row) => row['shutdown_text'] !== '')
      .map((row) => `${String(row['router'])} ${String(row['reason'])} ${String(row['code'])}/${String(row['subcode'])} ${String(row['shutdown_text'])}`);
    expect(ends).toEqual(['10.2.0.1 notification-sent 6/2 maintenance window 42', '10.2.0.2 notification-received 6/2 maintenance window 42']);
  });

  it('counts refused connects and gives no rows for them', () => {
    const opened = tables.get('session_events')!.filter((row) => row['state'] === 'connect');
    const established = tables.get('session_events')!.filter((row) => row['state'] === 'established');
    expect(established.length).toBe(opened.length * 2);
  });
});
