/** Rows of nodes: a router is one while its Router-LSA is there; its bits; and the interface addresses that it names. */
import { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_REMOVED, IDENTITY_INTERFACE_ADDRESS } from '../../../base/assembly/generated/constants.ts';
import { Text } from '../../../base/assembly/text.ts';
import { ROUTER_BIT_B, ROUTER_BIT_E, ROUTER_BIT_NT, ROUTER_BIT_V } from './iana.ts';
import { LsdbEntry } from './lsdb.ts';
import { emitIdentity } from './rows.ts';
import { Statement } from './statements.ts';
import { beginOfLsa, FIELD_BITS, FIELD_EXISTS, finishNode, newText, oldText } from './topology-rows.ts';

/** The entry's router has a Router-LSA now. */
export function addNode(entry: LsdbEntry, is: Statement, initial: bool): void {
  beginOfLsa(entry, CHANGE_ADDED, FIELD_EXISTS, initial);
  bitsText(is.kind);
  newText();
  finishNode(entry.router);
}

/** It has none any more. */
export function removeNode(entry: LsdbEntry, was: Statement): void {
  beginOfLsa(entry, CHANGE_REMOVED, FIELD_EXISTS, false);
  bitsText(was.kind);
  oldText();
  finishNode(entry.router);
}

/** It has one as before, perhaps with other bits. */
export function changeNode(entry: LsdbEntry, was: Statement, is: Statement, initial: bool): void {
  if (was.kind == is.kind) return;
  beginOfLsa(entry, CHANGE_CHANGED, FIELD_BITS, initial);
  bitsText(was.kind);
  oldText();
  bitsText(is.kind);
  newText();
  finishNode(entry.router);
}

/** The router names an interface address. */
export function nameAddress(entry: LsdbEntry, is: Statement): void {
  emitIdentity(entry.context, entry.router, IDENTITY_INTERFACE_ADDRESS, is.address);
}

/** Bits by their identities of ietf-ospf, separated by blanks. */
function bitsText(bits: u8): void {
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
