/** What an LSP that its own router sent says of that router's adjacencies: rules I10 and I11. */
import { Envelope, EVIDENCE_LSDB, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { fromFrame, goesAway } from './adjacency.ts';
import { DueList } from './due-list.ts';
import { findNode, nodeAt } from './graph.ts';
import { linkAt } from './link.ts';
import { Adopted } from './lsdb.ts';
import { Lsp } from './lsp.ts';
import { Pdu } from './pdu.ts';
import { transit } from './rows.ts';
import { findStation, stationAt, stations } from './station.ts';
import { DUE_STATION } from './timers.ts';
import { Touched } from './touched.ts';
import { findView, viewAt } from './view.ts';

/** The LSP in `Lsp` was adopted from a frame of `snpa` on `link`. */
export function learnFromLsp(link: u32, snpa: u64, hasSnpa: bool): void {
  if (!hasSnpa || !Adopted.contentChanged) return;
  const system = Lsp.system(Lsp.id);
  let sender = findStation(link, Pdu.level, system, snpa);
  if (sender == 0) sender = findStation(link, 0, system, snpa);
  if (sender == 0) return;
  const node = Lsp.node(Lsp.id);
  if (Lsp.lifetime == 0) {
    if ((node & 0xff) == 0 && Lsp.fragment(Lsp.id) == 0) shutDown(linkAt(link).shadow, system);
    return;
  }
  const level = stationAt(sender).level;
  const speaksForLink = level == 0 ? (node & 0xff) == 0 : node == stationAt(sender).lanId && (node & 0xff) != 0;
  const graphNode = findNode(linkAt(link).shadow, Pdu.level, node, false);
  // With several fragments the statement may be on its way from one to another.
  if (!speaksForLink || graphNode == 0 || nodeAt(graphNode).fragments != 1 || Touched.lostCount == 0) return;
  withdraw(sender, Pdu.level);
}

/** I10: a router that purges its own first fragment goes away at that level, on all its links. */
function shutDown(shadow: u32, system: u64): void {
  fromFrame();
  DueList.clear();
  for (let h: u32 = 1; h <= stations.highest; h++) {
    if (!stations.isLive(h)) continue;
    const s = stationAt(h);
    if (s.system != system || linkAt(s.link).shadow != shadow) continue;
    if (s.level == 0 || s.level == Pdu.level) DueList.add(DUE_STATION, h, 0);
  }
  DueList.sort();
  for (let i: u32 = 0; i < DueList.count; i++) {
    goesAway(DueList.handle(i), Pdu.level);
  }
}

/**
 * I11: the router's LSP, newer than its last hello, no longer names a neighbour that the instance before named while
 * the adjacency was up already.
 */
function withdraw(sender: u32, level: u8): void {
  fromFrame();
  Envelope.evidence = EVIDENCE_LSDB;
  const s = stationAt(sender);
  for (let n = linkAt(s.link).head(s.level); n != 0; n = stationAt(n).sibling) {
    if (n == sender || !isLost(stationAt(n).system << 8)) continue;
    const handle = findView(sender, n, level);
    if (handle == 0) continue;
    const v = viewAt(handle);
    if (v.state != constant.ADJACENCY_UP || v.since > Adopted.previousWall) continue;
    transit(handle, constant.ADJACENCY_DOWN, constant.REASON_LINK_WITHDRAWN, Frame.time(), 0);
  }
  Envelope.evidence = EVIDENCE_RECEIVED;
}

function isLost(node: u64): bool {
  for (let i: u32 = 0; i < Touched.lostCount; i++) if (Touched.lostNode(i) == node) return true;
  return false;
}
