/** Rows of `topology_changes`. */
import { Envelope, EVIDENCE_LSDB } from '../../../base/assembly/envelope.ts';
import { CHANGE_CHANGED, IGP_OSPFV2, OBJECT_LINK, OBJECT_NODE, OBJECT_PREFIX } from '../../../base/assembly/generated/constants.ts';
import { TopologyChanges } from '../../../base/assembly/generated/topology-changes.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Now } from './clock.ts';
import { LsdbEntry, SCOPE_AS } from './lsdb.ts';
import { prefix, quad, quadText } from './text.ts';

/** Event type: index + 1 in the catalogue. */
const EVENT_TOPOLOGY_CHANGE: u8 = 2;
const NO_NUMBER: i64 = i64.MIN_VALUE;

/** Fields, in the row key by number and in the row by name. */
export const FIELD_EXISTS: u32 = 0;
export const FIELD_METRIC: u32 = 1;
export const FIELD_BITS: u32 = 2;
export const FIELD_METRIC_TYPE: u32 = 3;
export const FIELD_FORWARDING: u32 = 4;
export const FIELD_TAG: u32 = 5;

const key: usize = memory.data(80);

function fieldName(field: u32): string {
  if (field == FIELD_METRIC) return 'metric';
  if (field == FIELD_BITS) return 'rtr-lsa-bits';
  if (field == FIELD_METRIC_TYPE) return 'metric-type';
  if (field == FIELD_FORWARDING) return 'forwarding-address';
  if (field == FIELD_TAG) return 'external-route-tag';
  return 'exists';
}

/** Begins a row about an object that `router` advertises in `area`; set values, then `finish*`. */
export function beginChange(context: u32, area: u32, asScoped: bool, router: u32, change: u8, field: u32, time: i64, initial: bool): void {
  Now.envelope(context);
  Envelope.eventCode = EVENT_TOPOLOGY_CHANGE;
  Envelope.time = time;
  Envelope.evidence = EVIDENCE_LSDB;
  Envelope.initial = initial;
  TopologyChanges.clear();
  TopologyChanges.protocol = IGP_OSPFV2;
  TopologyChanges.reason = Envelope.stateReason();
  if (!asScoped) {
    quadText(area);
    TopologyChanges.areaText();
  }
  quadText(router);
  TopologyChanges.routerText();
  TopologyChanges.change = change;
  Text.begin();
  Text.literal(fieldName(field));
  TopologyChanges.fieldText();
  TopologyChanges.oldNumber = NO_NUMBER;
  TopologyChanges.newNumber = NO_NUMBER;
  store<u32>(key, asScoped ? 0xffffffff : area);
  store<u32>(key, router, 4);
  store<u32>(key, field, 8);
}

/** The same for what an LSA of the database says, effective now. */
export function beginOfLsa(entry: LsdbEntry, change: u8, field: u32, initial: bool): void {
  beginChange(entry.context, entry.area, entry.scope == SCOPE_AS, entry.router, change, field, Now.time, initial);
}

/** The row is about node `router`. */
export function finishNode(router: u32): void {
  TopologyChanges.objectType = OBJECT_NODE;
  quadText(router);
  TopologyChanges.objectKeyText();
  store<u32>(key, OBJECT_NODE as u32, 12);
  TopologyChanges.emit(key, Now.keyed(key, 16), Now.ordinal());
}

/** The row is about the link from `from` to `to`, the `ordinal`-th (from 1) of parallel ones. */
export function finishLink(from: u32, to: u32, ordinal: u32): void {
  TopologyChanges.objectType = OBJECT_LINK;
  Text.begin();
  quad(from);
  Text.literal(' -> ');
  quad(to);
  if (ordinal > 1) {
    Text.literal(' #');
    Text.decimal(ordinal as u64);
  }
  TopologyChanges.objectKeyText();
  quadText(to);
  TopologyChanges.neighborText();
  store<u32>(key, OBJECT_LINK as u32, 12);
  store<u32>(key, to, 16);
  store<u32>(key, ordinal, 20);
  TopologyChanges.emit(key, Now.keyed(key, 24), Now.ordinal());
}

/** The row is about a prefix that `router` advertises by an LSA of `type`. */
export function finishPrefix(router: u32, address: u32, mask: u32, type: u32): void {
  TopologyChanges.objectType = OBJECT_PREFIX;
  Text.begin();
  quad(router);
  Text.char(32);
  prefix(address, mask);
  TopologyChanges.objectKeyText();
  Text.begin();
  prefix(address, mask);
  TopologyChanges.prefixText();
  store<u32>(key, OBJECT_PREFIX as u32, 12);
  store<u32>(key, address, 16);
  store<u32>(key, mask, 20);
  store<u32>(key, type, 24);
  TopologyChanges.emit(key, Now.keyed(key, 28), Now.ordinal());
}

/** Old value as a number. */
export function oldNumber(value: u32): void {
  TopologyChanges.oldNumber = value as i64;
}

/** New value as a number. */
export function newNumber(value: u32): void {
  TopologyChanges.newNumber = value as i64;
}

/** Old value as the text in `Text`. */
export function oldText(): void {
  TopologyChanges.oldTextText();
}

/** New value as the text in `Text`. */
export function newText(): void {
  TopologyChanges.newTextText();
}

/** Re-export for rows of changed values. */
export const CHANGED: u8 = CHANGE_CHANGED;
