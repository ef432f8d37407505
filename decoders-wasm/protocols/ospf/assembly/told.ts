/**
 * What another decoder had read in LSAs of the state that this one took over, where this one reads them otherwise: kept
 * from the import until `differences` has told it.
 */
import { Blocks } from '../../../base/assembly/intern.ts';
import { Memory, SEGMENT_BYTES } from '../../../base/assembly/memory.ts';
import { StateReader, StateWriter } from '../../../base/assembly/state.ts';
import { LsdbEntry } from './lsdb.ts';
import { Statements } from './statements.ts';

/** Most statements of one LSA: links of the longest Router-LSA, and its node. */
const MOST_STATEMENTS: u32 = 65536 / 12;
const LEAST_BYTES: u32 = 12;
const MOST_BYTES: u32 = 256;

/** One LSA whose statements differ; the records stand behind it. */
@unmanaged
export class Told {
  following: Told;
  entry: LsdbEntry;
  count: u32;
  /** Bytes of a record of the module that wrote it. */
  bytes: u32;

  /** The first in order of the LSDB. */
  static first: Told = changetype<Told>(0);
  private static last: Told = changetype<Told>(0);

  /** Writes what this module reads in the entry's LSA. */
  static save(entry: LsdbEntry): void {
    Statements.after.of(entry.body);
    Statements.after.save();
  }

  /** Reads what the writer of the export, whose records have `bytes`, read in the entry's LSA; keeps it if it differs. */
  static restore(entry: LsdbEntry, bytes: u32): bool {
    const count = StateReader.u32();
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES || count > MOST_STATEMENTS) return false;
    const at = StateReader.bytes(count * bytes);
    if (StateReader.failed) return false;
    Statements.after.of(entry.body);
    if (Statements.after.equals(at, count, bytes)) return true;
    const size = offsetof<Told>() + count * bytes;
    const block = size > SEGMENT_BYTES ? Memory.allocate(size) : Blocks.take(size);
    if (block == 0) return false;
    const told = changetype<Told>(block);
    told.following = changetype<Told>(0);
    told.entry = entry;
    told.count = count;
    told.bytes = bytes;
    memory.copy(block + offsetof<Told>(), at, count * bytes);
    if (changetype<usize>(Told.last) == 0) Told.first = told;
    else Told.last.following = told;
    Told.last = told;
    return true;
  }

  /** Makes the first one the statements to compare with; false when there is none (any more). */
  static take(): bool {
    const told = Told.first;
    const at = changetype<usize>(told);
    if (at == 0) return false;
    if (!Statements.before.restore(at + offsetof<Told>(), told.count, told.bytes)) unreachable();
    Told.drop();
    return true;
  }

  /** Frames come: nobody asks any more. */
  @inline static forget(): void {
    while (changetype<usize>(Told.first) != 0) Told.drop();
  }

  private static drop(): void {
    const told = Told.first;
    Told.first = told.following;
    if (changetype<usize>(Told.first) == 0) Told.last = changetype<Told>(0);
    const size = offsetof<Told>() + told.count * told.bytes;
    // What is longer than a block stays allocated: no LSA is that long but a Router-LSA with thousands of links.
    if (size <= SEGMENT_BYTES) Blocks.give(changetype<usize>(told), size);
  }
}
