/** What DBDs, requests and updates say of a view: exstart to full (rules O3-O7, O12, O13; RFC 2328 10.6-10.9, 13). */
import { EVIDENCE_DECLARED, EVIDENCE_INFERRED, EVIDENCE_LSDB, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import {
  ADJACENCY_2_WAY, ADJACENCY_EXCHANGE, ADJACENCY_EXSTART, ADJACENCY_FULL, ADJACENCY_INIT, ADJACENCY_LOADING,
  REASON_ADJACENCY_STARTED, REASON_BAD_LS_REQUEST, REASON_DECLARED_BY_ROUTER, REASON_EXCHANGE_DONE, REASON_FIRST_SEEN,
  REASON_LOADING_DONE, REASON_NEGOTIATION_DONE, REASON_SEQUENCE_NUMBER_MISMATCH,
} from '../../../base/assembly/generated/constants.ts';
import { HASH_MASK } from '../../../base/assembly/table.ts';
import { Now, SECOND } from './clock.ts';
import { DatabaseDescription } from './database-description.ts';
import {
  HEADER_ANSWERED, HEADER_OFFERED, HEADER_REQUESTED, HELD_FULL, headers, Interface, Link,
  newEntry, OfferedHeader, View, hashPairs,
} from './entries.ts';
import { ERROR_MTU, reportError } from './errors.ts';
import {
  ALL_D_ROUTERS, ALL_SPF_ROUTERS, DD_INITIALIZE, DD_MASTER, DD_MORE,
} from './iana.ts';
import { LinkStateRequest, REQUEST_BYTES } from './link-state-request.ts';
import { LinkStateUpdate } from './link-state-update.ts';
import { findByAddress, findView, viewOf } from './links.ts';
import { compareInstances, Lsa, LSA_HEADER_BYTES } from './lsa.ts';
import { Packet } from './packet.ts';
import { isPossibleNeighbor, isPresent } from './presence.ts';
import { declareHeard, twoWay } from './shadow.ts';
import { forgetOffered, hears, isExchanging, Transition } from './transitions.ts';

/** RxmtInterval by default (RFC 2328 C.3): after it no LSR means the request set was empty (O7). */
const RETRANSMIT: i64 = 5 * SECOND;

/** O13: who a DBD or LSR is for: by unicast address, else the other router of a point-to-point link. */
export function receiverOf(link: Link, sender: Interface): Interface | null {
  if (Packet.destination != ALL_SPF_ROUTERS) {
    const named = findByAddress(link, sender.area, Packet.destination);
    return named !== null && isPossibleNeighbor(sender, named) ? named : null;
  }
  let found: Interface | null = null;
  for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
    if (!isPossibleNeighbor(sender, other) || !isPresent(other)) continue;
    if (found !== null) return null;
    found = other;
  }
  return found;
}

/** Applies the DBD in `DatabaseDescription` that `sender` sent to `receiver`. */
export function applyDatabaseDescription(sender: Interface, receiver: Interface): void {
  const own = viewOf(sender, receiver);
  const theirs = viewOf(receiver, sender);
  if (own === null || theirs === null) return;
  sender.mtu = DatabaseDescription.mtu;
  if (!hears(own.state)) declareHeard(own);
  const flags = DatabaseDescription.flags;
  if ((flags & DD_INITIALIZE) != 0) applyInitial(own, theirs);
  else if ((flags & DD_MASTER) == 0) applySlave(own, theirs);
  else applyMaster(own);
}

/** O4, O3: a DBD with I=1. */
function applyInitial(own: View, theirs: View): void {
  const sequence = DatabaseDescription.sequence;
  const repeated = own.ddSeen != 0 && own.ddInitial == sequence;
  if (own.state < ADJACENCY_EXSTART) {
    Transition.to(own, ADJACENCY_EXSTART, REASON_ADJACENCY_STARTED, Now.time, EVIDENCE_DECLARED);
  } else if (own.state == ADJACENCY_EXSTART) {
    if (repeated) countRepeat(own, theirs);
  } else if (!repeated) {
    const asked = theirs.open != 0;
    Transition.to(own, ADJACENCY_EXSTART, asked ? REASON_BAD_LS_REQUEST : REASON_SEQUENCE_NUMBER_MISMATCH, Now.time, EVIDENCE_DECLARED);
  }
  own.ddSeen = 1;
  own.ddInitial = sequence;
  own.ddSequence = sequence;
  own.ddFlags = DatabaseDescription.flags;
  if (theirs.state == ADJACENCY_INIT && isPresent(theirs.router)) twoWay(theirs, Now.time);
  else if (theirs.state >= ADJACENCY_EXCHANGE && !repeated) {
    // RFC 2328 10.6: whoever is in exchange or beyond begins anew too.
    Transition.to(theirs, ADJACENCY_EXSTART, REASON_SEQUENCE_NUMBER_MISMATCH, Now.time, EVIDENCE_RECEIVED);
  }
}

/** O12: the same DBD again and again, and the MTUs differ (RFC 2328 10.6). */
function countRepeat(own: View, theirs: View): void {
  if (own.exstartRepeats < 255) own.exstartRepeats += 1;
  const mine = own.router.mtu;
  const other = own.neighbor.mtu;
  if (own.exstartRepeats >= 2 && mine != other && mine != 0 && other != 0) {
    const larger = mine > other ? own : theirs;
    reportError(ERROR_MTU, own.router.link.context, larger.router.id, larger.neighbor.id, larger.router.mtu, larger.neighbor.mtu);
  }
}

/** O5, O6: a DBD of the slave echoes the master's sequence number. */
function applySlave(own: View, theirs: View): void {
  const sequence = DatabaseDescription.sequence;
  const repeated = own.ddSeen != 0 && own.ddSequence == sequence && (own.ddFlags & (DD_INITIALIZE | DD_MASTER)) == 0;
  const first = theirs.ddSeen != 0 && (theirs.ddFlags & DD_INITIALIZE) != 0 && theirs.ddInitial == sequence && !repeated;
  if (first) {
    forgetOffered(own);
    forgetOffered(theirs);
    own.open = 0;
    theirs.open = 0;
    enterExchange(own, EVIDENCE_DECLARED);
    if (theirs.state >= ADJACENCY_2_WAY) enterExchange(theirs, EVIDENCE_RECEIVED);
  } else if (own.state < ADJACENCY_EXCHANGE) {
    Transition.to(own, ADJACENCY_EXCHANGE, REASON_DECLARED_BY_ROUTER, Now.time, EVIDENCE_DECLARED);
  }
  if (repeated) return;
  offerHeaders(own);
  const flags = DatabaseDescription.flags;
  own.ddSeen = 1;
  own.ddSequence = sequence;
  own.ddFlags = flags;
  const masterDone = theirs.ddSeen != 0 && theirs.ddSequence == sequence && (theirs.ddFlags & (DD_MORE | DD_INITIALIZE)) == 0;
  if ((flags & DD_MORE) == 0 && masterDone) {
    finishExchange(own);
    finishExchange(theirs);
  }
}

/** A DBD of the master: its headers. */
function applyMaster(own: View): void {
  if (own.state < ADJACENCY_EXCHANGE) {
    Transition.to(own, ADJACENCY_EXCHANGE, REASON_DECLARED_BY_ROUTER, Now.time, EVIDENCE_DECLARED);
  }
  const sequence = DatabaseDescription.sequence;
  if (own.ddSeen != 0 && own.ddSequence == sequence && (own.ddFlags & DD_INITIALIZE) == 0) return;
  offerHeaders(own);
  own.ddSeen = 1;
  own.ddSequence = sequence;
  own.ddFlags = DatabaseDescription.flags;
}

function enterExchange(view: View, evidence: u8): void {
  Transition.to(view, ADJACENCY_EXCHANGE, REASON_NEGOTIATION_DONE, Now.time, evidence);
}

function offerHeaders(own: View): void {
  for (let i: u32 = 0; i < DatabaseDescription.count; i++) {
    const at = DatabaseDescription.headers + (i * LSA_HEADER_BYTES) as usize;
    noteHeader(own, at);
  }
}

/** Keeps the LSA header at `at` in the view's list; a newer instance replaces an older one. */
function noteHeader(view: View, at: usize): void {
  const header = headerOf(view, Lsa.type(at) as u32, Lsa.id(at), Lsa.router(at), true);
  if (header === null) return;
  const known = (header.flags & HEADER_OFFERED) != 0;
  if (!known || compareInstances(Lsa.sequence(at), Lsa.checksum(at), Lsa.age(at), header.sequence, header.checksum, header.age) > 0) {
    header.sequence = Lsa.sequence(at);
    header.checksum = Lsa.checksum(at);
    header.age = Lsa.age(at);
  }
  header.flags |= HEADER_OFFERED;
}

/** The view's entry for an LSA; made when `make`. */
export function headerOf(view: View, type: u32, id: u32, router: u32, make: bool): OfferedHeader | null {
  const hash = hashPairs(view.handle, type, id, router) & HASH_MASK;
  for (let handle = headers.first(hash); handle != 0; handle = headers.next(handle)) {
    const header = changetype<OfferedHeader>(headers.address(handle));
    if (header.hash == hash && header.view == view && header.type == type && header.id == id && header.router == router) return header;
  }
  if (!make) return null;
  const at = newEntry(headers, hash);
  if (at == 0) return null;
  const header = changetype<OfferedHeader>(at);
  header.view = view;
  header.type = type;
  header.id = id;
  header.router = router;
  header.following = view.offered;
  view.offered = header;
  view.offeredCount += 1;
  return header;
}

/**
 * O6: the view leaves exchange. Its request set is what its router asks for: a header that it does not list itself says
 * nothing, as it need not list what the neighbour offered first (RFC 5243). With nothing asked it is full, provisionally.
 */
function finishExchange(view: View): void {
  if (view.state != ADJACENCY_EXCHANGE) return;
  if (view.open != 0) {
    Transition.to(view, ADJACENCY_LOADING, REASON_EXCHANGE_DONE, Now.time, EVIDENCE_DECLARED);
  } else {
    Transition.hold(view, HELD_FULL, ADJACENCY_FULL, REASON_EXCHANGE_DONE, EVIDENCE_INFERRED, RETRANSMIT, false);
  }
}

/** A request of `router` to `neighbor`: what it asks for it does not have, whatever was sent before (O6, O7). */
export function applyRequest(router: Interface, neighbor: Interface): void {
  const view = viewOf(router, neighbor);
  const offer = viewOf(neighbor, router);
  if (view === null || offer === null || view.state < ADJACENCY_EXCHANGE) return;
  for (let i: u32 = 0; i < LinkStateRequest.count; i++) {
    const at = LinkStateRequest.requests + (i * REQUEST_BYTES) as usize;
    const type = bswap<u32>(load<u32>(at));
    const id = bswap<u32>(load<u32>(at, 4));
    const advertiser = bswap<u32>(load<u32>(at, 8));
    const header = headerOf(offer, type, id, advertiser, true);
    if (header === null) continue;
    ask(view, header);
    voidElsewhere(router, neighbor, header);
  }
  if (view.open != 0 && view.state == ADJACENCY_FULL) {
    if (view.heldKind == HELD_FULL) Transition.withdraw(view);
    else Transition.to(view, ADJACENCY_LOADING, REASON_DECLARED_BY_ROUTER, Now.time, EVIDENCE_DECLARED);
  }
}

/** The router lacks the LSA, whatever answered it before. */
function ask(view: View, header: OfferedHeader): void {
  const open = (header.flags & HEADER_REQUESTED) != 0 && (header.flags & HEADER_ANSWERED) == 0;
  header.flags = (header.flags | HEADER_REQUESTED) & ~HEADER_ANSWERED;
  if (!open) view.open += 1;
}

/** The router asks again: it dropped the answer (MinLSArrival), so it lacks that instance in its other request sets too. */
function voidElsewhere(router: Interface, neighbor: Interface, asked: OfferedHeader): void {
  const link = router.link;
  if (link.exchanging < 2) return;
  for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
    if (other == neighbor || !isPossibleNeighbor(router, other)) continue;
    const view = findView(router, other);
    if (view === null || !isExchanging(view)) continue;
    const offer = findView(other, router);
    if (offer === null) continue;
    const header = headerOf(offer, asked.type, asked.id, asked.router, false);
    if (header === null || (header.flags & HEADER_ANSWERED) == 0) continue;
    // An older instance, offered by another neighbour, may well have been taken.
    if (compareInstances(header.sequence, header.checksum, header.age, asked.sequence, asked.checksum, asked.age) < 0) continue;
    ask(view, header);
    Transition.withdraw(view);
  }
}

/** An LSU of `sender`: what it and its receivers have by it, for their request sets (RFC 2328 13 (5), 13.3 (1)). */
export function applyUpdate(link: Link, sender: Interface): void {
  if (link.exchanging == 0) return;
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    if (router != sender && !receives(router, sender)) continue;
    let at = LinkStateUpdate.first;
    for (let i: u32 = 0; i < LinkStateUpdate.count; i++) {
      if (Lsa.checksumHolds(at)) acquire(link, router, at);
      at += Lsa.length(at) as usize;
    }
    settleLoading(link, router);
  }
}

function receives(router: Interface, sender: Interface): bool {
  if (!isPossibleNeighbor(router, sender)) return false;
  const destination = Packet.destination;
  if (destination == ALL_D_ROUTERS) {
    if (router.designated != router.address && router.backup != router.address) return false;
  } else if (destination != ALL_SPF_ROUTERS && destination != router.address) {
    return false;
  }
  const view = findView(router, sender);
  return view !== null && view.state >= ADJACENCY_EXCHANGE;
}

/** `router` has the LSA at `at` now: it leaves the request sets of all its views on the link. */
function acquire(link: Link, router: Interface, at: usize): void {
  const type = Lsa.type(at) as u32;
  const id = Lsa.id(at);
  const advertiser = Lsa.router(at);
  for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
    if (!isPossibleNeighbor(router, other)) continue;
    const view = findView(router, other);
    if (view === null || !isExchanging(view)) continue;
    const offer = findView(other, router);
    if (offer === null) continue;
    const header = headerOf(offer, type, id, advertiser, false);
    if (header === null || (header.flags & (HEADER_REQUESTED | HEADER_ANSWERED)) != HEADER_REQUESTED) continue;
    const known = (header.flags & HEADER_OFFERED) != 0;
    if (known && compareInstances(Lsa.sequence(at), Lsa.checksum(at), Lsa.age(at), header.sequence, header.checksum, header.age) < 0) continue;
    header.flags |= HEADER_ANSWERED;
    view.open -= 1;
  }
}

/** O7: the LSU that emptied the set: full, provisionally. */
function settleLoading(link: Link, router: Interface): void {
  for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
    if (!isPossibleNeighbor(router, other)) continue;
    const view = findView(router, other);
    if (view === null || view.state != ADJACENCY_LOADING || view.open != 0) continue;
    Transition.hold(view, HELD_FULL, ADJACENCY_FULL, REASON_LOADING_DONE, EVIDENCE_INFERRED, RETRANSMIT, false);
  }
}

/** The router's own Router-LSA, or the DR's Network-LSA, shows the adjacency: what was provisional is so (O7). */
export function confirmFull(view: View): void {
  if (view.heldKind == HELD_FULL) {
    Transition.settle(view);
  } else if (view.state == ADJACENCY_LOADING) {
    Transition.to(view, ADJACENCY_FULL, REASON_LOADING_DONE, Now.time, EVIDENCE_LSDB);
  } else if (view.state == ADJACENCY_2_WAY && view.unproven != 0) {
    Transition.initial(view, ADJACENCY_FULL, REASON_FIRST_SEEN, Now.time, EVIDENCE_LSDB);
  }
}
