/** topology */
import { LsdbEntry } from './lsdb.ts';
export function topologyOfLsa(entry: LsdbEntry, at: usize, gone: bool, initial: bool): void {}
export function dueEdges(push: (at: usize) => void): void {}
export function orderEdges(a: usize, b: usize): i32 { return 0; }
