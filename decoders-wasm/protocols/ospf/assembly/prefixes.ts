/** Rows of prefixes: stub links, transit networks, summaries and externals. */
import { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_REMOVED } from '../../../base/assembly/generated/constants.ts';
import { Text } from '../../../base/assembly/text.ts';
import { LsdbEntry } from './lsdb.ts';
import { KIND_EXTERNAL, KIND_INTER_AREA, KIND_NETWORK, KIND_NSSA, KIND_STUB, Statement } from './statements.ts';
import { quad } from './text.ts';
import {
  beginOfLsa, FIELD_EXISTS, FIELD_FORWARDING, FIELD_METRIC, FIELD_METRIC_TYPE, FIELD_TAG, finishPrefix, newNumber,
  newText, oldNumber, oldText,
} from './topology-rows.ts';

/** The entry's router advertises the prefix now. */
export function addPrefix(entry: LsdbEntry, is: Statement, initial: bool): void {
  beginOfLsa(entry, CHANGE_ADDED, FIELD_EXISTS, initial);
  newNumber(is.metric);
  kindText(is);
  newText();
  finish(entry, is);
}

/** It does not any more. */
export function removePrefix(entry: LsdbEntry, was: Statement): void {
  beginOfLsa(entry, CHANGE_REMOVED, FIELD_EXISTS, false);
  oldNumber(was.metric);
  kindText(was);
  oldText();
  finish(entry, was);
}

/** It does as before, perhaps otherwise. */
export function changePrefix(entry: LsdbEntry, was: Statement, is: Statement): void {
  changeNumber(entry, FIELD_METRIC, is, was.metric, is.metric);
  changeNumber(entry, FIELD_METRIC_TYPE, is, was.metricType as u32, is.metricType as u32);
  changeNumber(entry, FIELD_TAG, is, was.tag, is.tag);
  if (was.forwarding == is.forwarding) return;
  beginOfLsa(entry, CHANGE_CHANGED, FIELD_FORWARDING, false);
  Text.begin();
  quad(was.forwarding);
  oldText();
  Text.begin();
  quad(is.forwarding);
  newText();
  finish(entry, is);
}

function changeNumber(entry: LsdbEntry, field: u32, is: Statement, before: u32, after: u32): void {
  if (before == after) return;
  beginOfLsa(entry, CHANGE_CHANGED, field, false);
  oldNumber(before);
  newNumber(after);
  finish(entry, is);
}

function finish(entry: LsdbEntry, prefix: Statement): void {
  finishPrefix(entry.router, prefix.address, prefix.mask, entry.type);
}

function kindText(prefix: Statement): void {
  const kind = prefix.kind;
  Text.begin();
  if (kind == KIND_STUB) Text.literal('stub');
  else if (kind == KIND_NETWORK) Text.literal('network');
  else if (kind == KIND_INTER_AREA) Text.literal('inter-area');
  else if (kind == KIND_EXTERNAL) Text.literal(prefix.metricType == 2 ? 'external-2' : 'external-1');
  else if (kind == KIND_NSSA) Text.literal(prefix.metricType == 2 ? 'nssa-2' : 'nssa-1');
}
