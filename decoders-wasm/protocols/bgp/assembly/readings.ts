/**
 * Which attributes this module reads into columns of `path_attributes`, and by which revision of their reading. An export
 * says it, so that a module which takes it over knows what it reads otherwise without comparing every set.
 */
import { StateReader, StateWriter } from '../../../base/assembly/state.ts';
import {
  ATTRIBUTE_AGGREGATOR, ATTRIBUTE_AS_PATH, ATTRIBUTE_ATOMIC_AGGREGATE, ATTRIBUTE_CLUSTER_LIST, ATTRIBUTE_COMMUNITIES,
  ATTRIBUTE_EXTENDED_COMMUNITIES, ATTRIBUTE_LARGE_COMMUNITIES, ATTRIBUTE_LOCAL_PREF, ATTRIBUTE_MP_REACH_NLRI,
  ATTRIBUTE_MULTI_EXIT_DISC, ATTRIBUTE_NEXT_HOP, ATTRIBUTE_ORIGIN, ATTRIBUTE_ORIGINATOR_ID,
} from './iana.ts';

/** Code and, from bit 8, revision: to be raised whenever `AttributeSets.column` makes something else of that attribute. */
const READ: StaticArray<u32> = [
  ATTRIBUTE_ORIGIN | (1 << 8), ATTRIBUTE_AS_PATH | (1 << 8), ATTRIBUTE_NEXT_HOP | (1 << 8), ATTRIBUTE_MULTI_EXIT_DISC | (1 << 8),
  ATTRIBUTE_LOCAL_PREF | (1 << 8), ATTRIBUTE_ATOMIC_AGGREGATE | (1 << 8), ATTRIBUTE_AGGREGATOR | (1 << 8),
  ATTRIBUTE_COMMUNITIES | (1 << 8), ATTRIBUTE_ORIGINATOR_ID | (1 << 8), ATTRIBUTE_CLUSTER_LIST | (1 << 8),
  ATTRIBUTE_MP_REACH_NLRI | (1 << 8), ATTRIBUTE_EXTENDED_COMMUNITIES | (1 << 8), ATTRIBUTE_LARGE_COMMUNITIES | (1 << 8),
];
/** By code: the other module's revision, 0 where it reads nothing; then our own beside it. */
const theirs: usize = memory.data(256);
const ours: usize = memory.data(256);

@unmanaged
export class Readings {
  /** The state that was taken over is of a module that reads some attribute otherwise. */
  static differ: bool = false;

  /** Writes what this module reads: count u8, then code u8 and revision u8 of each. */
  static save(): void {
    StateWriter.u8(READ.length as u8);
    for (let i = 0; i < READ.length; i++) StateWriter.u16(READ[i] as u16);
  }

  /** Takes over what the writer of the export read. */
  static restore(): void {
    for (let i = 0; i < READ.length; i++) store<u8>(ours + ((READ[i] & 0xff) as usize), (READ[i] >>> 8) as u8);
    const count = StateReader.u8() as u32;
    for (let i: u32 = 0; i < count; i++) {
      const read = StateReader.u16();
      store<u8>(theirs + ((read & 0xff) as usize), (read >>> 8) as u8);
    }
    Readings.differ = memory.compare(theirs, ours, 256) != 0;
  }

  /** Whether this module reads the attribute otherwise. */
  @inline static ofCode(code: u32): bool {
    return load<u8>(theirs + (code as usize)) != load<u8>(ours + (code as usize));
  }

  /** Whether canonical attributes between `at` and `end` have one that this module reads otherwise. */
  static ofSet(at: usize, end: usize): bool {
    while (at < end) {
      if (Readings.ofCode(load<u8>(at, 1) as u32)) return true;
      at += 4 + (bswap<u16>(load<u16>(at, 2)) as usize);
    }
    return false;
  }
}
