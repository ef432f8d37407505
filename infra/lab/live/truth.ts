/**
 * Rows of the store against the daemons' own logs of a live run: settled states of each view in order, one row each, within
 * 10 ms. What is exempt, and which rows there may be beside the lines, is named here, each with its cause.
 */
import { join } from 'node:path';
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { matchSessions, sessionSteps } from '../../../decoders-wasm/protocols/bgp/truth-match.ts';
import { linesOf, matchLines } from '../../../decoders-wasm/protocols/isis/truth-match.ts';
import { compareSteps, stepsOfLog, stepsOfRows } from '../../../decoders-wasm/protocols/ospf/equality.ts';
import { readBgpLogs, readIsisLogs, readOspfLogs } from '../truth/frr-log.ts';
import { nodeOfAddress, nodes, ports, systemIds } from './network.ts';
import { cutOf, type Story, within } from './story.ts';

/** How far a row's time may be from the log line's. */
const WINDOW_NS = 10_000_000n;
/** How late a daemon that has just started may log, and for how long it counts as such. */
const START_LAG_NS = 50_000_000n;
const STARTING_NS = 5_000_000_000n;
/** From a restart or a whole link until both ends have spoken again. */
const AGAIN_NS = 12_000_000_000n;
const SECOND_NS = 1_000_000_000n;
/** Between two hellos of IS-IS, and some more. */
const HELLO_NS = 4_000_000_000n;

const FIRST_HELLO = 'isisd passes over the first hello of a starting router, which names no address';
const FIRST_SIGHT = 'a starting router took a hello before it sent one: its first lists the neighbour already (rule C6)';
const WHICH_HELLO = 'behind a cut a router that refused hellos lists its neighbour again: no frame says which of several it took first (rule C2)';

/** A log line without its row, or a row without its line. */
interface Odd {
  readonly time: bigint;
  /** Whose view, by name, and for IS-IS of whom. */
  readonly router: string;
  readonly neighbor?: string;
  readonly link?: string;
  readonly text: string;
  readonly reason: string;
}

/** A line and its row. */
interface Pair {
  readonly line: Odd;
  readonly row: Odd;
}

export interface Compared {
  readonly pairs: readonly Pair[];
  readonly missing: readonly Odd[];
  readonly extra: readonly Odd[];
}

/** What became of the log's lines and of the rows. */
export interface Equality {
  readonly equal: number;
  /** Lines without a row, and rows without a line, by the cause that explains them. */
  readonly exempt: Readonly<Record<string, number>>;
  readonly allowed: Readonly<Record<string, number>>;
  /** Those that nothing explains. */
  readonly unexplained: readonly string[];
  /** The largest distance of a row from its line, ns. */
  readonly farthestNs: bigint;
}

/**
 * Compares the rows of adjacency_events and session_events, in order of decision, with the logs in `out`/log. On a machine
 * that is `isBusy`, frames wait between tap and daemon: lines may then be as late as those of a starting daemon.
 */
export function equality(story: Story, out: string, rows: { readonly adjacencies: readonly Row[]; readonly sessions: readonly Row[] }, isBusy = false): Equality {
  const during = (row: Row): boolean => (row['time'] as bigint) <= story.run.to;
  const adjacencies = rows.adjacencies.filter(during);
  const logs = join(out, 'log');
  const { to } = story.run;
  const compared = [isis(logs, adjacencies, to), ospf(logs, adjacencies, to), bgp(logs, rows.sessions.filter(during), to)];
  const tally = { exempt: {} as Record<string, number>, allowed: {} as Record<string, number>, unexplained: [] as string[] };
  const add = (cause: string, into: Record<string, number>, times = 1): void => { if (times > 0) into[cause] = (into[cause] ?? 0) + times; };
  const count = (odd: Odd, cause: string | undefined, into: Record<string, number>, what: string): void => {
    if (cause === undefined) tally.unexplained.push(`${what} ${clock(odd.time)} ${odd.text} (${odd.reason})`);
    else add(cause, into);
  };
  let equal = 0;
  let farthestNs = 0n;
  for (const one of compared) {
    const { pairs, missing, extra, late, otherwise } = sorted(one, story, isBusy);
    equal += pairs.length;
    for (const { line, row } of pairs) if (apart(line, row) > farthestNs) farthestNs = apart(line, row);
    add(isBusy ? 'up to 50 ms late, as the machine had more to do than CPUs' : 'a daemon that was just starting logged late', tally.exempt, late);
    for (const [cause, times] of Object.entries(otherwise)) add(cause, tally.exempt, times);
    for (const line of missing) count(line, whyNoRow(line, story), tally.exempt, 'no row for the line');
    for (const row of extra) count(row, whyNoLine(row, story), tally.allowed, 'no line for the row');
  }
  return { equal, ...tally, farthestNs };
}

/** How many lines are late; and by cause, those that a row tells of otherwise. */
interface Sorted extends Compared {
  readonly late: number;
  readonly otherwise: Readonly<Record<string, number>>;
}

/** Pairs within the window; those beyond are a daemon's late line, or are none. */
function sorted(compared: Compared, story: Story, isBusy: boolean): Sorted {
  const [near, far] = [true, false].map((isNear) => compared.pairs.filter(({ line, row }) => apart(line, row) <= WINDOW_NS === isNear)) as [Pair[], Pair[]];
  const late = far.filter(({ line, row }) => line.time > row.time && (isBusy || hasJustStarted(line.time, line.router, story)));
  const none = far.filter((pair) => !late.includes(pair));
  const missing = [...compared.missing, ...none.map(({ line }) => line)];
  const extra = [...compared.extra, ...none.map(({ row }) => row)];
  const byCause = Object.entries({ [FIRST_HELLO]: passedOver, [FIRST_SIGHT]: firstSight, [WHICH_HELLO]: listedAgain }).map(([cause, find]) => ({ cause, found: find(missing, extra, story) }));
  const told = byCause.flatMap(({ found }) => found);
  return {
    pairs: near, late: late.length, otherwise: Object.fromEntries(byCause.map(({ cause, found }) => [cause, found.length])),
    missing: missing.filter((line) => !told.some((pair) => pair.line === line)), extra: extra.filter((row) => !told.some((pair) => pair.row === row)),
  };
}

/**
 * isisd sends its first hello before it knows its addresses, and takes none that names no address: the adjacency that the
 * hello makes by ISO 10589 comes with the next one.
 */
function passedOver(missing: readonly Odd[], extra: readonly Odd[], story: Story): Pair[] {
  return missing.flatMap((line) => {
    if (line.neighbor === undefined || !line.text.endsWith(' down -> init') || !hasJustStarted(line.time, line.neighbor, story)) return [];
    const row = extra.find((one) => one.text === line.text && one.time < line.time && line.time - one.time < HELLO_NS);
    return row === undefined ? [] : [{ line, row }];
  });
}

/** Nobody knows that a router is there before it speaks: where its first hello lists a neighbour, the row is `unknown -> init`. */
function firstSight(missing: readonly Odd[], extra: readonly Odd[], story: Story): Pair[] {
  return missing.flatMap((line) => {
    if (!line.text.endsWith(' down -> init') || !hasJustStarted(line.time, line.router, story)) return [];
    const text = line.text.replace(/down -> init$/, 'unknown -> init');
    const row = extra.find((one) => one.text === text && one.reason === 'first-seen' && one.time >= line.time && one.time - line.time < HELLO_NS);
    return row === undefined ? [] : [{ line, row }];
  });
}

/** A view that was `hello-refused` follows what its router declares: its `init` is dated to the last hello that it may have taken. */
function listedAgain(missing: readonly Odd[], extra: readonly Odd[], story: Story): Pair[] {
  return missing.flatMap((line) => {
    if (!line.text.endsWith(' down -> init') || !within(line.time, cutOf(story, line.router, line.link), AGAIN_NS)) return [];
    const row = extra.find((one) => one.text === line.text && one.reason === 'declared-by-router' && one.time > line.time && one.time - line.time < HELLO_NS);
    return row === undefined ? [] : [{ line, row }];
  });
}

function apart(line: Odd, row: Odd): bigint {
  return line.time > row.time ? line.time - row.time : row.time - line.time;
}

/** Why no frame says what a line says. */
function whyNoRow({ time, router, reason, link }: Odd, story: Story): string | undefined {
  const isLocal = /^(circuit is being brought down|KillNbr|Interface down)/.test(reason);
  if (isLocal && within(time, cutOf(story, router, link), SECOND_NS)) return 'the carrier was lost: the router says it to nobody';
  return undefined;
}

/** Why a daemon did not log what a row says. */
function whyNoLine({ time, router, neighbor, reason, link, text }: Odd, story: Story): string | undefined {
  // It made an adjacency by ISO 10589, which then was not listed.
  if (neighbor !== undefined && hasJustStarted(time, neighbor, story) && /(down -> init|init -> down)$/.test(text)) return FIRST_HELLO;
  if (within(time, story.dead.get(router), AGAIN_NS) && /^(router-silent|router-restarted|tcp-fin|tcp-rst)$/.test(reason)) return 'the router was dead';
  const cut = cutOf(story, router, link);
  // What an end says as its carrier goes is dated like a refusal: to the hello whose deadline it may have been.
  if (within(time, cut.map(({ from, to }) => ({ from: from - HELLO_NS, to })), AGAIN_NS)) {
    if (/^router-(silent|restarted)$/.test(reason)) return 'the link was cut';
    if (/^(hello-refused|neighbor-restarted)$/.test(reason)) return 'both ends said Down into the cut link';
  }
  if (within(time, story.keysDiffer, SECOND_NS) && text.endsWith(' init')) return 'another key: passed through init';
  return undefined;
}

function hasJustStarted(time: bigint, router: string, { starts }: Story): boolean {
  return (starts.get(router) ?? []).some((start) => time >= start && time <= start + STARTING_NS);
}

function isis(logs: string, rows: readonly Row[], end: bigint): Compared {
  const changes = readIsisLogs(logs).filter(({ time }) => time <= end);
  const named = new Map([...systemIds].map(([name, id]) => [id, name]));
  const name = (id: unknown): string => named.get(String(id)) ?? String(id);
  const linkOf = (router: string, ifname: string): string | undefined => ports.find((port) => port.node === router && port.interface === ifname)?.link;
  const lines = linesOf(changes, (node) => systemIds.get(node) ?? node);
  const { pairs, missing, extra } = matchLines(lines, rows.filter(({ protocol }) => protocol === 'isis'), Number(START_LAG_NS) / 1e6, (line, row) => row['link'] === linkOf(name(line.router), line.interface));
  const ofRow = (row: Row): Odd => ({
    time: row['time'] as bigint, router: name(row['router']), neighbor: name(row['neighbor']), link: String(row['link']), reason: String(row['reason']),
    text: `isis ${name(row['router'])} -> ${name(row['neighbor'])} ${String(row['prev_state'])} -> ${String(row['state'])}`,
  });
  const ofLine = (line: (typeof lines)[number]): Odd => ({
    time: line.time, router: name(line.router), neighbor: name(line.neighbor), link: linkOf(name(line.router), line.interface) ?? '', reason: line.reason,
    text: `isis ${name(line.router)} -> ${name(line.neighbor)} ${line.previous} -> ${line.state}`,
  });
  return {
    pairs: pairs.map(({ line, row }) => ({ line: ofLine(line), row: ofRow(row) })),
    missing: missing.map(ofLine),
    extra: extra.map(ofRow),
  };
}

function ospf(logs: string, rows: readonly Row[], end: bigint): Compared {
  const { matched, missing, extra } = compareSteps(stepsOfLog(readOspfLogs(logs), end), stepsOfRows(rows, end), START_LAG_NS);
  const oddOf = ({ view, time, what, why }: (typeof missing)[number]): Odd => {
    const router = nodeOfAddress(view.split(' ')[0]!) ?? view;
    return { time, router, link: ports.find(({ node, addresses }) => node === router && addresses.includes(view.split(' ')[0]!))?.link ?? '', text: `ospf ${view} ${what}`, reason: why };
  };
  return { pairs: matched.map(({ log, row }) => ({ line: oddOf(log), row: oddOf(row) })), missing: missing.map(oddOf), extra: extra.map(oddOf) };
}

function bgp(logs: string, rows: readonly Row[], end: bigint): Compared {
  const logging = new Set(nodes.filter(({ frr }) => frr?.bgpd !== undefined).map(({ name }) => name));
  const steps = sessionSteps(rows, (address) => {
    const node = nodeOfAddress(address);
    return node !== undefined && logging.has(node) ? node : undefined;
  });
  const { pairs, missing, extra } = matchSessions(readBgpLogs(logs).filter(({ time }) => time <= end), steps, START_LAG_NS);
  const oddOf = ({ time, router, neighbor, state, reason }: (typeof missing)[number] | (typeof extra)[number]): Odd => ({ time, router, text: `bgp ${router} -> ${neighbor} ${state}`, reason });
  return { pairs: pairs.map(({ line, step }) => ({ line: oddOf(line), row: oddOf(step) })), missing: missing.map(oddOf), extra: extra.map(oddOf) };
}

function clock(time: bigint): string {
  return new Date(Number(time / 1_000_000n)).toISOString().slice(11, 23);
}
