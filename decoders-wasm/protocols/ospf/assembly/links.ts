/** Links, the routers' interfaces on them, and views: found or made. */
import { Contexts, Frame, Taps } from '../../../base/assembly/frame.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { HASH_MASK } from '../../../base/assembly/table.ts';
import { ADJACENCY_DOWN, ADJACENCY_UNKNOWN } from '../../../base/assembly/generated/constants.ts';
import { Now, SECOND, tapOfLink } from './clock.ts';
import { orderAcrossLinks } from './counts.ts';
import {
  hashPairs, Interface, interfaces, Link, LINK_UNWATCHED, links, MOST_INTERFACES_OF_LINK, MOST_TAPS_OF_LINK, newEntry,
  orderInterfaces, Router, routers, View, views, VIRTUAL_LINK,
} from './entries.ts';
import { cancelRouter, cancelView } from './deadlines.ts';
import { idInList } from './hello.ts';
import { forgetOffered, hears } from './transitions.ts';

/** For each place of a link's interfaces whether it is taken, and one that never is. */
const taken: usize = memory.data(257);

/** The link under these keys, null when there is none. */
export function findLink(shadow: u32, code: u32, low: u32, high: u32): Link | null {
  const hash = hashPairs(shadow, code, low, high) & HASH_MASK;
  for (let handle = links.first(hash); handle != 0; handle = links.next(handle)) {
    const link = changetype<Link>(links.address(handle));
    if (link.hash == hash && link.shadow == shadow && link.link == code && link.virtualLow == low
      && link.virtualHigh == high) return link;
  }
  return null;
}

/** A new link; null when refused. */
export function makeLink(shadow: u32, code: u32, low: u32, high: u32): Link | null {
  const at = newEntry(links, hashPairs(shadow, code, low, high));
  if (at == 0) return null;
  const link = changetype<Link>(at);
  link.shadow = shadow;
  link.link = code;
  link.virtualLow = low;
  link.virtualHigh = high;
  return link;
}

/** The link of the frame (a virtual link's by its two ends), made and its tap noted; null when refused. */
export function linkOfFrame(virtualPeers: bool, low: u32, high: u32): Link | null {
  const context = Frame.context();
  const shadow = Contexts.shadow(context);
  const code = virtualPeers ? VIRTUAL_LINK : Contexts.link(context);
  if (!virtualPeers) {
    low = 0;
    high = 0;
  }
  let link = findLink(shadow, code, low, high);
  if (link === null) {
    link = makeLink(shadow, code, low, high);
    if (link === null) return null;
    link.context = context;
    link.firstSeen = Now.time;
    const tag = Frame.vlanOuter();
    link.vlan = tag == 0xffff ? 0 : tag & 0xfff;
  }
  noteTap(link, Frame.tap());
  return link;
}

function noteTap(link: Link, tap: u32): void {
  for (let i: u32 = 0; i < link.tapCount; i++) if (tapOfLink(link, i) == tap) return;
  let slot = link.tapCount;
  if (slot == MOST_TAPS_OF_LINK) {
    // A closed tap makes room.
    for (slot = 0; slot < MOST_TAPS_OF_LINK; slot++) if (!Taps.isOpen(tapOfLink(link, slot))) break;
    if (slot == MOST_TAPS_OF_LINK) return;
  } else {
    link.tapCount += 1;
  }
  store<u32>(changetype<usize>(link) + offsetof<Link>('tap0') + ((slot as usize) << 2), tap);
}

/** Links without an open tap are blind: no deadline passes there (C7, C8). */
export function markBlind(): void {
  for (let handle: u32 = 1; handle <= links.highest; handle++) {
    if (!links.isLive(handle)) continue;
    const link = changetype<Link>(links.address(handle));
    if (!isWatched(link)) link.blind = LINK_UNWATCHED;
  }
}

/** Whether any tap of the link is open. */
export function isWatched(link: Link): bool {
  for (let i: u32 = 0; i < link.tapCount; i++) if (Taps.isOpen(tapOfLink(link, i))) return true;
  return false;
}

/** The interface with these keys on the link, null when its router has not sent a hello there. */
export function findInterface(link: Link, area: u32, id: u32, address: u32): Interface | null {
  for (let i = link.first; changetype<usize>(i) != 0; i = i.following) {
    if (i.id == id && i.address == address && i.area == area) return i;
  }
  return null;
}

/** The interface with this address on the link in the area, null when there is none. */
export function findByAddress(link: Link, area: u32, address: u32): Interface | null {
  for (let i = link.first; changetype<usize>(i) != 0; i = i.following) {
    if (i.address == address && i.area == area) return i;
  }
  return null;
}

/** A new interface in its place in the link's order; null when refused. */
export function makeInterface(link: Link, area: u32, id: u32, address: u32): Interface | null {
  if (link.interfaces >= MOST_INTERFACES_OF_LINK) {
    const gone = longestSilent(link);
    if (gone === null) {
      interfaces.refused += 1;
      return null;
    }
    forget(gone);
  }
  const router = routerOf(link.shadow, id);
  if (router === null) return null;
  const at = newEntry(interfaces, hashPairs(link.handle, area, id, address));
  if (at == 0) return null;
  const made = changetype<Interface>(at);
  made.place = freePlace(link);
  made.link = link;
  made.area = area;
  made.id = id;
  made.address = address;
  made.router = router;
  addSibling(router, made);
  link.interfaces += 1;
  let before = changetype<Interface>(0);
  let here = link.first;
  while (changetype<usize>(here) != 0 && orderInterfaces(here, made) < 0) {
    before = here;
    here = here.following;
  }
  made.following = here;
  if (changetype<usize>(before) == 0) link.first = made;
  else before.following = made;
  return made;
}

/** The lowest place that no interface of the link has. */
function freePlace(link: Link): u32 {
  memory.fill(taken, 0, MOST_INTERFACES_OF_LINK);
  for (let i = link.first; changetype<usize>(i) != 0; i = i.following) store<u8>(taken + (i.place as usize), 1);
  let place: u32 = 0;
  while (load<u8>(taken + (place as usize)) != 0) place += 1;
  return place;
}

/** Interfaces of a router stand in canonical order, whenever they were seen. */
function addSibling(router: Router, made: Interface): void {
  let before = changetype<Interface>(0);
  let here = router.first;
  while (changetype<usize>(here) != 0 && orderAcrossLinks(changetype<usize>(here), changetype<usize>(made)) < 0) {
    before = here;
    here = here.sibling;
  }
  made.sibling = here;
  if (changetype<usize>(before) == 0) router.first = made;
  else before.sibling = made;
}

/** The router's list of interfaces, null when it has none. */
export function findRouter(shadow: u32, id: u32): Router | null {
  const hash = hashPairs(shadow, id, 0, 0) & HASH_MASK;
  for (let handle = routers.first(hash); handle != 0; handle = routers.next(handle)) {
    const router = changetype<Router>(routers.address(handle));
    if (router.hash == hash && router.shadow == shadow && router.id == id) return router;
  }
  return null;
}

function routerOf(shadow: u32, id: u32): Router | null {
  const found = findRouter(shadow, id);
  if (found !== null) return found;
  const at = newEntry(routers, hashPairs(shadow, id, 0, 0));
  if (at == 0) return null;
  const router = changetype<Router>(at);
  router.shadow = shadow;
  router.id = id;
  return router;
}

/** What `router` believes of `neighbor`, on the same link: the view, null when there is none yet. */
export function findView(router: Interface, neighbor: Interface): View | null {
  const place = neighbor.place;
  if (place >= router.viewRoom) return null;
  const at = load<u32>(router.views + ((place as usize) << 2)) as usize;
  return at == 0 ? null : changetype<View>(at);
}

/** A new view without state; null when refused. */
export function makeView(router: Interface, neighbor: Interface): View | null {
  if (neighbor.place >= router.viewRoom && !growViews(router, neighbor.place)) return null;
  const at = newEntry(views, hashPairs(router.handle, neighbor.handle, 0, 0));
  if (at == 0) return null;
  const view = changetype<View>(at);
  view.router = router;
  view.neighbor = neighbor;
  store<u32>(router.views + ((neighbor.place as usize) << 2), at as u32);
  return view;
}

function growViews(router: Interface, place: u32): bool {
  let room: u32 = max<u32>(router.viewRoom, 4);
  while (room <= place) room <<= 1;
  const larger = Blocks.take(room << 2);
  if (larger == 0) return false;
  memory.fill(larger, 0, (room as usize) << 2);
  if (router.viewRoom != 0) {
    memory.copy(larger, router.views, (router.viewRoom as usize) << 2);
    Blocks.give(router.views, router.viewRoom << 2);
  }
  router.views = larger;
  router.viewRoom = room;
  return true;
}

// ---- room for others -------------------------------------------------------------------------------------------------

/** The interface of the link that is silent longest and that nobody hears any more; null: none. */
function longestSilent(link: Link): Interface | null {
  let found: Interface | null = null;
  for (let i = link.first; changetype<usize>(i) != 0; i = i.following) {
    if (i.silent == 0 || i.dirty != 0 || (found !== null && found.lastTime <= i.lastTime)) continue;
    if (!isHeard(i)) found = i;
  }
  return found;
}

function isHeard(interfaceOf: Interface): bool {
  for (let other = interfaceOf.link.first; changetype<usize>(other) != 0; other = other.following) {
    const theirs = findView(other, interfaceOf);
    if (theirs !== null && (hears(theirs.state) || theirs.state != theirs.shown)) return true;
    const own = findView(interfaceOf, other);
    if (own !== null && (hears(own.state) || own.state != own.shown)) return true;
  }
  return false;
}

/** Takes an interface and the views of and on it out. */
function forget(gone: Interface): void {
  const link = gone.link;
  let before = changetype<Interface>(0);
  for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
    dropView(findView(gone, other));
    dropView(findView(other, gone));
    if (other.following == gone) before = other;
  }
  if (changetype<usize>(before) == 0) link.first = gone.following;
  else before.following = gone.following;
  link.interfaces -= 1;
  const router = gone.router;
  if (router.first == gone) {
    router.first = gone.sibling;
  } else {
    let sibling = router.first;
    while (sibling.sibling != gone) sibling = sibling.sibling;
    sibling.sibling = gone.sibling;
  }
  if (changetype<usize>(router.first) == 0) routers.remove(router.handle);
  if (gone.listBytes != 0) Blocks.give(gone.list, gone.listBytes);
  if (gone.viewRoom != 0) Blocks.give(gone.views, gone.viewRoom << 2);
  cancelRouter(gone);
  interfaces.remove(gone.handle);
}

function dropView(view: View | null): void {
  if (view === null) return;
  forgetOffered(view);
  cancelView(view);
  store<u32>(view.router.views + ((view.neighbor.place as usize) << 2), 0);
  views.remove(view.handle);
}

/**
 * The view, made on first need. C6: where the first hello seen of `router` listed the neighbour, what it believed before
 * is unknown; unless the link was watched for so long before that a hello of it would have passed: then it is new there.
 */
export function viewOf(router: Interface, neighbor: Interface): View | null {
  const found = findView(router, neighbor);
  if (found !== null) return found;
  const view = makeView(router, neighbor);
  if (view === null) return null;
  const listed = idInList(router.list, router.listCount, neighbor.id);
  const watched = (Now.time - router.link.firstSeen) * 2 > (router.interval as i64) * 3 * SECOND;
  const unknown = listed && (router.helloCount > 1 || !watched);
  view.state = unknown ? ADJACENCY_UNKNOWN : ADJACENCY_DOWN;
  view.shown = view.state;
  view.since = Now.time;
  return view;
}

/** Keeps the neighbour list of the last hello: `count` router ids in network order at `at`. */
export function keepList(router: Interface, at: usize, count: u32): void {
  const bytes = count << 2;
  if (bytes != router.listBytes) {
    if (router.listBytes != 0) Blocks.give(router.list, router.listBytes);
    router.list = bytes == 0 ? 0 : Blocks.take(bytes);
    router.listBytes = router.list == 0 ? 0 : bytes;
  }
  if (router.listBytes == 0) {
    router.listCount = 0;
    return;
  }
  router.listCount = count;
  memory.copy(router.list, at, bytes);
}
