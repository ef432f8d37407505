/** Views: what a router believes of a neighbour at one level. */
import { Hash } from '../../../base/assembly/hash.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { DUE_VIEW, Timers } from './timers.ts';

export const views = Table.at(memory.data(TABLE_BYTES));

// View flags
/** R refused hellos that pass the tap: only what R declares counts (C3). */
export const VIEW_DECLARED_ONLY: u8 = 1;
/** R's last hello lists N (point-to-point: declares init or up). */
export const VIEW_LISTED: u8 = 2;
/** Not confirmed since the link was blind (C7). */
export const VIEW_BLIND: u8 = 4;
/** The hold of N passed while R was overdue: told with R's own silence (C4). */
export const VIEW_WITHHELD: u8 = 8;
/** R lists N although N's authentication type differs: R does not check it. */
export const VIEW_AUTH_ACCEPTED: u8 = 16;
/** N restarts (RR): suspended (RFC 5306). */
export const VIEW_RESTART: u8 = 32;
/** N asks not to be advertised (SA). */
export const VIEW_SUPPRESSED: u8 = 64;
/** N's last hello was refused by what is visible. */
export const VIEW_REFUSED: u8 = 128;

/** Value of `unlisted`: R has listed N, so its hellos get through. */
export const LISTED_ONCE: u8 = 255;

/** What the router (a station) believes of the neighbour (another of the link) at one level. */
@unmanaged
export class View {
  next: u32;
  hash: u32;
  router: u32;
  neighbor: u32;
  level: u8;
  state: u8;
  flags: u8;
  /** Hellos of R that did not list N though N's long hellos passed (I13); LISTED_ONCE when one has. */
  unlisted: u8;
  hold: u32;
  /** Effective time of the last transition, wall. */
  since: i64;
  /** When the neighbour's hold passes, boot clock of `tap`; 0 none. */
  deadline: i64;
  /** Wall time of the last hello that the router accepted; 0 none. */
  lastHello: i64;
  frameOffset: u64;
  frameIndex: u32;
  context: u32;
  tap: u32;
  /** Timer of `deadline` (fields of `Timer`, timers.ts). */
  timerAt: i64;
  timerLeft: u32;
  timerRight: u32;
  timerParent: u32;
  timerTap: u32;

  @inline has(flag: u8): bool {
    return (this.flags & flag) != 0;
  }

  @inline set(flag: u8, on: bool): void {
    this.flags = on ? this.flags | flag : this.flags & ~flag;
  }
}

export function viewAt(handle: u32): View {
  return changetype<View>(views.address(handle));
}

/** Handle of the view of `router` on `neighbor`, 0 when there is none. */
export function findView(router: u32, neighbor: u32, level: u8): u32 {
  const hash = Hash.words(((router as u64) << 32) | (neighbor as u64), level as u64);
  for (let h = views.first(hash); h != 0; h = views.next(h)) {
    const v = viewAt(h);
    if (v.router == router && v.neighbor == neighbor && v.level == level) return h;
  }
  return 0;
}

/** A new view in state `state`; 0 when the cap refuses it. */
export function insertView(router: u32, neighbor: u32, level: u8, state: u8): u32 {
  const handle = views.insert(Hash.words(((router as u64) << 32) | (neighbor as u64), level as u64));
  if (handle == 0) return 0;
  const v = viewAt(handle);
  v.router = router;
  v.neighbor = neighbor;
  v.level = level;
  v.state = state;
  return handle;
}

/** Takes a view out, and its timer; 0 is none. */
export function removeView(handle: u32): void {
  if (handle == 0) return;
  Timers.cancel(DUE_VIEW, handle);
  views.remove(handle);
}
