/** Versions of modules' checkpoints: which one to write so that another module can read it. */

/** What a module writes and reads: from the oldest version to the newest. */
export interface StateVersions {
  readonly oldest: number;
  readonly newest: number;
}

/** By protocol the version in which its module is to write its state; one that is not named writes its newest. */
export type StateForms = Readonly<Record<number, number>>;

/** The newest version that `writer` can write and `reader` can read; undefined where there is none. */
export function commonVersion(writer: StateVersions, reader: StateVersions): number | undefined {
  const version = Math.min(writer.newest, reader.newest);
  return version < writer.oldest || version < reader.oldest ? undefined : version;
}

/** In words, for errors. */
export function versionsText({ oldest, newest }: StateVersions): string {
  return oldest === newest ? `version ${newest}` : `versions ${oldest} to ${newest}`;
}
