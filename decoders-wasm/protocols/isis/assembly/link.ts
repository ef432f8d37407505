/** Links of one shadow key: their taps, their stations by level, the DIS that all agreed on. */
import { Contexts, Taps } from '../../../base/assembly/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';

export const MOST_LINKS: u32 = 65536;
export const MOST_TAPS_A_LINK: u32 = 8;
/** PDUs that are remembered on a link with several taps, to know them again from another tap. */
export const PDU_RING: u32 = 128;

/** `blind`: no open tap; silent with others that may still speak; silent as a whole (darkness.ts). */
export const LINK_UNWATCHED: u32 = 1;
export const LINK_DOUBTED: u32 = 2;
export const LINK_DARK: u32 = 3;

export const links = Table.at(memory.data(TABLE_BYTES));

/** A link of one shadow key. Behind the fields: 8 tap codes u16. */
@unmanaged
export class Link {
  next: u32;
  hash: u32;
  shadow: u32;
  link: u32;
  tapCount: u32;
  /** First station by level: 0 point-to-point, 1, 2; each list in order of (system, snpa). */
  head0: u32;
  head1: u32;
  head2: u32;
  count0: u32;
  count1: u32;
  count2: u32;
  /** LAN id that all agreed on last, per level; 0 none yet. */
  dis1: u64;
  dis2: u64;
  /** Ring of PDU_RING {hash u64, wall i64, tap bits u32, pad}; 0 while the link has one tap. */
  ring: u32;
  ringNext: u32;
  /** LINK_*: not 0 where nothing can be seen, so that nothing expires. */
  blind: u32;

  @inline tap(index: u32): u32 {
    return load<u16>(changetype<usize>(this) + offsetof<Link>() + ((index as usize) << 1)) as u32;
  }

  @inline setTap(index: u32, tap: u32): void {
    store<u16>(changetype<usize>(this) + offsetof<Link>() + ((index as usize) << 1), tap as u16);
  }

  @inline head(level: u32): u32 {
    return level == 0 ? this.head0 : level == 1 ? this.head1 : this.head2;
  }

  /** Index of the tap, which is added when it is new; -1 when the link has too many. */
  tapIndex(tap: u32): i32 {
    for (let i: u32 = 0; i < this.tapCount; i++) if (this.tap(i) == tap) return i as i32;
    if (this.tapCount >= MOST_TAPS_A_LINK) return -1;
    this.setTap(this.tapCount, tap);
    this.tapCount += 1;
    return (this.tapCount - 1) as i32;
  }

  /** Whether a deadline of `deadline` ns on the boot clock of `tap` has passed on the clocks of all open taps. */
  hasPassed(tap: u32, deadline: i64): bool {
    const wall = deadline + Taps.wallOffset(tap);
    let open = false;
    for (let i: u32 = 0; i < this.tapCount; i++) {
      const t = this.tap(i);
      if (!Taps.isOpen(t)) continue;
      open = true;
      if (Taps.clock(t) + Taps.wallOffset(t) < wall) return false;
    }
    return open;
  }
}

export function linkAt(handle: u32): Link {
  return changetype<Link>(links.address(handle));
}

/** Handle of the link of a context, made when it is new; 0 when refused. */
export function linkOf(context: u32): u32 {
  return findLink(Contexts.shadow(context), Contexts.link(context));
}

/** Handle of a link by the codes of shadow key and link, made when it is new; 0 when refused. */
export function findLink(shadow: u32, link: u32): u32 {
  const hash = Hash.words(shadow as u64, link as u64);
  for (let h = links.first(hash); h != 0; h = links.next(h)) {
    const entry = linkAt(h);
    if (entry.shadow == shadow && entry.link == link) return h;
  }
  const handle = links.insert(hash);
  if (handle == 0) return 0;
  const entry = linkAt(handle);
  entry.shadow = shadow;
  entry.link = link;
  return handle;
}
