/** What a change of the LSDB is in the graph: nodes and prefixes by their own LSA, links by both ends (edges.ts). */
import { changeNetworkEdges, changeRouterEdges } from './edges.ts';
import { LSA_EXTERNAL, LSA_NETWORK, LSA_NSSA_EXTERNAL, LSA_ROUTER, LSA_SUMMARY_NETWORK } from './iana.ts';
import { LsdbEntry } from './lsdb.ts';
import { changeExternal, changeNetworkPrefix, changeStubs, changeSummary } from './prefixes.ts';
import { changeNode } from './nodes.ts';

/**
 * The entry's content has changed: it holds the new instance (`length` 0: none), `before` is the LSA that it held
 * (`beforeLength` 0: none).
 */
export function changeTopology(entry: LsdbEntry, before: usize, beforeLength: u32, initial: bool): void {
  const old: usize = beforeLength == 0 ? 0 : before;
  const fresh: usize = entry.length == 0 ? 0 : entry.body;
  const type = entry.type as u8;
  if (type == LSA_ROUTER) {
    changeNode(entry, old, fresh, initial);
    changeStubs(entry, old, fresh, initial);
    changeRouterEdges(entry, fresh, initial);
  } else if (type == LSA_NETWORK) {
    changeNetworkPrefix(entry, old, fresh, initial);
    changeNetworkEdges(entry, old, fresh, initial);
  } else if (type == LSA_SUMMARY_NETWORK) {
    changeSummary(entry, old, fresh, initial);
  } else if (type == LSA_EXTERNAL || type == LSA_NSSA_EXTERNAL) {
    changeExternal(entry, old, fresh, initial);
  }
}
