/** I12: the LAN id in a router's hello is its opinion of the DIS; a change is told when all who have one agree. */
import { Envelope, EVIDENCE_DECLARED } from '../../../base/assembly/envelope.ts';
import { Contexts, Frame } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { TopologyChanges } from '../../../base/assembly/generated/topology-changes.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Bytes } from './bytes.ts';
import { Hello } from './hello.ts';
import { linkAt } from './link.ts';
import { Names } from './names.ts';
import { writeSystem } from './rows.ts';
import { stationAt, STATION_SILENT } from './station.ts';

/** Event type `isis.dis_change` of the catalogue. */
const EVENT_DIS_CHANGE: u8 = 3;
const NO_NUMBER: i64 = i64.MIN_VALUE;
const node: usize = memory.data(8);
const key: usize = memory.data(32, 8);

/** Looks at the LAN ids of all present routers and writes a row when they agree on another one than before. */
export function voteDis(link: u32, level: u8): void {
  const l = linkAt(link);
  let agreed: u64 = 0;
  for (let h = l.head(level); h != 0; h = stationAt(h).sibling) {
    const s = stationAt(h);
    // A router without an opinion (before its election, or alone in its area) does not vote.
    if (s.has(STATION_SILENT) || s.lanId == 0) continue;
    if (agreed != 0 && agreed != s.lanId) return;
    agreed = s.lanId;
  }
  const before = level == 1 ? l.dis1 : l.dis2;
  if (agreed == 0 || agreed == before) return;
  if (level == 1) l.dis1 = agreed;
  else l.dis2 = agreed;
  emit(l.shadow, level, before, agreed);
}

function emit(shadow: u32, level: u8, before: u64, after: u64): void {
  Envelope.time = Frame.time();
  Envelope.evidence = EVIDENCE_DECLARED;
  Envelope.eventCode = EVENT_DIS_CHANGE;
  Envelope.initial = before == 0;
  TopologyChanges.clear();
  TopologyChanges.protocol = constant.IGP_ISIS;
  TopologyChanges.level = level;
  TopologyChanges.objectType = constant.OBJECT_LAN;
  TopologyChanges.change = before == 0 ? constant.CHANGE_ADDED : constant.CHANGE_CHANGED;
  TopologyChanges.oldNumber = NO_NUMBER;
  TopologyChanges.newNumber = NO_NUMBER;
  Text.begin();
  Bytes.putNode(node, after);
  Text.nodeId(node);
  TopologyChanges.objectKeyText();
  Text.begin();
  writeSystem(Hello.system);
  TopologyChanges.routerText();
  Text.begin();
  Names.write(shadow, Hello.system);
  TopologyChanges.routerNameText();
  Text.begin();
  Text.literal('dis');
  TopologyChanges.fieldText();
  Text.begin();
  if (before != 0) writeSystem(before >>> 8);
  TopologyChanges.oldTextText();
  Text.begin();
  writeSystem(after >>> 8);
  TopologyChanges.newTextText();
  memory.copy(key, Contexts.shadowIdentity(shadow), 16);
  store<u8>(key, level, 16);
  TopologyChanges.emit(key, 24, 0);
  Envelope.eventCode = 1;
  Envelope.initial = false;
}
