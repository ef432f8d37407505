/** Rows of `topology_changes` and `router_names`. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Contexts } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { RouterNames } from '../../../base/assembly/generated/router-names.ts';
import { TopologyChanges } from '../../../base/assembly/generated/topology-changes.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Bytes } from './bytes.ts';
import { GraphPrefix, prefixAt } from './graph.ts';
import { Names } from './names.ts';
import { writeSystem } from './rows.ts';

/** Event type `isis.database_overload` of the catalogue; 1 is `isis.topology_change`. */
const EVENT_DATABASE_OVERLOAD: u8 = 4;
/** Stands for NULL in the number columns. */
export const NO_NUMBER: i64 = i64.MIN_VALUE;
const key: usize = memory.data(64, 8);
const address: usize = memory.data(16, 8);

function begin(shadow: u32, level: u8, objectType: u8, router: u64): void {
  TopologyChanges.clear();
  TopologyChanges.protocol = constant.IGP_ISIS;
  TopologyChanges.level = level;
  TopologyChanges.objectType = objectType;
  TopologyChanges.reason = Envelope.stateReason();
  TopologyChanges.oldNumber = NO_NUMBER;
  TopologyChanges.newNumber = NO_NUMBER;
  Text.begin();
  writeSystem(router);
  TopologyChanges.routerText();
  Text.begin();
  Names.write(shadow, router);
  TopologyChanges.routerNameText();
  memory.fill(key, 0, 64);
  memory.copy(key, Contexts.shadowIdentity(shadow), 16);
  store<u8>(key, level, 16);
  store<u8>(key, objectType, 17);
  Bytes.putSystem(key + 19, router);
}

function finish(change: u8, field: string, before: i64, after: i64, code: u8): void {
  TopologyChanges.change = change;
  TopologyChanges.oldNumber = before;
  TopologyChanges.newNumber = after;
  Text.begin();
  Text.literal(field);
  TopologyChanges.fieldText();
  store<u8>(key, code, 18);
  TopologyChanges.emit(key, 64, 0);
}

/** A router's LSP is there or gone (`exists`), or its overload bit changed. */
export function nodeRow(shadow: u32, level: u8, system: u64, change: u8, overload: bool, before: i64, after: i64): void {
  begin(shadow, level, constant.OBJECT_NODE, system);
  Text.begin();
  writeSystem(system);
  TopologyChanges.objectKeyText();
  if (!overload) {
    finish(change, 'exists', before, after, 1);
    return;
  }
  Envelope.eventCode = EVENT_DATABASE_OVERLOAD;
  finish(change, 'overload', before, after, 2);
  Envelope.eventCode = 1;
}

/** A router's hostname changed: old name given, new name as known by now. */
export function hostnameRows(shadow: u32, level: u8, system: u64, oldAt: usize, oldLength: u32): void {
  begin(shadow, level, constant.OBJECT_NODE, system);
  Text.begin();
  writeSystem(system);
  TopologyChanges.objectKeyText();
  TopologyChanges.oldTextAt = oldAt;
  TopologyChanges.oldTextLength = oldLength;
  Text.begin();
  Names.write(shadow, system);
  TopologyChanges.newTextText();
  finish(constant.CHANGE_CHANGED, 'hostname', NO_NUMBER, NO_NUMBER, 3);
  RouterNames.clear();
  RouterNames.protocol = constant.PROTOCOL_NAME_ISIS;
  RouterNames.reason = Envelope.stateReason();
  RouterNames.attribute = constant.IDENTITY_HOSTNAME;
  Text.begin();
  writeSystem(system);
  RouterNames.routerText();
  Text.begin();
  Names.write(shadow, system);
  RouterNames.valueText();
  RouterNames.emit(key, 64, 0);
}

/** A link appeared, vanished (`exists`) or has another metric. */
export function linkRow(shadow: u32, level: u8, from: u64, to: u64, number: u8, change: u8, before: i64, after: i64): void {
  begin(shadow, level, constant.OBJECT_LINK, from >>> 8);
  Text.begin();
  writeSystem(to >>> 8);
  TopologyChanges.neighborText();
  Text.begin();
  writeSystem(from >>> 8);
  Text.literal(' -> ');
  writeSystem(to >>> 8);
  if (number > 1) {
    Text.literal('#');
    Text.decimal(number as u64);
  }
  TopologyChanges.objectKeyText();
  Bytes.putSystem(key + 25, to >>> 8);
  store<u8>(key, number, 31);
  if (change == constant.CHANGE_CHANGED) finish(change, 'metric', before, after, 2);
  else finish(change, 'exists', before, after, 1);
}

function writePrefix(p: GraphPrefix): void {
  store<u64>(address, bswap<u64>(p.high));
  store<u64>(address, bswap<u64>(p.low), 8);
  if (p.family == 4) Text.ipv4(address);
  else Text.ipv6(address);
  Text.literal('/');
  Text.decimal(p.length as u64);
}

/** A prefix appeared, vanished or has another metric. */
export function prefixRow(handle: u32, change: u8, before: i64, after: i64): void {
  const p = prefixAt(handle);
  begin(p.shadow, p.level, constant.OBJECT_PREFIX, p.router);
  Text.begin();
  writePrefix(p);
  TopologyChanges.prefixText();
  Text.begin();
  writeSystem(p.router);
  Text.literal(' ');
  writePrefix(p);
  TopologyChanges.objectKeyText();
  store<u8>(key, p.family, 25);
  store<u8>(key, p.length, 26);
  store<u64>(key, p.high, 32);
  store<u64>(key, p.low, 40);
  if (change == constant.CHANGE_CHANGED) finish(change, 'metric', before, after, 2);
  else finish(change, 'exists', before, after, 1);
}
