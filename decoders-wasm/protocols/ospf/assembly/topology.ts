/** What a change of the LSDB is in the graph: nodes and prefixes by their own LSA, links by both ends (edges.ts). */
import { changeNetworkEdges, changeRouterEdges } from './edges.ts';
import { LSA_NETWORK, LSA_ROUTER } from './iana.ts';
import { LsdbEntry } from './lsdb.ts';
import { addNode, changeNode, nameAddress, removeNode } from './nodes.ts';
import { addPrefix, changePrefix, removePrefix } from './prefixes.ts';
import { compareKeys, Statement, Statements, STATES_ADDRESS, STATES_NODE, STATES_PREFIX } from './statements.ts';

/**
 * The entry's content has changed: it holds the new instance (`length` 0: none), `before` is the LSA that it held
 * (`beforeLength` 0: none).
 */
export function changeTopology(entry: LsdbEntry, before: usize, beforeLength: u32, initial: bool): void {
  const old: usize = beforeLength == 0 ? 0 : before;
  const fresh: usize = entry.length == 0 ? 0 : entry.body;
  const type = entry.type as u8;
  Statements.before.of(old);
  Statements.after.of(fresh);
  compareStatements(entry, initial);
  if (type == LSA_ROUTER) changeRouterEdges(entry, fresh, initial);
  else if (type == LSA_NETWORK) changeNetworkEdges(entry, old, fresh, initial);
}

/** Rows of what `Statements.after` says otherwise than `Statements.before`. */
export function compareStatements(entry: LsdbEntry, initial: bool): void {
  const before = Statements.before;
  const after = Statements.after;
  let i: u32 = 0;
  let k: u32 = 0;
  while (i < before.count || k < after.count) {
    const order = i == before.count ? 1 : k == after.count ? -1 : compareKeys(before.one(i), after.one(k));
    if (order < 0) remove(entry, before.one(i));
    else if (order > 0) add(entry, after.one(k), initial);
    else change(entry, before.one(i), after.one(k), initial);
    if (order <= 0) i += 1;
    if (order >= 0) k += 1;
  }
}

function add(entry: LsdbEntry, is: Statement, initial: bool): void {
  if (is.about == STATES_NODE) addNode(entry, is, initial);
  else if (is.about == STATES_PREFIX) addPrefix(entry, is, initial);
  else if (is.about == STATES_ADDRESS) nameAddress(entry, is);
}

/** A name once learned stays. */
function remove(entry: LsdbEntry, was: Statement): void {
  if (was.about == STATES_NODE) removeNode(entry, was);
  else if (was.about == STATES_PREFIX) removePrefix(entry, was);
}

function change(entry: LsdbEntry, was: Statement, is: Statement, initial: bool): void {
  if (was.about == STATES_NODE) changeNode(entry, was, is, initial);
  else if (was.about == STATES_PREFIX) changePrefix(entry, was, is);
}
