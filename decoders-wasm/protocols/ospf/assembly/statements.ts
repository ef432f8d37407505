/** What one LSA says besides links (edges.ts): nodes, prefixes and names as sorted records, so that two readings can be compared. */
import { Memory } from '../../../base/assembly/memory.ts';
import { StateWriter } from '../../../base/assembly/state.ts';
import { checkBody } from './bodies.ts';
import { ExternalLsa } from './external-lsa.ts';
import {
  LSA_EXTERNAL, LSA_NETWORK, LSA_NSSA_EXTERNAL, LSA_ROUTER, LSA_SUMMARY_NETWORK, ROUTER_LINK_POINT_TO_POINT,
  ROUTER_LINK_STUB, ROUTER_LINK_TRANSIT,
} from './iana.ts';
import { Lsa } from './lsa.ts';
import { NetworkLsa } from './network-lsa.ts';
import { RouterLsa } from './router-lsa.ts';
import { sortAddresses } from './sort.ts';
import { SummaryLsa } from './summary-lsa.ts';

/** What a statement is about. Exports name these numbers: none is ever given another meaning. */
export const STATES_NODE: u8 = 1;
export const STATES_PREFIX: u8 = 2;
export const STATES_ADDRESS: u8 = 3;

/** Kinds of prefixes; externals differ by their metric type besides. */
export const KIND_STUB: u8 = 1;
export const KIND_NETWORK: u8 = 2;
export const KIND_INTER_AREA: u8 = 3;
export const KIND_EXTERNAL: u8 = 4;
export const KIND_NSSA: u8 = 5;

/** LSInfinity (RFC 2328 appendix B): the destination is unreachable. */
const INFINITY: u32 = 0xffffff;
const FIRST_ROOM: u32 = 64;

/** One thing that an LSA says. Later versions may only append fields: an export says how long its records are. */
@unmanaged
export class Statement {
  about: u8;
  /** KIND_* of a prefix, bits of a node. */
  kind: u8;
  /** 1 or 2 of an external prefix, else 0. */
  metricType: u8;
  pad: u8;
  address: u32;
  mask: u32;
  metric: u32;
  tag: u32;
  forwarding: u32;
}

/** Bytes of a statement in exports. */
export const STATEMENT_BYTES: u32 = offsetof<Statement>();

/** The statements of one LSA, each key once, in order of (about, address, mask). */
@unmanaged
export class Statements {
  static before: Statements = changetype<Statements>(memory.data(16));
  static after: Statements = changetype<Statements>(memory.data(16));

  count: u32;
  room: u32;
  records: usize;
  /** Addresses of the records in order. */
  order: usize;

  @inline one(index: u32): Statement {
    return changetype<Statement>(load<u32>(this.order + ((index as usize) << 2)) as usize);
  }

  /** Reads the LSA at `at`; none when `at` is 0 or its body has not the shape of its type. */
  of(at: usize): void {
    this.count = 0;
    if (at == 0 || !checkBody(at)) return;
    const type = Lsa.type(at);
    if (type == LSA_ROUTER) this.ofRouter(at);
    else if (type == LSA_NETWORK) this.prefix(KIND_NETWORK, Lsa.id(at), NetworkLsa.mask(at), 0);
    else if (type == LSA_SUMMARY_NETWORK && SummaryLsa.metric(at) != INFINITY) {
      this.prefix(KIND_INTER_AREA, Lsa.id(at), SummaryLsa.mask(at), SummaryLsa.metric(at));
    } else if ((type == LSA_EXTERNAL || type == LSA_NSSA_EXTERNAL) && ExternalLsa.metric(at) != INFINITY) this.ofExternal(at);
    if (this.count < 2) return;
    sortAddresses(this.order, this.count, orderStatements);
    this.dropRepeats();
  }

  /** Stub links, and the interface addresses of others (RFC 2328 12.4.1.1-12.4.1.4). */
  private ofRouter(at: usize): void {
    RouterLsa.over(at);
    const node = this.add(STATES_NODE, 0, 0);
    if (node !== null) node.kind = RouterLsa.bits;
    while (RouterLsa.nextLink()) {
      const type = RouterLsa.linkType;
      const data = RouterLsa.linkData;
      if (type == ROUTER_LINK_STUB) this.prefix(KIND_STUB, RouterLsa.linkId, data, RouterLsa.metric);
      // An unnumbered point-to-point link has an interface index there.
      else if (type == ROUTER_LINK_TRANSIT || (type == ROUTER_LINK_POINT_TO_POINT && data >= 0x01000000)) this.add(STATES_ADDRESS, data, 0);
    }
  }

  private ofExternal(at: usize): void {
    const kind = Lsa.type(at) == LSA_NSSA_EXTERNAL ? KIND_NSSA : KIND_EXTERNAL;
    const statement = this.prefix(kind, Lsa.id(at), ExternalLsa.mask(at), ExternalLsa.metric(at));
    if (statement === null) return;
    statement.metricType = ExternalLsa.metricType(at) as u8;
    statement.tag = ExternalLsa.tag(at);
    statement.forwarding = ExternalLsa.forwarding(at);
  }

  private prefix(kind: u8, address: u32, mask: u32, metric: u32): Statement | null {
    const statement = this.add(STATES_PREFIX, address, mask);
    if (statement === null) return null;
    statement.kind = kind;
    statement.metric = metric;
    return statement;
  }

  private add(about: u8, address: u32, mask: u32): Statement | null {
    if (this.count == this.room && !this.grow()) return null;
    const at = this.records + (this.count * STATEMENT_BYTES) as usize;
    memory.fill(at, 0, STATEMENT_BYTES);
    store<u32>(this.order + ((this.count as usize) << 2), at as u32);
    this.count += 1;
    const statement = changetype<Statement>(at);
    statement.about = about;
    statement.address = address;
    statement.mask = mask;
    return statement;
  }

  private grow(): bool {
    const room = max<u32>(this.room << 1, FIRST_ROOM);
    const records = Memory.allocate(room * (STATEMENT_BYTES + 4));
    if (records == 0) return false;
    const order = records + (room * STATEMENT_BYTES) as usize;
    memory.copy(records, this.records, this.count * STATEMENT_BYTES);
    for (let i: u32 = 0; i < this.count; i++) store<u32>(order + ((i as usize) << 2), (records + (i * STATEMENT_BYTES) as usize) as u32);
    this.records = records;
    this.order = order;
    this.room = room;
    return true;
  }

  /** Of what is said twice the lowest metric counts. */
  private dropRepeats(): void {
    let kept: u32 = 1;
    for (let i: u32 = 1; i < this.count; i++) {
      if (compareKeys(this.one(i), this.one(kept - 1)) == 0) continue;
      store<u32>(this.order + ((kept as usize) << 2), load<u32>(this.order + ((i as usize) << 2)));
      kept += 1;
    }
    this.count = kept;
  }

  /** Writes them to the export: count u32, then the records. */
  save(): void {
    StateWriter.u32(this.count);
    for (let i: u32 = 0; i < this.count; i++) StateWriter.bytes(changetype<usize>(this.one(i)), STATEMENT_BYTES);
  }

  /** Takes over `count` records of `bytes` each; what a shorter record does not have is zero. False when memory refuses it. */
  restore(at: usize, count: u32, bytes: u32): bool {
    this.count = 0;
    for (let i: u32 = 0; i < count; i++) {
      const statement = this.add(0, 0, 0);
      if (statement === null) return false;
      memory.copy(changetype<usize>(statement), at + (i * bytes) as usize, min<u32>(bytes, STATEMENT_BYTES));
    }
    return true;
  }

  /** Whether the records of an export, `bytes` each, say the same. */
  equals(at: usize, count: u32, bytes: u32): bool {
    if (count != this.count || bytes != STATEMENT_BYTES) return false;
    for (let i: u32 = 0; i < count; i++) {
      if (memory.compare(changetype<usize>(this.one(i)), at + (i * bytes) as usize, bytes) != 0) return false;
    }
    return true;
  }
}

/** Order of statements by what they are about. */
export function compareKeys(a: Statement, b: Statement): i32 {
  if (a.about != b.about) return a.about < b.about ? -1 : 1;
  if (a.address != b.address) return a.address < b.address ? -1 : 1;
  return a.mask < b.mask ? -1 : a.mask > b.mask ? 1 : 0;
}

function orderStatements(a: usize, b: usize): i32 {
  const left = changetype<Statement>(a);
  const right = changetype<Statement>(b);
  const order = compareKeys(left, right);
  if (order != 0) return order;
  return left.metric < right.metric ? -1 : left.metric > right.metric ? 1 : 0;
}
