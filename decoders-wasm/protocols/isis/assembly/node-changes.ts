/** Nodes: an LSP with fragment 0 makes one, its overload bit, and the hostnames of TLV 137 (RFC 5301). */
import * as constant from '../../../base/assembly/generated/constants.ts';
import { nodeAt } from './graph.ts';
import * as iana from './iana.ts';
import { Lsp } from './lsp.ts';
import { Names } from './names.ts';
import { Tlv } from './pdu.ts';
import { hostnameRows, nodeRow } from './topology-rows.ts';

const oldName: usize = memory.data(256);

/** Row for a router that appeared or vanished, and for its overload bit; both stand in fragment 0 (ISO 10589 7.3.7). */
export function diffNode(handle: u32, id: u64, after: usize, length: u32): void {
  if (Lsp.fragment(id) != 0) return;
  const n = nodeAt(handle);
  const system = Lsp.system(id);
  const exists: u8 = length != 0 ? 1 : 0;
  if (n.exists != exists) {
    const change = exists != 0 ? constant.CHANGE_ADDED : constant.CHANGE_REMOVED;
    nodeRow(n.shadow, n.level, system, change, false, n.exists as i64, exists as i64);
    n.exists = exists;
  }
  const overload: u8 = exists != 0 && (load<u8>(after, 26) & iana.LSP_OVERLOAD) != 0 ? 1 : 0;
  if (n.overload == overload) return;
  nodeRow(n.shadow, n.level, system, constant.CHANGE_CHANGED, true, n.overload as i64, overload as i64);
  n.overload = overload;
}

/** Learns the hostname that the LSP carries; one that carries none says nothing. */
export function learnNames(shadow: u32, level: u8, id: u64, after: usize, length: u32): void {
  if (length == 0) return;
  Tlv.over(after + (iana.HEADER_LSP as usize), length - (iana.HEADER_LSP as u32));
  while (Tlv.next()) {
    if (Tlv.type != iana.TLV_HOSTNAME || Tlv.length == 0) continue;
    const system = Lsp.system(id);
    const known = Names.find(shadow, system);
    const oldLength: u32 = known == 0 ? 0 : Names.at(known).length;
    if (oldLength != 0) memory.copy(oldName, Names.at(known).block as usize, oldLength);
    if (Names.set(shadow, system, Tlv.at, Tlv.length)) hostnameRows(shadow, level, system, oldName, oldLength);
    return;
  }
}
