/** What the loader knows of one tapped interface. */
import { bootNs } from './clock.ts';
import type { SentTap } from './messages.ts';
import type { Link } from './netlink.ts';
import type { Namespace } from './namespaces.ts';
import type { PinnedLink } from './pins.ts';

/** A tap with what holds it. */
export interface OpenTap {
  tap: SentTap;
  namespace: Namespace;
  index: number;
  pinned: PinnedLink[];
  release: (() => void)[];
}

/** LINKTYPE_ value of what the filter sees at an interface of this ARPHRD_ value. Throws where it is not understood. */
export function linkTypeOf(hardwareType: number): number {
  const linkType = LINK_TYPES.get(hardwareType);
  if (linkType === undefined) throw new Error(`frames of its kind (ARPHRD ${hardwareType}) are not understood`);
  return linkType;
}

/** ARPHRD_ value to the LINKTYPE_ value of what the filter sees there. */
const LINK_TYPES = new Map([
  [1, 1], [772, 1], // Ethernet, loopback
  [512, 101], [768, 101], [769, 101], [776, 101], [778, 101], [823, 101], [65_534, 101], // PPP, tunnels, GRE, TUN: IP without a header of their own
  [513, 104], // Cisco HDLC
]);

/** Whether a pinned link is of this interface. */
export function isOf(pin: PinnedLink, { index, namespace, tap }: OpenTap): boolean {
  return pin.index === index && pin.name === tap.name && pin.namespaceInode === namespace.inode;
}

/** With the namespace in front where it is not the loader's own. */
export function tapName(namespace: string, link: Link): string {
  return namespace === '' ? link.name : `${namespace.split('/').at(-1)}/${link.name}`;
}

export function carrierOf(link: Link): SentTap['carrier'] {
  return { isUp: link.isUp && link.carrier, changes: link.carrierChanges, atNs: bootNs() };
}

/** Takes over the interface's state; true where it has changed. */
export function updateCarrier(tap: SentTap, link: Link): boolean {
  const now = carrierOf(link);
  const changed = now.isUp !== tap.carrier.isUp || now.changes !== tap.carrier.changes;
  tap.carrier = now;
  return changed;
}
