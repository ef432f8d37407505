/** Who has to be told what of the script's faults, and with which objects of the MIBs; all else would be a false alarm. */
import type { ReceivedTrap } from './receivers.ts';
import type { Told } from './alerts.ts';

/** What snmptrapd has to decode; the OIDs stand here as the RFCs have them. */
interface ExpectedTrap {
  readonly firing: string;
  readonly resolved: string;
  /** Of one object, which tells the state: up to its instance, and its value once all is well. */
  readonly state: string;
  readonly well: string;
  /** Another object, up to its instance, with its value. */
  readonly names?: readonly [oid: string, value: string];
}

interface ExpectedAlert {
  readonly rule: string;
  readonly subject: RegExp;
  readonly reason: RegExp;
  /** It ends within the run; `maybe`: it need not be told at all, and ends if it is. */
  readonly ends: boolean | 'maybe';
  readonly trap: ExpectedTrap;
}

const enterprise = (own: string): ExpectedTrap => ({ firing: `${own}.0.1`, resolved: `${own}.0.2`, state: `${own}.1.5`, well: '2' });
/** isisAdjacencyChange, RFC 4444: isisAdjState, and the LSP id of the neighbour. */
const isis = (neighbor: string): ExpectedTrap => ({
  firing: '1.3.6.1.2.1.138.0.17', resolved: '1.3.6.1.2.1.138.0.17', state: '1.3.6.1.2.1.138.1.10.1.12', well: '3', names: ['1.3.6.1.2.1.138.1.10.1.3', neighbor],
});
/** ospfNbrStateChange, RFC 4750: ospfNbrState. */
const ospf: ExpectedTrap = { firing: '1.3.6.1.2.1.14.16.2.2', resolved: '1.3.6.1.2.1.14.16.2.2', state: '1.3.6.1.2.1.14.10.1.6', well: '8' };
/** bgpBackwardTransNotification and bgpEstablishedNotification, RFC 4273: bgpPeerState; IPv4 only. */
const bgp: ExpectedTrap = { firing: '1.3.6.1.2.1.15.0.2', resolved: '1.3.6.1.2.1.15.0.1', state: '1.3.6.1.2.1.15.3.1.2', well: '6' };

/** `own` is the enterprise OID. */
function expectedAlerts(own: string): ExpectedAlert[] {
  const rest = enterprise(own);
  const session = (ends: RegExp, reason: RegExp, trap = bgp): ExpectedAlert => ({ rule: 'session-lost', subject: ends, reason, ends: true, trap });
  const blind = (tap: string, reason: RegExp): ExpectedAlert => ({ rule: 'tap-blind', subject: new RegExp(`-${tap}(,|$)`), reason, ends: true, trap: rest });
  return [
    // The collector of fra1 is dead from 22 to 41 s.
    ...['fra1/to-cust1', 'fra1/lan'].flatMap((tap) => [blind(tap, /^coverage-lost$/), { rule: 'frames-lost', subject: new RegExp(`-${tap}$`), reason: /^gap$/, ends: false, trap: rest }]),
    // par1 is killed at 29 s.
    { rule: 'router-silent', subject: /^router par1 \(0100\.0000\.0001\), isis: all/, reason: /^router-silent$/, ends: true, trap: rest },
    // Its adjacencies end within the interval of its hellos: the first may be told by itself, until there is nothing left of par1.
    { rule: 'adjacency-lost', subject: /adjacency (.* -> )?par1 /, reason: /^(router-silent|hold-timer-expired)$/, ends: 'maybe', trap: isis('01 00 00 00 00 0[1-4] 00 00') },
    ...[2, 3, 4].map((client) => session(new RegExp(`10\\.255\\.0\\.1 .*10\\.255\\.0\\.${client} `), /^tcp-(fin|rst)$/)),
    // The link ams1-lon1 is cut at 50 s.
    blind('ams1/to-lon1', /^carrier-lost$/), blind('lon1/to-ams1', /^carrier-lost$/),
    { rule: 'adjacency-lost', subject: /(ams1.*-> lon1|lon1.*-> ams1).*, isis L2, link ams1-lon1$/, reason: /^(hello-refused|neighbor-restarted|declared-by-router|hold-timer-expired)/, ends: true, trap: isis('01 00 00 00 00 0[24] 00 00') },
    // cust1 has another key from 57 to 67 s.
    { rule: 'adjacency-lost', subject: /10\.255\.(0\.3|1\.1) -> 10\.255\.(0\.3|1\.1), ospfv2 area 0\.0\.0\.0, link fra1-cust1$/, reason: /^(hello-refused|inactivity-timer|declared-by-router)/, ends: true, trap: ospf },
    // lon1 shuts its sessions with transit1 at 69 s, peer1 is killed at 75 s.
    session(/172\.16\.0\.1 .*172\.16\.0\.2 |172\.16\.0\.2 .*172\.16\.0\.1 /, /^notification-(sent|received) 6\/2 "fibre work in Docklands, ticket 4711"$/),
    session(/2001:db8:f::1 .*2001:db8:f::2 |2001:db8:f::2 .*2001:db8:f::1 /, /^notification-(sent|received) 6\/2 "fibre work in Docklands, ticket 4711"$/, rest),
    session(/172\.16\.1\.1 .*172\.16\.1\.2 |172\.16\.1\.2 .*172\.16\.1\.1 /, /^tcp-(fin|rst)$/),
    session(/2001:db8:f:1::1 .*2001:db8:f:1::2 |2001:db8:f:1::2 .*2001:db8:f:1::1 /, /^tcp-(fin|rst)$/, rest),
  ];
}

/** Whether nothing that ends within the run fires any more. */
export function areEnded(told: readonly Told[], own: string): boolean {
  return expectedAlerts(own).every((one) => one.ends !== true || told.some((notice) => notice.state === 'resolved' && isOf(one, notice)));
}

/** What was told that should not, was not told that should, or with other objects than the MIB's. */
export function unexpected(told: readonly Told[], traps: readonly ReceivedTrap[], own: string): string[] {
  const expected = expectedAlerts(own);
  const line = ({ state, rule, subject, reason }: Told): string => `${state} ${rule}: ${subject} (${reason})`;
  const byId = new Map(traps.map((trap) => [trap.id, trap]));
  return [
    ...told.filter((notice) => !expected.some((one) => isOf(one, notice))).map((notice) => `a false alarm: ${line(notice)}`),
    ...expected.flatMap((one) => {
      const notices = told.filter((notice) => isOf(one, notice));
      const states = notices.map(({ state }) => state).toSorted().join();
      const begun = notices.filter(({ state }) => state === 'firing').length;
      const wanted = one.ends === 'maybe' ? [...Array<string>(begun).fill('firing'), ...Array<string>(begun).fill('resolved')].join() : one.ends ? 'firing,resolved' : 'firing';
      return [
        ...(states === wanted ? [] : [`${one.rule} ${one.subject.source}: told as "${states}" in place of "${wanted}"`]),
        ...notices.filter((notice) => !isTrapOf(one.trap, notice, byId.get(notice.id)?.objects)).map((notice) => `snmptrapd decodes other objects: ${line(notice)}`),
      ];
    }),
  ];
}

function isOf({ rule, subject, reason }: ExpectedAlert, notice: Told): boolean {
  return rule === notice.rule && subject.test(notice.subject) && (notice.state === 'resolved' || reason.test(notice.reason));
}

function isTrapOf({ firing, resolved, state, well, names }: ExpectedTrap, notice: Told, objects: ReadonlyMap<string, string> | undefined): boolean {
  if (objects === undefined) return false;
  const valueOf = (oid: string): string | undefined => [...objects].find(([name]) => name.startsWith(`.${oid}.`))?.[1];
  return objects.get('.1.3.6.1.6.3.1.1.4.1.0') === `OID: .${notice.state === 'firing' ? firing : resolved}`
    && (valueOf(state) === `INTEGER: ${well}`) === (notice.state === 'resolved')
    && valueOf(state) !== undefined
    && (names === undefined || new RegExp(names[1]).test(valueOf(names[0]) ?? ''));
}
