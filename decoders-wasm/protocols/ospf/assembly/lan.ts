/** The DR of a LAN, by what all present routers say in their hellos: a row of `topology_changes`, no link change. */
import { Envelope, EVIDENCE_DECLARED } from '../../../base/assembly/envelope.ts';
import { CHANGE_CHANGED, IGP_OSPFV2, OBJECT_LAN } from '../../../base/assembly/generated/constants.ts';
import { TopologyChanges } from '../../../base/assembly/generated/topology-changes.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Now } from './clock.ts';
import { Interface, Link } from './entries.ts';
import { findByAddress } from './links.ts';
import { isPresent } from './presence.ts';
import { prefix, quad, quadText } from './text.ts';

const key: usize = memory.data(64);
/** Event type: index + 1 in the catalogue. */
const EVENT_TOPOLOGY_CHANGE: u8 = 2;

/** Writes a row when all present routers of the link name the same DR, other than before. */
export function watchDesignated(link: Link): void {
  let agreed: u32 = 0;
  let voice = changetype<Interface>(0);
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    if (router.helloCount == 0 || !isPresent(router)) continue;
    if (router.designated == 0 || (agreed != 0 && router.designated != agreed)) return;
    agreed = router.designated;
    voice = router;
  }
  if (agreed == 0 || agreed == link.designated) return;
  const before = link.designated;
  link.designated = agreed;
  Now.envelope(link.context);
  Envelope.eventCode = EVENT_TOPOLOGY_CHANGE;
  Envelope.evidence = EVIDENCE_DECLARED;
  Envelope.initial = before == 0;
  TopologyChanges.clear();
  TopologyChanges.protocol = IGP_OSPFV2;
  quadText(voice.area);
  TopologyChanges.areaText();
  TopologyChanges.objectType = OBJECT_LAN;
  Text.begin();
  prefix(voice.address, voice.mask);
  TopologyChanges.objectKeyText();
  TopologyChanges.change = CHANGE_CHANGED;
  Text.begin();
  Text.literal('dr');
  TopologyChanges.fieldText();
  TopologyChanges.oldNumber = i64.MIN_VALUE;
  TopologyChanges.newNumber = i64.MIN_VALUE;
  Text.begin();
  if (before != 0) quad(routerAt(link, voice.area, before));
  TopologyChanges.oldTextText();
  quadText(routerAt(link, voice.area, agreed));
  TopologyChanges.newTextText();
  store<u32>(key, voice.area);
  store<u32>(key, voice.address & voice.mask, 4);
  store<u32>(key, voice.mask, 8);
  store<u32>(key, OBJECT_LAN as u32, 12);
  TopologyChanges.emit(key, Now.keyed(key, 16), Now.ordinal());
}

/** Router id behind an interface address; the address itself while its router is unknown. */
function routerAt(link: Link, area: u32, address: u32): u32 {
  const found = findByAddress(link, area, address);
  return found === null ? address : found.id;
}
