/**
 * What this module reads otherwise than the one whose state it took over: nodes, prefixes and names by what that one says
 * it read in each LSA (told.ts), links by the graph that it left. Hellos are not kept: what they say otherwise shows with
 * the next one.
 */
import { CHUNK_DONE, CHUNK_FULL } from '../../../base/assembly/chunk.ts';
import { Envelope } from '../../../base/assembly/envelope.ts';
import { RowWriter } from '../../../base/assembly/rows.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Now } from './clock.ts';
import { orderLsas } from './deadlines.ts';
import { compareRouterEdges } from './edges.ts';
import { LSA_ROUTER } from './iana.ts';
import { lsdb, LsdbEntry } from './lsdb.ts';
import { Ordered } from './ordered.ts';
import { Statements } from './statements.ts';
import { Told } from './told.ts';
import { compareStatements } from './topology.ts';

const identity: usize = memory.data(16, 8);
/** Next LSA whose links are compared; 0: not begun. */
let position: u32 = 0;

/** Writes rows until there is no room (then call again) or all is told. Memory that refuses a list traps: half a graph is none. */
export function tellDifferences(at: usize): i32 {
  if (position == 0) {
    memory.copy(identity, at, 16);
    Envelope.beginDecision();
    Now.fromUpgrade(identity);
    if (!Ordered.of(lsdb, orderLsas)) unreachable();
    position = 1;
  }
  while (changetype<usize>(Told.first) != 0) {
    if (RowWriter.full()) return CHUNK_FULL;
    const entry = Told.first.entry;
    begin(entry);
    Told.take();
    Statements.after.of(entry.body);
    compareStatements(entry, false);
  }
  for (; position <= Ordered.count; position++) {
    if (RowWriter.full()) return CHUNK_FULL;
    const entry = changetype<LsdbEntry>(Ordered.at(position - 1));
    if (entry.type != (LSA_ROUTER as u32)) continue;
    begin(entry);
    compareRouterEdges(entry);
  }
  position = 0;
  return CHUNK_DONE;
}

function begin(entry: LsdbEntry): void {
  Text.reset();
  Now.readOtherwise(entry.tap);
}
