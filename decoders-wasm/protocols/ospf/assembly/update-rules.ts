/** What a flooded LSA says of views: shutdown (O10), confirmed full (O7), grace (O9); then the LSDB adopts it. */
import { EVIDENCE_DECLARED } from '../../../base/assembly/envelope.ts';
import { ADJACENCY_2_WAY, ADJACENCY_DOWN, REASON_ROUTER_SHUTDOWN } from '../../../base/assembly/generated/constants.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import { Now, SECOND } from './clock.ts';
import { Interface, Link, View } from './entries.ts';
import { ERROR_LSA_BODY, ERROR_LSA_CHECKSUM, ERROR_LSA_TYPE, reportError } from './errors.ts';
import { confirmFull } from './exchange.ts';
import {
  GRACE_TLV_PERIOD, LSA_NETWORK, LSA_OPAQUE_AS, LSA_OPAQUE_LINK, LSA_ROUTER, MAX_AGE, OPAQUE_GRACE,
  ROUTER_LINK_POINT_TO_POINT, ROUTER_LINK_TRANSIT, ROUTER_LINK_VIRTUAL,
} from './iana.ts';
import { LinkStateUpdate } from './link-state-update.ts';
import { findRouter, findView } from './links.ts';
import { Lsa, LSA_HEADER_BYTES } from './lsa.ts';
import { adoptLsa } from './lsdb.ts';
import { checkBody } from './bodies.ts';
import { NetworkLsa } from './network-lsa.ts';
import { Packet } from './packet.ts';
import { RouterLsa } from './router-lsa.ts';
import { deadNs, isPossibleNeighbor } from './presence.ts';
import { setDeadline } from './shadow.ts';
import { hears, Transition, watchSilence } from './transitions.ts';

/** Every LSA of the update, in order; `sender` is null where no hello of it was seen on the link. */
export function applyLsas(link: Link, sender: Interface | null, watched: i64): void {
  let at = LinkStateUpdate.first;
  for (let i: u32 = 0; i < LinkStateUpdate.count; i++) {
    applyLsa(link, sender, at, watched);
    at += Lsa.length(at) as usize;
  }
}

function applyLsa(link: Link, sender: Interface | null, at: usize, watched: i64): void {
  const type = Lsa.type(at);
  if (!Lsa.checksumHolds(at)) return complain(ERROR_LSA_CHECKSUM, at);
  if (type == 0 || type > LSA_OPAQUE_AS) return complain(ERROR_LSA_TYPE, at);
  if (!checkBody(at)) return complain(ERROR_LSA_BODY, at);
  const own = sender !== null && Lsa.router(at) == sender.id;
  if (own && type == LSA_ROUTER && Lsa.age(at) >= MAX_AGE) shutDown(sender!, Lsa.router(at));
  if (type == LSA_OPAQUE_LINK && sender !== null && own && Lsa.id(at) >>> 24 == (OPAQUE_GRACE as u32)) applyGrace(link, sender, at);
  const adopted = adoptLsa(link.shadow, Frame.context(), link.link, Packet.area, at, watched);
  if (!adopted || !own || Lsa.age(at) >= MAX_AGE) return;
  if (type == LSA_ROUTER) confirmByRouterLsa(sender!, at);
  else if (type == LSA_NETWORK) confirmByNetworkLsa(sender!, at);
}

function complain(error: u8, at: usize): void {
  reportError(error, Frame.context(), Packet.router, 0, Lsa.type(at) as u32, Lsa.id(at));
}

/** O10: a router flushes its own Router-LSA: its views in the area are down. */
function shutDown(sender: Interface, id: u32): void {
  const router = findRouter(sender.link.shadow, id);
  if (router === null) return;
  for (let own = router.first; changetype<usize>(own) != 0; own = own.sibling) {
    if (own.area != sender.area || own.shutDown != 0) continue;
    own.shutDown = 1;
    for (let other = own.link.first; changetype<usize>(other) != 0; other = other.following) {
      if (!isPossibleNeighbor(own, other)) continue;
      const view = findView(own, other);
      if (view === null || !hears(view.state)) continue;
      view.deadline = 0;
      view.listed = 0;
      Transition.to(view, ADJACENCY_DOWN, REASON_ROUTER_SHUTDOWN, Now.time, EVIDENCE_DECLARED);
    }
  }
}

/** O7: links of a new instance of the sender's own Router-LSA. */
function confirmByRouterLsa(sender: Interface, at: usize): void {
  const router = findRouter(sender.link.shadow, sender.id);
  if (router === null) return;
  for (let own = router.first; changetype<usize>(own) != 0; own = own.sibling) {
    if (own.area != sender.area) continue;
    RouterLsa.over(at);
    while (RouterLsa.nextLink()) confirmByLink(own);
  }
}

function confirmByLink(own: Interface): void {
  const type = RouterLsa.linkType;
  for (let other = own.link.first; changetype<usize>(other) != 0; other = other.following) {
    if (!isPossibleNeighbor(own, other)) continue;
    const view = findView(own, other);
    if (view === null || view.state < ADJACENCY_2_WAY) continue;
    if (type == ROUTER_LINK_TRANSIT) {
      // RFC 2328 12.4.1.2: a transit link says full with the DR.
      if (RouterLsa.linkData == own.address && RouterLsa.linkId == other.address) confirmFull(view);
    } else if (type == ROUTER_LINK_POINT_TO_POINT || type == ROUTER_LINK_VIRTUAL) {
      // The link data of an unnumbered link is an ifIndex (12.4.1.1).
      const numbered = RouterLsa.linkData == own.address || RouterLsa.linkData < 0x01000000;
      if (RouterLsa.linkId == other.id && numbered) confirmFull(view);
    }
  }
}

/** O7: the DR's Network-LSA lists who is full with it. */
function confirmByNetworkLsa(sender: Interface, at: usize): void {
  const router = findRouter(sender.link.shadow, sender.id);
  if (router === null) return;
  for (let own = router.first; changetype<usize>(own) != 0; own = own.sibling) {
    if (own.area != sender.area || own.address != Lsa.id(at)) continue;
    for (let other = own.link.first; changetype<usize>(other) != 0; other = other.following) {
      if (!isPossibleNeighbor(own, other) || !NetworkLsa.lists(at, other.id)) continue;
      const view = findView(own, other);
      if (view !== null && view.state >= ADJACENCY_2_WAY) confirmFull(view);
    }
  }
}

/** RFC 3623 appendix A: a Grace-LSA of the sender holds the deadlines of those that are full with it. */
function applyGrace(link: Link, sender: Interface, at: usize): void {
  if (Lsa.age(at) >= MAX_AGE) {
    endGrace(link, sender);
    return;
  }
  let position = at + LSA_HEADER_BYTES;
  const end = at + Lsa.length(at);
  while (position + 4 <= end) {
    const type = bswap<u16>(load<u16>(position));
    const length = bswap<u16>(load<u16>(position, 2)) as usize;
    if (position + 4 + length > end) return;
    if (type == GRACE_TLV_PERIOD && length == 4) {
      const period = bswap<u32>(load<u32>(position, 4)) as i64;
      const left = period - (Lsa.age(at) as i64);
      if (left > 0) {
        sender.graceUntil = Now.time + left * SECOND;
        watchSilence(sender);
      }
    }
    position += 4 + ((length + 3) & ~3);
  }
}

/** The restart is over: deadlines run again from now. */
function endGrace(link: Link, sender: Interface): void {
  if (sender.graceUntil == 0) return;
  sender.graceUntil = 0;
  watchSilence(sender);
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    if (!isPossibleNeighbor(router, sender)) continue;
    const view = findView(router, sender);
    if (view !== null && view.graceHeld != 0) rearm(view);
  }
}

function rearm(view: View): void {
  view.graceHeld = 0;
  view.acceptedTap = Now.tap;
  view.acceptedNumber = Now.number;
  setDeadline(view, Now.boot + deadNs(view.router));
}
