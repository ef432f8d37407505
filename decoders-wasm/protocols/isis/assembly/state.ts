/** Checkpoints: the whole state in canonical order, independent of handles, seed and layout. */
import { Taps } from '../../../base/assembly/frame.ts';
import { StateReader, StateWriter, stateVersionToWrite } from '../../../base/assembly/state.ts';
import { Exchange, Sorted } from './exchange.ts';
import { armAll } from './deadlines.ts';
import { compareLinks } from './due-list.ts';
import { findLink, Link, linkAt, links, PDU_RING } from './link.ts';
import { exchangeDatabase } from './state-database.ts';
import { GAP_RING, HELLO_RING, Station, stationAt } from './station.ts';
import { insertStation } from './tables.ts';
import { PDU_RING_ENTRY } from './taps.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { findView, insertView, View, viewAt } from './view.ts';

/** Nothing was published before version 2. */
export const STATE_VERSION: u32 = 2;
export const OLDEST_STATE_VERSION: u32 = 2;

/** Writes the export in that version (0: the newest); its length, or all ones when memory refused it or there is no such version. */
export function writeState(asked: u32): u64 {
  const version = stateVersionToWrite(asked, OLDEST_STATE_VERSION, STATE_VERSION);
  if (version == 0) return u64.MAX_VALUE;
  StateWriter.begin();
  Exchange.writing = true;
  StateWriter.u32(version);
  const done = exchangeAll();
  return !done || StateWriter.failed ? u64.MAX_VALUE : StateWriter.length();
}

/** Reads an export into a fresh instance whose taps and contexts are known. */
export function readState(at: usize, length: u32): bool {
  StateReader.over(at, length);
  Exchange.writing = false;
  const version = StateReader.u32();
  if (version < OLDEST_STATE_VERSION || version > STATE_VERSION) return false;
  const done = exchangeAll();
  armAll();
  return done && !StateReader.failed;
}

function exchangeAll(): bool {
  exchangeTaps();
  return exchangeLinks() && exchangeDatabase();
}

function exchangeTaps(): void {
  const count = Exchange.count(Taps.count);
  for (let i: u32 = 0; i < count && !StateReader.failed; i++) {
    const clock = Exchange.key(i < Taps.count ? Taps.clock(i) as u64 : 0) as i64;
    const open = Exchange.key(i < Taps.count && Taps.isOpen(i) ? 1 : 0);
    if (Exchange.writing || i >= Taps.count) continue;
    Taps.setClock(i, clock);
    Taps.setOpen(i, open != 0);
  }
}

function exchangeLinks(): bool {
  if (Exchange.writing && !Sorted.of(links, compareLinks)) return false;
  const count = Exchange.count(links.count);
  for (let i: u32 = 0; i < count && !StateReader.failed; i++) {
    let handle: u32 = Exchange.writing ? Sorted.at(i) : 0;
    const shadow = Exchange.key(handle == 0 ? 0 : linkAt(handle).shadow as u64) as u32;
    const link = Exchange.key(handle == 0 ? 0 : linkAt(handle).link as u64) as u32;
    if (handle == 0) handle = findLink(shadow, link);
    if (handle == 0 || !exchangeLink(handle)) return false;
  }
  return true;
}

function exchangeLink(handle: u32): bool {
  const l = linkAt(handle);
  const at = changetype<usize>(l);
  Exchange.u32(at + offsetof<Link>('tapCount'));
  if (l.tapCount > 8) return false;
  for (let i: u32 = 0; i < l.tapCount; i++) Exchange.u16(at + offsetof<Link>() + ((i as usize) << 1));
  Exchange.u64(at + offsetof<Link>('dis1'));
  Exchange.u64(at + offsetof<Link>('dis2'));
  Exchange.u32(at + offsetof<Link>('blind'));
  if (!exchangeRing(l)) return false;
  for (let level: u8 = 0; level <= 2; level++) if (!exchangeStations(handle, level)) return false;
  for (let level: u8 = 0; level <= 2; level++) if (!exchangeViews(handle, level)) return false;
  return true;
}

/** The ring of PDUs, oldest first. */
function exchangeRing(l: Link): bool {
  const has = Exchange.count(l.ring == 0 ? 0 : 1);
  if (has == 0) return true;
  if (!Exchange.writing) {
    l.ring = Blocks.take(PDU_RING * PDU_RING_ENTRY) as u32;
    if (l.ring == 0) return false;
    memory.fill(l.ring as usize, 0, PDU_RING * PDU_RING_ENTRY);
    l.ringNext = 0;
  }
  for (let i: u32 = 0; i < PDU_RING; i++) {
    const slot = (l.ringNext + i) % PDU_RING;
    Exchange.words(l.ring as usize + (slot * PDU_RING_ENTRY) as usize, 3);
  }
  return true;
}

function exchangeStations(link: u32, level: u8): bool {
  const l = linkAt(link);
  const count = Exchange.count(level == 0 ? l.count0 : level == 1 ? l.count1 : l.count2);
  let h = l.head(level);
  for (let i: u32 = 0; i < count && !StateReader.failed; i++) {
    const system = Exchange.key(Exchange.writing ? stationAt(h).system : 0);
    const snpa = Exchange.key(Exchange.writing ? stationAt(h).snpa : 0);
    const handle = Exchange.writing ? h : insertStation(link, level, system, snpa);
    if (handle == 0 || !exchangeStation(stationAt(handle))) return false;
    if (Exchange.writing) h = stationAt(h).sibling;
  }
  return true;
}

function exchangeStation(s: Station): bool {
  const at = changetype<usize>(s);
  for (let f = offsetof<Station>('flags'); f <= offsetof<Station>('localCircuit'); f++) Exchange.u8(at + f);
  Exchange.u32(at + offsetof<Station>('hold'));
  Exchange.u32(at + offsetof<Station>('tap'));
  Exchange.u64(at + offsetof<Station>('helloBoot'));
  Exchange.u64(at + offsetof<Station>('helloWall'));
  Exchange.u64(at + offsetof<Station>('previousWall'));
  Exchange.u64(at + offsetof<Station>('deadline'));
  Exchange.u64(at + offsetof<Station>('frameOffset'));
  Exchange.u32(at + offsetof<Station>('frameIndex'));
  Exchange.u32(at + offsetof<Station>('context'));
  Exchange.u32(at + offsetof<Station>('vlans'));
  Exchange.u64(at + offsetof<Station>('lanId'));
  Exchange.u32(at + offsetof<Station>('pduLength'));
  Exchange.u32(at + offsetof<Station>('extendedCircuit'));
  Exchange.u32(at + offsetof<Station>('neighborCircuit'));
  Exchange.u64(at + offsetof<Station>('neighborSystem'));
  Exchange.u32(at + offsetof<Station>('listCount'));
  Exchange.u32(at + offsetof<Station>('areaBytes'));
  Exchange.u32(at + offsetof<Station>('topologyCount'));
  if (s.listCount > 10000 || s.areaBytes > 10000 || s.topologyCount > 10000) return false;
  if (!Exchange.block(at + offsetof<Station>('list'), s.listCount * 6)) return false;
  if (!Exchange.block(at + offsetof<Station>('areas'), s.areaBytes)) return false;
  if (!Exchange.block(at + offsetof<Station>('topologies'), s.topologyCount << 1)) return false;
  Exchange.u32(at + offsetof<Station>('ipv4'));
  Exchange.u32(at + offsetof<Station>('hasIpv6'));
  Exchange.u64(at + offsetof<Station>('ipv6High'));
  Exchange.u64(at + offsetof<Station>('ipv6Low'));
  Exchange.u32(at + offsetof<Station>('countA'));
  Exchange.u32(at + offsetof<Station>('countB'));
  Exchange.u32(at + offsetof<Station>('neighborsA'));
  Exchange.u32(at + offsetof<Station>('neighborsB'));
  Exchange.u8(at + offsetof<Station>('coverageA'));
  Exchange.u8(at + offsetof<Station>('coverageB'));
  Exchange.u32(at + offsetof<Station>('minute'));
  Exchange.words(changetype<usize>(s.claim(1)), 4);
  return exchangeHellos(s);
}

/** Arrival times and gaps, oldest first. */
function exchangeHellos(s: Station): bool {
  const hellos = Exchange.count(s.ringCount());
  const gaps = Exchange.count(s.gapCount);
  if (hellos > HELLO_RING || gaps > GAP_RING) return false;
  for (let i = hellos; i-- > 0;) {
    const wall = Exchange.key(Exchange.writing ? s.ringWall(i) as u64 : 0) as i64;
    const hold = Exchange.count(Exchange.writing ? s.ringHold(i) : 0);
    if (!Exchange.writing) s.pushHello(wall, hold);
  }
  const first = gaps == GAP_RING ? s.gapNext : 0;
  for (let i: u32 = 0; i < gaps; i++) {
    const gap = Exchange.key(Exchange.writing ? load<u64>(s.gapAt((first + i) % GAP_RING)) : 0) as i64;
    if (!Exchange.writing) s.pushGap(gap);
  }
  return true;
}

/** Views in order of router, neighbour, level: a byte each says whether there is one. */
function exchangeViews(link: u32, level: u8): bool {
  const l = linkAt(link);
  for (let r = l.head(level); r != 0; r = stationAt(r).sibling) {
    for (let n = l.head(level); n != 0; n = stationAt(n).sibling) {
      if (n == r) continue;
      const from: u8 = level == 0 ? 1 : level;
      const to: u8 = level == 0 ? 2 : level;
      for (let at = from; at <= to; at++) if (!exchangeView(r, n, at)) return false;
    }
  }
  return true;
}

function exchangeView(router: u32, neighbor: u32, level: u8): bool {
  let handle: u32 = Exchange.writing ? findView(router, neighbor, level) : 0;
  const there = Exchange.writing ? handle != 0 : StateReader.u8() != 0;
  if (Exchange.writing) StateWriter.u8(there ? 1 : 0);
  if (StateReader.failed && !Exchange.writing) return false;
  if (!there) return true;
  if (!Exchange.writing) handle = insertView(router, neighbor, level, 0);
  if (handle == 0) return false;
  const at = changetype<usize>(viewAt(handle));
  Exchange.u8(at + offsetof<View>('state'));
  Exchange.u8(at + offsetof<View>('flags'));
  Exchange.u8(at + offsetof<View>('unlisted'));
  Exchange.u32(at + offsetof<View>('hold'));
  Exchange.u64(at + offsetof<View>('since'));
  Exchange.u64(at + offsetof<View>('deadline'));
  Exchange.u64(at + offsetof<View>('lastHello'));
  Exchange.u64(at + offsetof<View>('frameOffset'));
  Exchange.u32(at + offsetof<View>('frameIndex'));
  Exchange.u32(at + offsetof<View>('context'));
  Exchange.u32(at + offsetof<View>('tap'));
  return true;
}
