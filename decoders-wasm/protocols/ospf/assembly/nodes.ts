/** Nodes: a router is one while its Router-LSA is there; its bits; and the interface addresses that it names. */
import { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_REMOVED, IDENTITY_INTERFACE_ADDRESS } from '../../../base/assembly/generated/constants.ts';
import { Text } from '../../../base/assembly/text.ts';
import {
  ROUTER_BIT_B, ROUTER_BIT_E, ROUTER_BIT_NT, ROUTER_BIT_V, ROUTER_LINK_POINT_TO_POINT, ROUTER_LINK_TRANSIT,
} from './iana.ts';
import { LSA_HEADER_BYTES } from './lsa.ts';
import { LsdbEntry } from './lsdb.ts';
import { RouterLsa } from './router-lsa.ts';
import { emitIdentity } from './rows.ts';
import { beginOfLsa, FIELD_BITS, FIELD_EXISTS, finishNode, newText, oldText } from './topology-rows.ts';

/** Rows for the node of a Router-LSA; 0 for `old` or `fresh` means there was or is none. */
export function changeNode(entry: LsdbEntry, old: usize, fresh: usize, initial: bool): void {
  if (old == 0 && fresh == 0) return;
  if (old == 0 || fresh == 0) {
    beginOfLsa(entry, old == 0 ? CHANGE_ADDED : CHANGE_REMOVED, FIELD_EXISTS, initial);
    if (fresh != 0) {
      bitsText(fresh);
      newText();
    } else {
      bitsText(old);
      oldText();
    }
    finishNode(entry.router);
  } else if (load<u8>(old, LSA_HEADER_BYTES) != load<u8>(fresh, LSA_HEADER_BYTES)) {
    beginOfLsa(entry, CHANGE_CHANGED, FIELD_BITS, initial);
    bitsText(old);
    oldText();
    bitsText(fresh);
    newText();
    finishNode(entry.router);
  }
  if (fresh != 0) nameAddresses(entry, old, fresh);
}

/** Bits by their identities of ietf-ospf, separated by blanks. */
function bitsText(at: usize): void {
  const bits = load<u8>(at, LSA_HEADER_BYTES);
  Text.begin();
  if ((bits & ROUTER_BIT_B) != 0) word('abr-bit');
  if ((bits & ROUTER_BIT_E) != 0) word('asbr-bit');
  if ((bits & ROUTER_BIT_V) != 0) word('vlink-end-bit');
  if ((bits & ROUTER_BIT_NT) != 0) word('nssa-bit');
}

function word(name: string): void {
  if (Text.length() != 0) Text.char(32);
  Text.literal(name);
}

/** Link data of transit and numbered point-to-point links that the instance before did not have. */
function nameAddresses(entry: LsdbEntry, old: usize, fresh: usize): void {
  RouterLsa.over(fresh);
  while (RouterLsa.nextLink()) {
    const data = RouterLsa.linkData;
    const type = RouterLsa.linkType;
    if (type != ROUTER_LINK_TRANSIT && (type != ROUTER_LINK_POINT_TO_POINT || data < 0x01000000)) continue;
    if (old != 0 && hasAddress(old, data)) continue;
    emitIdentity(entry.context, entry.router, IDENTITY_INTERFACE_ADDRESS, data);
  }
}

function hasAddress(at: usize, data: u32): bool {
  const position = RouterLsa.position;
  const end = RouterLsa.end;
  const left = RouterLsa.left;
  let found = false;
  RouterLsa.over(at);
  while (!found && RouterLsa.nextLink()) {
    found = RouterLsa.linkData == data && (RouterLsa.linkType == ROUTER_LINK_TRANSIT || RouterLsa.linkType == ROUTER_LINK_POINT_TO_POINT);
  }
  RouterLsa.position = position;
  RouterLsa.end = end;
  RouterLsa.left = left;
  return found;
}
