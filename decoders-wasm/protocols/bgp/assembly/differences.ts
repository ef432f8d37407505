/**
 * What this module reads otherwise than the one whose state it took over: rows of the attribute sets in use whose
 * attributes it makes other columns of. Routes keep their sets; OPENs are not kept (ARCHITECTURE.md, "Upgrade").
 */
import { CHUNK_DONE, CHUNK_FULL } from '../../../base/assembly/chunk.ts';
import { Envelope } from '../../../base/assembly/envelope.ts';
import { RowWriter } from '../../../base/assembly/rows.ts';
import { Text } from '../../../base/assembly/text.ts';
import { AttributeSets, SET_HEADER_BYTES } from './attribute-set.ts';
import { SetWalk } from './checkpoint.ts';
import { Readings } from './readings.ts';
import { Rib } from './rib.ts';
import { RouteTable } from './route-table.ts';
import { Sorter } from './sorter.ts';
import { Sessions } from './state.ts';

const identity: usize = memory.data(16, 8);
/** Next set in order of hashes, from 1; 0: not begun. */
let position: u32 = 0;

/** Writes rows until there is no room (then call again) or all is told. Memory that refuses a list traps. */
export function tellDifferences(at: usize): i32 {
  if (!Readings.differ) return CHUNK_DONE;
  if (position == 0) {
    memory.copy(identity, at, 16);
    Envelope.beginDecision();
    if (!listSets()) unreachable();
    noteUsers(Rib.narrow);
    noteUsers(Rib.wide);
    position = 1;
  }
  for (; position <= Sorter.count; position++) {
    if (RowWriter.full()) return CHUNK_FULL;
    tell(load<u32>(Sorter.at(position - 1), 16));
  }
  position = 0;
  Readings.differ = false;
  Sorter.end();
  for (let set = SetWalk.begin(); set != 0; set = SetWalk.next()) AttributeSets.setRank(set, 0);
  return CHUNK_DONE;
}

/** The sets that are read otherwise, by hash. */
function listSets(): bool {
  if (!Sorter.begin(4)) return false;
  for (let set = SetWalk.begin(); set != 0; set = SetWalk.next()) {
    const at = AttributeSets.at(set);
    if (!Readings.ofSet(at + SET_HEADER_BYTES, at + load<u32>(at, 24))) continue;
    const record = Sorter.add();
    if (record == 0) return false;
    store<u64>(record, load<u64>(at));
    store<u64>(record, load<u64>(at, 8), 8);
    store<u64>(record, set as u64, 16);
    store<u64>(record, 0, 24);
  }
  return Sorter.sort();
}

/** A set's row belongs to the first session that uses it: behind an import handles are in canonical order. */
function noteUsers(table: RouteTable): void {
  const attribute = table.attributeOffset();
  const tail = table.bucketBytes() - 4;
  for (let index: u32 = 0; index < table.bucketCount; index++) {
    for (let bucket = table.bucket(index), guard = 0; bucket != 0 && guard < 1024; guard++) {
      for (let i: u32 = 0; i < table.perBucket; i++) {
        const entry = bucket + i * table.stride;
        const set = load<u32>(entry + attribute);
        if (set == 0) break;
        const user = (load<u64>(entry) >>> 49) as u32;
        const before = AttributeSets.rank(set);
        if (before == 0 || user < before) AttributeSets.setRank(set, user);
      }
      bucket = load<u32>(bucket + tail) as usize;
    }
  }
}

function tell(set: u32): void {
  const user = AttributeSets.rank(set);
  if (user == 0) return;
  const session = Sessions.at(user);
  Text.reset();
  Envelope.fromUpgrade(identity, session.tapCount == 0 ? 0 : session.tap0 as u32, session.context);
  AttributeSets.readAgain(set);
}
