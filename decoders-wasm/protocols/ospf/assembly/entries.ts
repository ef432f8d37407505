/**
 * The entries of the shadow: links, interfaces (one router's end of a link), views, offered headers, routers.
 * In each class the fields from the one named FIRST on are plain values that a checkpoint copies as they lie; those
 * before it are places in this memory; four i64 named `timer` are room for a Timer (due.ts). Times are ns: `...Boot` on the boot clock of the tap beside it, else wall time.
 * Router ids and addresses are in host order. Entries never move, so they refer to each other by address.
 */
import { Hash } from '../../../base/assembly/hash.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';

/** Link code of a virtual link: it is named by its two router ids instead (RFC 2328 15). */
export const VIRTUAL_LINK: u32 = 0xffffffff;
/** Arrival times of hellos that are kept for rule C3. */
export const KEPT_HELLOS: u32 = 8;
/** Taps of one link that are told apart. */
export const MOST_TAPS_OF_LINK: u32 = 8;

/** `blind` of a link: no open tap; silent as a whole (darkness.ts). */
export const LINK_UNWATCHED: u8 = 1;
export const LINK_DARK: u8 = 2;

@unmanaged
export class Link {
  next: u32;
  hash: u32;
  handle: u32;
  /** First interface in order of (area, router id, address). */
  first: Interface;
  interfaces: u32;
  /** Views between exchange and confirmed full: while 0, LSUs need no look at request sets. */
  exchanging: u32;

  shadow: u32; // FIRST
  link: u32;
  virtualLow: u32;
  virtualHigh: u32;
  context: u32;
  vlan: u16;
  /** LINK_*: not 0 where nothing can be seen, so that nothing expires. */
  blind: u8;
  pad: u8;
  /** Designated router by interface address that all present routers agree on; 0 none. */
  designated: u32;
  tapCount: u32;
  tap0: u32;
  tap1: u32;
  tap2: u32;
  tap3: u32;
  tap4: u32;
  tap5: u32;
  tap6: u32;
  tap7: u32;
  firstSeen: i64;
}

@unmanaged
export class Interface {
  next: u32;
  hash: u32;
  handle: u32;
  link: Link;
  following: Interface;
  router: Router;
  /** Next interface of the same router. */
  sibling: Interface;
  /** Router ids of the last hello, network order: block of `listBytes`. */
  list: usize;
  listBytes: u32;
  /** In the list of interfaces whose counts may have changed. */
  dirty: u32;
  /** Views of it that are shown 2-way or better. */
  adjacent: u32;
  /** Its place among the interfaces of the link, and its views by the neighbour's place: block of u32 addresses. */
  place: u32;
  views: usize;
  viewRoom: u32;
  /** Timer of its silence (C4). */
  timer: i64;
  timer1: i64;
  timer2: i64;
  timer3: i64;
  /** Timer of its next minute. */
  minuteTimer: i64;
  minuteTimer1: i64;
  minuteTimer2: i64;
  minuteTimer3: i64;

  area: u32; // FIRST
  id: u32;
  address: u32;
  mask: u32;
  interval: u32;
  dead: u32;
  designated: u32;
  backup: u32;
  cryptoSequence: u32;
  listCount: u32;
  mtu: u32;
  context: u32;
  authentication: u16;
  priority: u8;
  options: u8;
  /** Silence was said (C4). */
  silent: u8;
  /** Its own Router-LSA was flushed by itself (O10): takes no part until its next hello. */
  shutDown: u8;
  /** It sent its hellos to a unicast address: NBMA, point-to-multipoint or virtual. */
  unicast: u8;
  /** Known not to be point-to-point: a DR was named. */
  broadcast: u8;
  tap: u32;
  lastBoot: i64;
  lastTime: i64;
  previousTime: i64;
  helloHash: u64;
  /** The last hello: number on its tap, and locator. */
  frameNumber: u64;
  frameOffset: u64;
  frameIndex: u32;
  helloCount: u32;
  /** Wall time until which a Grace-LSA of this router holds deadlines up; 0 none (RFC 3623). */
  graceUntil: i64;
  arrival0: i64;
  arrival1: i64;
  arrival2: i64;
  arrival3: i64;
  arrival4: i64;
  arrival5: i64;
  arrival6: i64;
  arrival7: i64;
  countMinute: u64;
  shownAdjacencies: u32;
  shownNeighbors: u32;
  shownFull: u32;
  shownTwoWay: u32;
  shownCoverage: u32;
  countShown: u32;
}

@unmanaged
export class View {
  next: u32;
  hash: u32;
  handle: u32;
  /** Whose view, and of whom. */
  router: Interface;
  neighbor: Interface;
  /** Headers that `router` offered to `neighbor` (DBD), and what `neighbor` asked of it. */
  offered: OfferedHeader;
  offeredCount: u32;
  /** Counted in the link's `exchanging`. */
  counted: u32;
  /** Timer of O9. */
  timer: i64;
  timer1: i64;
  timer2: i64;
  timer3: i64;
  /** Timer of what is held (O2, O7). */
  heldTimer: i64;
  heldTimer1: i64;
  heldTimer2: i64;
  heldTimer3: i64;

  state: u8; // FIRST
  /** State of the last row: differs from `state` while a transition is held. */
  shown: u8;
  heldKind: u8;
  heldReason: u8;
  heldEvidence: u8;
  heldInitial: u8;
  /** The router listed the neighbour in its last hello. */
  listed: u8;
  /** C3: the neighbour's hellos change nothing until the router lists it again. */
  declaredOnly: u8;
  /** The view's deadline passed while its router was overdue (C4). */
  withheld: u8;
  /** 2-way by first sight: its Router-LSA may prove it full. */
  unproven: u8;
  blind: u8;
  /** YANG error of the last refused hello, code of errors.ts. */
  refusal: u8;
  /** Flags of the router's last DBD to the neighbour. */
  ddFlags: u8;
  ddSeen: u8;
  exstartRepeats: u8;
  graceHeld: u8;
  ddSequence: u32;
  ddInitial: u32;
  /** Entries of the request set that are not answered. */
  open: u32;
  acceptedTap: u32;
  cryptoSequence: u32;
  acceptedBoot: i64;
  acceptedTime: i64;
  /** Deadline of O9 on the boot clock of `acceptedTap`; 0 none. */
  deadline: i64;
  acceptedNumber: u64;
  acceptedOffset: u64;
  acceptedIndex: u32;
  heldTap: u32;
  heldTime: i64;
  heldDeadline: i64;
  heldNumber: u64;
  heldOffset: u64;
  heldIndex: u32;
  sinceHigh: u32;
  since: i64;
}

@unmanaged
export class OfferedHeader {
  next: u32;
  hash: u32;
  handle: u32;
  view: View;
  following: OfferedHeader;

  type: u32; // FIRST
  id: u32;
  router: u32;
  sequence: u32;
  checksum: u16;
  age: u16;
  flags: u32;
}

@unmanaged
export class Router {
  next: u32;
  hash: u32;
  handle: u32;
  first: Interface;
  shadow: u32;
  id: u32;
}

/** The offering router described it in a DBD. */
export const HEADER_OFFERED: u32 = 1;
/** The other router asked for it. */
export const HEADER_REQUESTED: u32 = 2;
/** An LSU brought it to the other router since. */
export const HEADER_ANSWERED: u32 = 4;

export const HELD_NONE: u8 = 0;
/** 2-way that may turn out as exstart within 100 ms (O2). */
export const HELD_TWO_WAY: u8 = 1;
/** Full that a repeated LSR may void (O7). */
export const HELD_FULL: u8 = 2;

export const links = Table.at(memory.data(TABLE_BYTES));
export const interfaces = Table.at(memory.data(TABLE_BYTES));
export const views = Table.at(memory.data(TABLE_BYTES));
export const headers = Table.at(memory.data(TABLE_BYTES));
export const routers = Table.at(memory.data(TABLE_BYTES));

const MOST_LINKS: u32 = 16384;
const MOST_INTERFACES: u32 = 32768;
const MOST_VIEWS: u32 = 262144;
const MOST_HEADERS: u32 = 1000000;
/** Most routers on one link; beyond them the one that is silent longest makes room. */
export const MOST_INTERFACES_OF_LINK: u32 = 256;

/** What a table may hold: at most `most` entries, and a `part`th of the memory that the instance may grow to. */
export function capOf(most: u32, entryBytes: u32, part: u32): u32 {
  return min<u32>(most, ((Memory.limitBytes as u32) / part) / entryBytes);
}

/** Prepares the empty tables. */
export function setUpEntries(): void {
  links.setUp(offsetof<Link>(), MOST_LINKS);
  interfaces.setUp(offsetof<Interface>(), capOf(MOST_INTERFACES, offsetof<Interface>() as u32, 16));
  views.setUp(offsetof<View>(), capOf(MOST_VIEWS, offsetof<View>() as u32, 4));
  headers.setUp(offsetof<OfferedHeader>(), capOf(MOST_HEADERS, offsetof<OfferedHeader>() as u32, 16));
  routers.setUp(offsetof<Router>(), MOST_INTERFACES);
}

/** A new zeroed entry of `table` under `hash`, 0 when refused; its handle stands behind the table's two words. */
export function newEntry(table: Table, hash: u32): usize {
  const handle = table.insert(hash);
  if (handle == 0) return 0;
  const at = table.address(handle);
  store<u32>(at, handle, 8);
  return at;
}

/** Seeded hash of a pair of words and a pair more. */
export function hashPairs(a: u32, b: u32, c: u32, d: u32): u32 {
  return Hash.words(((a as u64) << 32) | (b as u64), ((c as u64) << 32) | (d as u64));
}

/** Orders interfaces of a link: area, router id, address. */
export function orderInterfaces(a: Interface, b: Interface): i32 {
  if (a.area != b.area) return a.area < b.area ? -1 : 1;
  if (a.id != b.id) return a.id < b.id ? -1 : 1;
  if (a.address != b.address) return a.address < b.address ? -1 : 1;
  return 0;
}
