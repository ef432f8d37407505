/** Answers reads: {"what":"lsdb"}, {"what":"neighbors"}, {"what":"links"}; anything else is refused with code 1. */
import { Json } from '../../../base/assembly/json.ts';
import { Edge, GraphNode, nodes } from './graph.ts';
import { Interface, Link, links } from './entries.ts';
import { address, number } from './explain.ts';
import { explainLsa } from './explain-lsa.ts';
import { findView } from './links.ts';
import { lsdb, LsdbEntry } from './lsdb.ts';

/** Writes the answer to the request of `length` bytes at `at` into `Json`; 0, or 1 for a request that is not known. */
export function answer(at: usize, length: u32): i32 {
  Json.begin();
  if (contains(at, length, '"lsdb"')) return answerLsdb();
  if (contains(at, length, '"neighbors"')) return answerNeighbors();
  if (contains(at, length, '"links"')) return answerLinks();
  Json.open();
  Json.key('error');
  Json.word('what must be lsdb, neighbors or links');
  Json.close();
  return 1;
}

function contains(at: usize, length: u32, word: string): bool {
  const size = word.length as u32;
  for (let i: u32 = 0; i + size <= length; i++) {
    let k: u32 = 0;
    while (k < size && load<u8>(at + i + k) as i32 == word.charCodeAt(k as i32)) k += 1;
    if (k == size) return true;
  }
  return false;
}

function answerLsdb(): i32 {
  Json.openArray();
  for (let handle: u32 = 1; handle <= lsdb.highest && !Json.cut; handle++) {
    if (!lsdb.isLive(handle)) continue;
    const entry = changetype<LsdbEntry>(lsdb.address(handle));
    if (entry.length == 0) continue;
    Json.open();
    address('area-id', entry.area);
    number('received', entry.time as u64);
    Json.key('lsa');
    explainLsa(entry.body);
    Json.close();
  }
  Json.closeArray();
  return 0;
}

function answerNeighbors(): i32 {
  Json.openArray();
  for (let handle: u32 = 1; handle <= links.highest && !Json.cut; handle++) {
    if (!links.isLive(handle)) continue;
    const link = changetype<Link>(links.address(handle));
    for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
      for (let other = link.first; changetype<usize>(other) != 0; other = other.following) answerView(router, other);
    }
  }
  Json.closeArray();
  return 0;
}

function answerView(router: Interface, other: Interface): void {
  const view = findView(router, other);
  if (view === null) return;
  Json.open();
  number('context', router.link.context as u64);
  address('area-id', router.area);
  address('router-id', router.id);
  address('neighbor-router-id', other.id);
  address('address', other.address);
  number('state', view.state as u64);
  number('shown-state', view.shown as u64);
  Json.close();
}

function answerLinks(): i32 {
  Json.openArray();
  for (let handle: u32 = 1; handle <= nodes.highest && !Json.cut; handle++) {
    if (!nodes.isLive(handle)) continue;
    const node = changetype<GraphNode>(nodes.address(handle));
    for (let edge: Edge = node.first; changetype<usize>(edge) != 0; edge = edge.following) {
      Json.open();
      address('area-id', node.area);
      address('from', node.id);
      address('to', edge.to);
      number('ordinal', edge.ordinal as u64);
      number('metric', edge.metric as u64);
      Json.close();
    }
  }
  Json.closeArray();
  return 0;
}
