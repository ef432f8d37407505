/** The bench's results as the Markdown of RESULTS.md; the same text is printed. */
import type { Spread } from './cpu.ts';
import type { BenchFiles } from './generate/files.ts';
import type { AppendFigure } from './log.ts';
import type { MissingPeer, Peer } from './peers.ts';
import type { Phases } from './phases.ts';
import type { RestartFigures } from './restart.ts';
import type { StoreFigures } from './store.ts';

export interface PeerResult {
  readonly peer: Peer;
  readonly version: string;
  readonly cpu: Spread;
}

export interface Results {
  readonly machine: string;
  readonly commit: string;
  readonly date: string;
  readonly command: string;
  /** Load of the machine, last minute, when the rounds began and ended. */
  readonly load: readonly [number, number];
  readonly files: BenchFiles;
  readonly segmentBytes: number;
  /** CPU ms. */
  readonly routewatch: Spread;
  /** The same on a capture of one route: what Node and the project's start cost. */
  readonly start: Spread;
  /** `routewatch decode FILE --format none`. */
  readonly cli: Spread;
  readonly phases: readonly Phases[];
  readonly peers: readonly PeerResult[];
  readonly missing: readonly MissingPeer[];
  readonly store: StoreFigures;
  readonly log: readonly AppendFigure[];
  readonly restart: RestartFigures;
}

/** Bytes a route, as issue 3 has them measured on such a file. */
const PEERS_BYTES = 'BIRD 150-245, pmacct 500, OpenBGPD 570, GoBGP 1,250';
const BYTES_AIM = 64;

/** The whole page. */
export function formatResults(results: Results): string {
  return [
    '# What `make bench` measured', '', ...head(results), '## CPU time beside what people use', '', ...peers(results),
    '## Where RouteWatch\'s time goes', '', ...phases(results), '## Memory', '', ...memory(results),
    '## Store and log', '', ...store(results), '## Restart', '', ...restarts(results),
  ].join('\n');
}

function head({ machine, commit, date, command, load, files, segmentBytes }: Results): string[] {
  return [
    `${date}, commit ${commit}, \`${command}\`  `,
    `${machine}; load ${load[0].toFixed(1)} at the beginning, ${load[1].toFixed(1)} at the end.`, '',
    `One table of ${count(files.prefixes)} prefixes in ${count(files.updates)} UPDATEs (${(files.prefixes / files.updates).toFixed(1)} prefixes each, nearly each an attribute`,
    `set of its own), generated from a seed: as the capture of one session (${count(files.packets)} packets of up to ${segmentBytes} bytes of data,`,
    `${megabytes(files.pcapBytes)} MB) and, the same UPDATEs, as MRT BGP4MP (${megabytes(files.mrtBytes)} MB).`, '',
  ];
}

function peers({ routewatch, start, cli, peers: found, missing, phases: parts }: Results): string[] {
  const work = { ...routewatch, min: routewatch.min - start.min, median: routewatch.median - start.median };
  const inner = best(parts, (part) => part.batchMs + part.decodeMs);
  return [
    'CPU time (user and system, all threads) of the whole process, output to /dev/null; rounds interleaved.', '',
    '| program | what it does | rounds | min ms | median ms |', '|---|---|--:|--:|--:|',
    line('**RouteWatch**', 'capture to rows: TCP, UPDATEs, RIB and its differences, rows in RowBinary (`infra/bench/decode.ts`)', routewatch),
    line('- its start alone', 'the same with a capture of one route: Node, type stripping, three WASM modules', start),
    line('- `routewatch decode --format none`', 'the command, with the start of the whole command line', cli),
    ...found.map(({ peer, version, cpu }) => line(peer.name, `${peer.does} (${version})`, cpu)),
    ...missing.map(({ name, bring }) => `| ${name} | **not run**: \`${bring}\` | 0 | | |`), '',
    'Ratios of the medians, in the fourth column of the minima (RouteWatch over the other; smaller is better). What else the machine does only adds to a time.', '',
    '| beside | whole process | without its start | decode, RIB diff and rows alone | its minima | asked for | |', '|---|--:|--:|--:|--:|--:|---|',
    ...found.map(({ peer, cpu }) => {
      const whole = routewatch.median / cpu.median;
      const without = work.median / cpu.median;
      const alone = middle(parts, (part) => part.decodeMs) / cpu.median;
      const least = best(parts, (part) => part.decodeMs) / cpu.min;
      const asked = peer.target === undefined ? 'shown only' : `${fraction(peer.target)}${peer.aim === undefined ? '' : `, aimed for ${fraction(peer.aim)}`}`;
      return `| ${peer.name} | ${fraction(whole)} | ${fraction(without)} | ${fraction(alone)} | ${fraction(least)} | ${asked} | ${verdict([whole, without, alone, least], peer)} |`;
    }),
    ...missing.map(({ name }) => `| ${name} | not run | not run | not run | not run | | not counted |`), '',
    `The start is the same for a file of any size; a collector or worker pays it once. Within one process, file to rows takes ${inner.toFixed(0)} ms of CPU at best.`, '',
  ];
}

/** Of the ratios of the table, in its order. */
function verdict([whole, without, alone, least]: readonly [number, number, number, number], { target, aim }: Peer): string {
  if (target === undefined) return '';
  const held = (ratio: number): boolean => ratio <= (target === 1 ? 1.05 : target);
  if (held(whole)) return aim !== undefined && whole <= aim ? 'held, aim too' : 'held';
  if (held(without)) return 'held without the start only';
  if (held(alone)) return 'held by decoding alone';
  return held(least) ? 'held by decoding alone, in minima; missed in medians' : '**missed**';
}

function phases({ phases: parts }: Results): string[] {
  const first = parts[0]!;
  const row = (name: string, of: (part: Phases) => number): string => `| ${name} | ${parts.length} | ${best(parts, of).toFixed(0)} | ${middle(parts, of).toFixed(0)} |`;
  return [
    'In one fresh process a round (`infra/bench/phases.ts`), CPU ms; each line contains the one above it, but for the last.', '',
    '| part | rounds | min ms | median ms |', '|---|--:|--:|--:|',
    row('capture file to packets', (part) => part.readMs),
    row('... to frame records (link.wasm)', (part) => part.classifyMs),
    row('... to frame batches, encoded and decoded as in the log', (part) => part.batchMs),
    row('frame batches to rows (bgp.wasm and its host)', (part) => part.decodeMs), '',
    `${count(first.rows)} rows, ${megabytes(first.rowBytes)} MB of RowBinary.`, '',
  ];
}

function memory({ phases: parts, files }: Results): string[] {
  const { memoryBefore, memoryAfter } = parts[0]!;
  const each = (memoryAfter - memoryBefore) / files.prefixes;
  return [
    `bgp.wasm has committed ${megabytes(memoryBefore)} MB when it starts and ${megabytes(memoryAfter)} MB when it holds the table: **${each.toFixed(1)} bytes a route**,`,
    `attribute sets, session and row buffers included (${BYTES_AIM} aimed for: ${each <= BYTES_AIM ? 'held' : '**missed**'}). Counter 3 of the module, which is its linear memory.`,
    `Others on such a file, by the issue that asked for this: ${PEERS_BYTES}.`, '',
  ];
}

function store({ store: figures, log }: Results): string[] {
  const rate = figures.rowsPerSecond;
  return [
    `- Rows into the embedded store by the sink's statements over HTTP, one insert after the other: **${count(Math.round(rate / 1000) * 1000)} rows/s** (once; ${count(figures.rows)} rows,`,
    `  ${megabytes(figures.rowBytes)} MB, ${figures.cuts} cuts; ${count(figures.counted)} were there afterwards), materialized views and deduplication included.`,
    `- A cut of one row: ${figures.cutMs.min.toFixed(1)} ms at best, median ${figures.cutMs.median.toFixed(1)} ms (${figures.cutMs.rounds} cuts into \`route_changes\`, wall time).`,
    `- Append to the embedded log, durable (fsync) when it is done, wall time: ${log.map(({ bytes, ms }) => `${bytes >> 10} KB ${ms.min.toFixed(2)} ms (median ${ms.median.toFixed(2)})`).join(', ')}; ${log[0]!.ms.rounds} each.`, '',
  ];
}

function restarts({ restart: { stateBytes, stopMs, resumeMs, firstRowMs }, files }: Results): string[] {
  const wall = ({ min, median }: Spread): string => `${min.toFixed(0)} ms at best, median ${median.toFixed(0)} ms`;
  return [
    `A worker with the whole table (${count(files.prefixes)} routes), ended and started again ${firstRowMs.rounds} times, wall time; its checkpoint has ${megabytes(stateBytes)} MB.`, '',
    `- Stop: last cut, export, checkpoint durable in the log, thread ended: ${wall(stopMs)}.`,
    `- From the start (thread, modules, claim, checkpoint read and imported) to frames being taken: ${wall(resumeMs)}.`,
    `- From the start to the rows of a frame batch that waited, durable in the events log: ${wall(firstRowMs)}.`, '',
  ];
}

function line(name: string, what: string, { min, median, rounds }: Spread): string {
  return `| ${name} | ${what} | ${rounds} | ${min.toFixed(0)} | ${median.toFixed(0)} |`;
}

function best(parts: readonly Phases[], of: (part: Phases) => number): number {
  return Math.min(...parts.map(of));
}

function middle(parts: readonly Phases[], of: (part: Phases) => number): number {
  return parts.map(of).toSorted((a, b) => a - b)[parts.length >> 1]!;
}

function fraction(ratio: number): string {
  return ratio >= 0.95 ? ratio.toFixed(2) : `1/${(1 / ratio).toFixed(1).replace(/\.0$/, '')}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
