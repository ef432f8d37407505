/** Whether a router is there, by its own hellos: present, overdue, or silent because it may be. */
import { ADJACENCY_FULL } from '../../../base/assembly/generated/constants.ts';
import { Now, SECOND } from './clock.ts';
import { Interface, View } from './entries.ts';
import { OPTION_DC } from './iana.ts';
import { findView } from './links.ts';

/** RouterDeadInterval in ns. */
export function deadNs(router: Interface): i64 {
  return (router.dead as i64) * SECOND;
}

/** A router is present while its last hello is younger than its own dead interval (terms of the rules). */
export function isPresent(router: Interface): bool {
  if (router.silent != 0 || router.shutDown != 0) return false;
  return Now.time - router.lastTime < deadNs(router) || isQuiet(router);
}

/** Its silence means nothing: one of its adjacencies is a demand circuit, and full. */
export function isQuiet(router: Interface): bool {
  if ((router.options & OPTION_DC) == 0) return false;
  for (let other = router.link.first; changetype<usize>(other) != 0; other = other.following) {
    if (!isPossibleNeighbor(router, other)) continue;
    const view = findView(router, other);
    if (view !== null && isDemandCircuit(view)) return true;
  }
  return false;
}

/** Silent for more than three of its hello intervals: what it believes is not judged any more (C1, C4). */
export function isOverdueAt(router: Interface, time: i64): bool {
  return time - router.lastTime > (router.interval as i64) * 3 * SECOND;
}

/** Demand circuits (RFC 1793 3.2): on a full point-to-point adjacency hellos are suppressed. */
export function isDemandCircuit(view: View): bool {
  return view.state == ADJACENCY_FULL && isDemand(view.router) && isDemand(view.neighbor);
}

/** Whether its hellos may be suppressed on a point-to-point link. */
export function isDemand(router: Interface): bool {
  return (router.options & OPTION_DC) != 0 && router.designated == 0;
}

/** Two interfaces of one link and area that are not of one router. */
export function isPossibleNeighbor(a: Interface, b: Interface): bool {
  return a != b && a.id != b.id && a.area == b.area && a.helloCount != 0 && b.helloCount != 0;
}
