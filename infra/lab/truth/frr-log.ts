/** Reads FRR's own logs (`log timestamp precision 6`, UTC): what each daemon says happened to its neighbours, and when. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** IS-IS adjacency states; `unknown` is FRR's word for an adjacency that did not exist before. */
export type IsisState = 'unknown' | 'down' | 'init' | 'up';

/** One `%ADJCHANGE` line of isisd. `time` is nanoseconds since 1970. */
export interface IsisAdjacencyChange {
  time: bigint;
  router: string;
  /** System id (`0000.0000.0002`) until isisd knows the hostname, the hostname afterwards. */
  neighbor: string;
  interface: string;
  /** One line per level on a LAN; on a point-to-point circuit one line for both (`level-1-2`). */
  levels: (1 | 2)[];
  previous: IsisState;
  state: IsisState;
  reason: string;
}

/** OSPF neighbour states as in the YANG model; `deleted` is FRR's end state, `down` for everybody else. */
export type OspfState =
  'deleted' | 'down' | 'attempt' | 'init' | '2-way' | 'exstart' | 'exchange' | 'loading' | 'full';

/** One `AdjChg` line of ospfd (`log-adjacency-changes detail`). `time` is nanoseconds since 1970. */
export interface OspfNeighborChange {
  time: bigint;
  router: string;
  neighborId: string;
  neighborAddress: string;
  interface: string;
  interfaceAddress: string;
  previous: OspfState;
  state: OspfState;
  /** FRR's name of the event: HelloReceived, 2-WayReceived, InactivityTimer, KillNbr, ... */
  event: string;
}

/** One `%ADJCHANGE` line of bgpd. `time` is nanoseconds since 1970. */
export interface BgpSessionChange {
  time: bigint;
  router: string;
  neighbor: string;
  /** The neighbour's FQDN capability; absent where FRR prints `Unknown`. */
  hostname?: string;
  vrf: string;
  state: 'up' | 'down';
  /** Empty for `up`. */
  reason: string;
}

/** One `%NOTIFICATION` line of bgpd. `text` is the RFC 9003 message. */
export interface BgpNotification {
  time: bigint;
  router: string;
  direction: 'sent' | 'received';
  neighbor: string;
  code: number;
  subcode: number;
  name: string;
  text: string;
}

const STAMP = String.raw`^(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6}) `;
const ISIS = new RegExp(
  `${STAMP}ISIS: .*%ADJCHANGE: Adjacency to (\\S+) \\((\\S+)\\) for level-(1-2|1|2) changed from (\\w+) to (\\w+), (.*)$`,
);
const OSPF = new RegExp(
  `${STAMP}OSPF: .*AdjChg: Nbr (\\S+), NbrIP (\\S+) \\(\\S+\\) on (\\S+):([\\d.]+): (\\S+) -> (\\S+) \\((.+)\\)$`,
);
const BGP = new RegExp(
  `${STAMP}BGP: .*%ADJCHANGE: neighbor (\\S+?)\\((.*?)\\) in vrf (\\S+) (Up|Down)(?: (.*))?$`,
);
const NOTIFICATION = new RegExp(
  `${STAMP}BGP: .*%NOTIFICATION: (sent to|received from) neighbor (\\S+) (\\d+)/(\\d+) \\((.*?)\\) (?:"(.*)"|.*)$`,
);

const ISIS_STATES: Record<string, IsisState> = {
  Unknown: 'unknown',
  Down: 'down',
  Initializing: 'init',
  Up: 'up',
};
const OSPF_STATES: Record<string, OspfState> = {
  Deleted: 'deleted',
  Down: 'down',
  Attempt: 'attempt',
  Init: 'init',
  '2-Way': '2-way',
  ExStart: 'exstart',
  Exchange: 'exchange',
  Loading: 'loading',
  Full: 'full',
};

/** The adjacency changes in the text of one isisd log. */
export function parseIsisLog(text: string, router: string): IsisAdjacencyChange[] {
  return matches(text, ISIS, (time, [neighbor, ifname, level, previous, state, reason]) => ({
    time,
    router,
    neighbor,
    interface: ifname,
    levels: level === '1-2' ? [1, 2] : level === '1' ? [1] : [2],
    previous: known(ISIS_STATES, previous),
    state: known(ISIS_STATES, state),
    reason,
  }));
}

/** The neighbour changes in the text of one ospfd log. */
export function parseOspfLog(text: string, router: string): OspfNeighborChange[] {
  return matches(
    text,
    OSPF,
    (time, [neighborId, neighborAddress, ifname, address, previous, state, event]) => ({
      time,
      router,
      neighborId,
      neighborAddress,
      interface: ifname,
      interfaceAddress: address,
      previous: known(OSPF_STATES, previous),
      state: known(OSPF_STATES, state),
      event,
    }),
  );
}

/** The session changes in the text of one bgpd log. */
export function parseBgpLog(text: string, router: string): BgpSessionChange[] {
  return matches(text, BGP, (time, [neighbor, hostname, vrf, state, reason]) => ({
    time,
    router,
    neighbor,
    ...(hostname === 'Unknown' ? {} : { hostname }),
    vrf,
    state: state === 'Up' ? 'up' : 'down',
    reason,
  }));
}

/** The notifications in the text of one bgpd log. FRR may log the same one twice within a millisecond. */
export function parseBgpNotifications(text: string, router: string): BgpNotification[] {
  return matches(
    text,
    NOTIFICATION,
    (time, [direction, neighbor, code, subcode, name, message]) => ({
      time,
      router,
      direction: direction === 'sent to' ? 'sent' : 'received',
      neighbor,
      code: Number(code),
      subcode: Number(subcode),
      name,
      text: message,
    }),
  );
}

/** All adjacency changes of a capture's `log/` folder, oldest first. */
export function readIsisLogs(logFolder: string): IsisAdjacencyChange[] {
  return readLogs(logFolder, 'isisd', parseIsisLog);
}

/** All neighbour changes of a capture's `log/` folder, oldest first. */
export function readOspfLogs(logFolder: string): OspfNeighborChange[] {
  return readLogs(logFolder, 'ospfd', parseOspfLog);
}

/** All session changes of a capture's `log/` folder, oldest first. */
export function readBgpLogs(logFolder: string): BgpSessionChange[] {
  return readLogs(logFolder, 'bgpd', parseBgpLog);
}

/** All notifications of a capture's `log/` folder, oldest first. */
export function readBgpNotifications(logFolder: string): BgpNotification[] {
  return readLogs(logFolder, 'bgpd', parseBgpNotifications);
}

/** Logs are called `<router>.<daemon>.log`. */
function readLogs<T extends { time: bigint }>(
  folder: string,
  daemon: string,
  parse: (text: string, router: string) => T[],
): T[] {
  const suffix = `.${daemon}.log`;
  const records = readdirSync(folder)
    .filter((file) => file.endsWith(suffix))
    .toSorted()
    .flatMap((file) =>
      parse(readFileSync(join(folder, file), 'utf8'), file.slice(0, -suffix.length)),
    );
  return records.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** Exactly the groups after the stamp; a group that took no part is the empty string. */
type Groups = [string, string, string, string, string, string, string];

function matches<T>(text: string, pattern: RegExp, make: (time: bigint, groups: Groups) => T): T[] {
  const records: T[] = [];
  for (const line of text.split('\n')) {
    const found = pattern.exec(line);
    if (found === null) continue;
    const group = (index: number) => found[index] ?? '';
    const rest: Groups = [
      group(8),
      group(9),
      group(10),
      group(11),
      group(12),
      group(13),
      group(14),
    ];
    records.push(make(stampToNanoseconds(found), rest));
  }
  return records;
}

/** Groups 1 to 7 of a match are year, month, day, hour, minute, second, microsecond in UTC. */
function stampToNanoseconds(found: RegExpExecArray): bigint {
  const part = (index: number) => Number(found[index]);
  const seconds = Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6)) / 1000;
  return BigInt(seconds) * 1_000_000_000n + BigInt(part(7)) * 1000n;
}

function known<T>(states: Record<string, T>, word: string): T {
  const state = states[word];
  if (state === undefined)
    throw new Error(`FRR log: state "${word}" is not one we know; add it to frr-log.ts`);
  return state;
}
