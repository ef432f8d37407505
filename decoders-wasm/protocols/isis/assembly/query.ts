/** Reads for the API: `{"what":"lsdb"}`, `{"what":"adjacencies"}`, `{"what":"names"}`. */
import * as constant from '../../../base/assembly/generated/constants.ts';
import { Json } from '../../../base/assembly/json.ts';
import { compareViews } from './due-list.ts';
import { Sorted } from './exchange.ts';
import { idText, number } from './explain.ts';
import { linkAt } from './link.ts';
import { compareLsps, lsdb, lspAt, LSP_GONE } from './lsdb.ts';
import { Names, names } from './names.ts';
import { compareNames } from './state-database.ts';
import { stationAt } from './station.ts';
import { viewAt, views } from './view.ts';

export const QUERY_UNKNOWN: i32 = 1;
export const QUERY_MEMORY: i32 = 2;

/** Answers the request of `length` bytes at `at` into `Json`; 0, QUERY_UNKNOWN or QUERY_MEMORY. */
export function answer(at: usize, length: u32): i32 {
  Json.begin();
  if (asks(at, length, '"lsdb"')) return dumpLsdb();
  if (asks(at, length, '"adjacencies"')) return dumpAdjacencies();
  if (asks(at, length, '"names"')) return dumpNames();
  return QUERY_UNKNOWN;
}

/** Whether the request holds the word. */
function asks(at: usize, length: u32, word: string): bool {
  const size = word.length as u32;
  const text = changetype<usize>(word);
  for (let i: u32 = 0; i + size <= length; i++) {
    let k: u32 = 0;
    while (k < size && load<u8>(at + i + k) as u16 == load<u16>(text + (k << 1))) k += 1;
    if (k == size) return true;
  }
  return false;
}

function dumpLsdb(): i32 {
  if (!Sorted.of(lsdb, compareLsps)) return QUERY_MEMORY;
  Json.openArray();
  for (let i: u32 = 0; i < Sorted.count; i++) {
    const e = lspAt(Sorted.at(i));
    Json.open();
    number('shadow', e.shadow as u64);
    number('level', e.level as u64);
    idText('lsp-id', e.id, 8);
    number('sequence', e.sequence as u64);
    number('checksum', e.checksum as u64);
    number('remaining-lifetime', e.lifetime as u64);
    Json.key('gone');
    Json.bool((e.flags & LSP_GONE) != 0);
    Json.close();
  }
  Json.closeArray();
  return 0;
}

function stateName(state: u8): string {
  if (state == constant.ADJACENCY_UP) return 'up';
  if (state == constant.ADJACENCY_INIT) return 'init';
  return state == constant.ADJACENCY_DOWN ? 'down' : 'unknown';
}

function dumpAdjacencies(): i32 {
  if (!Sorted.of(views, compareViews)) return QUERY_MEMORY;
  Json.openArray();
  for (let i: u32 = 0; i < Sorted.count; i++) {
    const v = viewAt(Sorted.at(i));
    const router = stationAt(v.router);
    Json.open();
    number('shadow', linkAt(router.link).shadow as u64);
    number('link', linkAt(router.link).link as u64);
    number('level', v.level as u64);
    idText('router', router.system, 6);
    idText('neighbor', stationAt(v.neighbor).system, 6);
    Json.key('state');
    Json.word(stateName(v.state));
    Json.close();
  }
  Json.closeArray();
  return 0;
}

function dumpNames(): i32 {
  if (!Sorted.of(names, compareNames)) return QUERY_MEMORY;
  Json.openArray();
  for (let i: u32 = 0; i < Sorted.count; i++) {
    const n = Names.at(Sorted.at(i));
    Json.open();
    number('shadow', n.shadow as u64);
    idText('system-id', n.system, 6);
    Json.key('dynamic-hostname');
    Json.text(n.block as usize, n.length);
    Json.close();
  }
  Json.closeArray();
  return 0;
}
