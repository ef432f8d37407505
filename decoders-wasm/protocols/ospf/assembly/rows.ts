/** Rows of adjacencies, neighbour counts, names and quarantine: fills the generated writers from the shadow. */
import { Frame, Taps } from '../../../base/assembly/frame.ts';
import { CONFIDENCE_INFERRED, Envelope, EVIDENCE_INFERRED } from '../../../base/assembly/envelope.ts';
import { AdjacencyEvents } from '../../../base/assembly/generated/adjacency-events.ts';
import { IDENTITY_AREA, IDENTITY_INTERFACE_ADDRESS, IGP_OSPFV2, PROTOCOL_NAME_OSPFV2 } from '../../../base/assembly/generated/constants.ts';
import { NeighborCounts } from '../../../base/assembly/generated/neighbor-counts.ts';
import { Quarantine } from '../../../base/assembly/generated/quarantine.ts';
import { RouterNames } from '../../../base/assembly/generated/router-names.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Now } from './clock.ts';
import { Interface, View } from './entries.ts';
import { errorName } from './errors.ts';
import { Packet, packetErrorName } from './packet.ts';
import { quadText } from './text.ts';

/** Event types: index + 1 in the catalogue. */
const EVENT_NEIGHBOR_STATE_CHANGE: u8 = 2;
const EVENT_NEIGHBOR_COUNT: u8 = 2;

const key: usize = memory.data(112);

/**
 * One row of a view: from its shown state to `state`, effective at `time` (wall ns). The key names the view by
 * content: area, both router ids, both addresses.
 */
export function emitAdjacency(view: View, state: u8, reason: u8, time: i64, evidence: u8, initial: bool): void {
  const router = view.router;
  const neighbor = view.neighbor;
  Now.envelope(router.link.context);
  Envelope.eventCode = EVENT_NEIGHBOR_STATE_CHANGE;
  Envelope.time = time;
  Envelope.evidence = evidence;
  Envelope.initial = initial;
  if (evidence == EVIDENCE_INFERRED) Envelope.confidence = CONFIDENCE_INFERRED;
  AdjacencyEvents.clear();
  AdjacencyEvents.protocol = IGP_OSPFV2;
  quadText(router.area);
  AdjacencyEvents.areaText();
  quadText(router.id);
  AdjacencyEvents.routerText();
  quadText(neighbor.id);
  AdjacencyEvents.neighborText();
  quadText(router.address);
  AdjacencyEvents.localAddressText();
  quadText(neighbor.address);
  AdjacencyEvents.neighborAddressText();
  AdjacencyEvents.vlan = router.link.vlan;
  AdjacencyEvents.prevState = view.shown;
  AdjacencyEvents.state = state;
  AdjacencyEvents.reason = reason;
  if (view.refusal != 0) {
    Text.begin();
    Text.literal(errorName(view.refusal));
    AdjacencyEvents.detailText();
  }
  AdjacencyEvents.holdTime = router.dead;
  AdjacencyEvents.lastHello = view.acceptedTime;
  AdjacencyEvents.emit(key, Now.keyed(key, viewKey(view)), Now.ordinal());
}

function viewKey(view: View): u32 {
  store<u32>(key, view.router.area);
  store<u32>(key, view.router.id, 4);
  store<u32>(key, view.router.address, 8);
  store<u32>(key, view.neighbor.id, 12);
  store<u32>(key, view.neighbor.address, 16);
  return 20;
}

/** A neighbour count of `router` with the envelope that the caller has begun. */
export function emitCount(router: Interface, adjacencies: u32, neighbors: u32, full: u32, twoWay: u32, coverage: u8, isMinute: bool): void {
  Envelope.eventCode = EVENT_NEIGHBOR_COUNT;
  NeighborCounts.clear();
  NeighborCounts.protocol = IGP_OSPFV2;
  quadText(router.id);
  NeighborCounts.routerText();
  quadText(router.area);
  NeighborCounts.areaText();
  NeighborCounts.adjacencies = adjacencies;
  NeighborCounts.neighbors = neighbors;
  NeighborCounts.full = full;
  NeighborCounts.twoWay = twoWay;
  NeighborCounts.coverage = coverage;
  store<u32>(key, router.area);
  store<u32>(key, router.id, 4);
  store<u32>(key, router.address, 8);
  // Rows of a minute bear the shadow's identity, not a frame's: tap and tag tell links apart.
  store<u32>(key, router.link.vlan as u32, 12);
  store<u32>(key, router.link.virtualHigh, 16);
  memory.copy(key + 20, Taps.at(router.link.tap0), 16);
  if (isMinute) NeighborCounts.emit(key, 36, 0);
  else NeighborCounts.emit(key, Now.keyed(key, 36), Now.ordinal());
}

/** First sight of an interface: its address and area belong to the router. */
export function emitNames(router: Interface): void {
  emitIdentity(router.link.context, router.id, IDENTITY_INTERFACE_ADDRESS, router.address);
  emitIdentity(router.link.context, router.id, IDENTITY_AREA, router.area);
}

/** A router is known by `value` (an address or an area id). */
export function emitIdentity(context: u32, router: u32, attribute: u8, value: u32): void {
  Now.envelope(context);
  RouterNames.clear();
  RouterNames.protocol = PROTOCOL_NAME_OSPFV2;
  RouterNames.reason = Envelope.stateReason();
  quadText(router);
  RouterNames.routerText();
  RouterNames.attribute = attribute;
  quadText(value);
  RouterNames.valueText();
  store<u32>(key, router);
  store<u32>(key, attribute as u32, 4);
  store<u32>(key, value, 8);
  RouterNames.emit(key, Now.keyed(key, 12), Now.ordinal());
}

/** The frame under the decoder could not be used: PDU-level `error` at `Packet.errorOffset`. */
export function emitQuarantine(error: i32): void {
  Now.envelope(Frame.context());
  Quarantine.clear();
  Quarantine.protocol = PROTOCOL_NAME_OSPFV2;
  Text.begin();
  Text.literal(packetErrorName(error));
  Quarantine.errorText();
  Quarantine.errorOffset = Packet.errorOffset;
  Text.begin();
  Text.raw(Frame.bytes(), min<u32>(Frame.capturedLength(), 60000));
  Quarantine.bytesText();
  store<u32>(key, error as u32);
  Quarantine.emit(key, 4, 0);
}
