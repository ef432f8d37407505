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
interface Pair extends Odd {
  /** Row's time less line's, ns. */
  readonly off: bigint;
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

/** Compares the rows of adjacency_events and session_events, in order of decision, with the logs in `out`/log. */
export function equality(story: Story, out: string, rows: { readonly adjacencies: readonly Row[]; readonly sessions: readonly Row[] }): Equality {
  const during = (row: Row): boolean => (row['time'] as bigint) <= story.run.to;
  const adjacencies = rows.adjacencies.filter(during);
  const compared = [isis, ospf].map((compare) => compare(story, join(out, 'log'), adjacencies));
  compared.push(bgp(story, join(out, 'log'), rows.sessions.filter(during)));
  const tally = { exempt: {} as Record<string, number>, allowed: {} as Record<string, number>, unexplained: [] as string[] };
  const count = (odd: Odd, cause: string | undefined, into: Record<string, number>, what: string): void => {
    if (cause === undefined) tally.unexplained.push(`${what} ${clock(odd.time)} ${odd.text} (${odd.reason})`);
    else into[cause] = (into[cause] ?? 0) + 1;
  };
  let equal = 0;
  let farthestNs = 0n;
  for (const { pairs, ...others } of compared) {
    const { missing, extra, late } = withoutFirstHellos(others, story);
    if (late > 0) tally.exempt['isisd passes over the first hello of a starting router, which names no address'] = late;
    for (const odd of missing) count(odd, whyNoRow(odd, story), tally.exempt, 'no row for the line');
    for (const odd of extra) count(odd, whyNoLine(odd, story), tally.allowed, 'no line for the row');
    for (const pair of pairs) {
      const off = pair.off < 0n ? -pair.off : pair.off;
      if (off > WINDOW_NS) count(pair, isStarting(pair, story) ? 'a daemon that was just starting logged late' : undefined, tally.exempt, `${Number(off) / 1e6} ms off:`);
      else {
        equal += 1;
        if (off > farthestNs) farthestNs = off;
      }
    }
  }
  return { equal, ...tally, farthestNs };
}

/**
 * isisd sends its first hello before it knows its addresses, and takes none that names no address: the adjacency that the
 * hello makes by ISO 10589 comes with the next one.
 */
function withoutFirstHellos({ missing, extra }: Omit<Compared, 'pairs'>, story: Story): Omit<Compared, 'pairs'> & { late: number } {
  const passed = missing.flatMap((line) => {
    if (line.neighbor === undefined || !line.text.endsWith(' down -> init') || !hasJustStarted(line.time, line.neighbor, story)) return [];
    const row = extra.find((one) => one.text === line.text && one.time < line.time && line.time - one.time < HELLO_NS);
    return row === undefined ? [] : [{ line, row }];
  });
  return { missing: missing.filter((line) => !passed.some((one) => one.line === line)), extra: extra.filter((row) => !passed.some((one) => one.row === row)), late: passed.length };
}

/** Why no frame says what a line says. */
function whyNoRow({ time, router, reason, link }: Odd, story: Story): string | undefined {
  const isLocal = /^(circuit is being brought down|KillNbr|Interface down)/.test(reason);
  if (isLocal && within(time, cutOf(story, router, link), SECOND_NS)) return 'the carrier was lost: the router says it to nobody';
  return undefined;
}

/** Why a daemon did not log what a row says. */
function whyNoLine({ time, router, reason, link, text }: Odd, story: Story): string | undefined {
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

function isStarting({ off, time, router }: Pair, story: Story): boolean {
  return off < 0n && hasJustStarted(time, router, story);
}

function hasJustStarted(time: bigint, router: string, { starts }: Story): boolean {
  return (starts.get(router) ?? []).some((start) => time >= start && time <= start + STARTING_NS);
}

function isis(_: Story, logs: string, rows: readonly Row[]): Compared {
  const changes = readIsisLogs(logs);
  const named = new Map([...systemIds].map(([name, id]) => [id, name]));
  const name = (id: unknown): string => named.get(String(id)) ?? String(id);
  const linkOf = (router: string, ifname: string): string | undefined => ports.find((port) => port.node === router && port.interface === ifname)?.link;
  const lines = linesOf(changes, (node) => systemIds.get(node) ?? node);
  const { pairs, missing, extra } = matchLines(lines, rows.filter(({ protocol }) => protocol === 'isis'), Number(START_LAG_NS) / 1e6, (line, row) => row['link'] === linkOf(name(line.router), line.interface));
  const oddOf = (line: (typeof lines)[number]): Odd => ({
    time: line.time, router: name(line.router), neighbor: name(line.neighbor), link: linkOf(name(line.router), line.interface) ?? '', reason: line.reason,
    text: `isis ${name(line.router)} -> ${name(line.neighbor)} ${line.previous} -> ${line.state}`,
  });
  return {
    pairs: pairs.map(({ line, offByNs }) => ({ ...oddOf(line), off: BigInt(offByNs) })),
    missing: missing.map(oddOf),
    extra: extra.map((row) => ({
      time: row['time'] as bigint, router: name(row['router']), link: String(row['link']), reason: String(row['reason']),
      text: `isis ${name(row['router'])} -> ${name(row['neighbor'])} ${String(row['prev_state'])} -> ${String(row['state'])}`,
    })),
  };
}

function ospf(story: Story, logs: string, rows: readonly Row[]): Compared {
  const { matched, missing, extra } = compareSteps(stepsOfLog(readOspfLogs(logs), story.run.to), stepsOfRows(rows, story.run.to), START_LAG_NS);
  const oddOf = ({ view, time, what, why }: (typeof missing)[number]): Odd => {
    const router = nodeOfAddress(view.split(' ')[0]!) ?? view;
    return { time, router, link: ports.find(({ node, addresses }) => node === router && addresses.includes(view.split(' ')[0]!))?.link ?? '', text: `ospf ${view} ${what}`, reason: why };
  };
  return { pairs: matched.map(({ log, row }) => ({ ...oddOf(log), off: row.time - log.time })), missing: missing.map(oddOf), extra: extra.map(oddOf) };
}

function bgp(story: Story, logs: string, rows: readonly Row[]): Compared {
  const logging = new Set(nodes.filter(({ frr }) => frr?.bgpd !== undefined).map(({ name }) => name));
  const steps = sessionSteps(rows, (address) => {
    const node = nodeOfAddress(address);
    return node !== undefined && logging.has(node) ? node : undefined;
  });
  const { pairs, missing, extra } = matchSessions(readBgpLogs(logs).filter(({ time }) => time <= story.run.to), steps, START_LAG_NS);
  const oddOf = ({ time, router, neighbor, state, reason }: (typeof missing)[number] | (typeof extra)[number]): Odd => ({ time, router, text: `bgp ${router} -> ${neighbor} ${state}`, reason });
  return { pairs: pairs.map(({ line, step }) => ({ ...oddOf(line), off: step.time - line.time })), missing: missing.map(oddOf), extra: extra.map(oddOf) };
}

function clock(time: bigint): string {
  return new Date(Number(time / 1_000_000n)).toISOString().slice(11, 23);
}
