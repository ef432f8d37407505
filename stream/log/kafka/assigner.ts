/**
 * Who gets which partitions: everybody keeps what he has, as far as the shares stay even, and what has to move is given to
 * nobody until its holder has let go of it. (kafkajs has round robin only, which moves nearly all of them at each change.)
 */

export interface Member {
  readonly id: string;
  /** Partitions that it holds, and the generation of the group in which it got the last of them. */
  readonly held: readonly number[];
  readonly generation: number;
}

/** Partitions of each member by its id; the same for any order of members. */
export function assign(members: readonly Member[], partitions: number): Map<string, number[]> {
  const ordered = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const holder = holders(ordered, partitions);
  const result = new Map(ordered.map(({ id }) => [id, [] as number[]]));
  const least = Math.floor(partitions / ordered.length);
  let larger = partitions % ordered.length;
  const loaded = ordered.map(({ id }) => ({ id, held: [...holder].filter(([, owner]) => owner === id).map(([partition]) => partition).sort((a, b) => a - b) }))
    .sort((a, b) => b.held.length - a.held.length);
  const room: { id: string; left: number }[] = [];
  const kept = new Set<number>();
  for (const { id, held } of loaded) {
    const share = larger > 0 ? least + 1 : least;
    larger -= larger > 0 ? 1 : 0;
    for (const partition of held.slice(0, share)) {
      result.get(id)!.push(partition);
      kept.add(partition);
    }
    room.push({ id, left: Math.max(0, share - held.length) });
  }
  // Free ones to those with room; one that its holder must give up stays free for this round.
  const free = Array.from({ length: partitions }, (_, partition) => partition).filter((partition) => !kept.has(partition) && !holder.has(partition));
  for (const { id, left } of room) result.get(id)!.push(...free.splice(0, left));
  return result;
}

/** The holder of each partition; of two who both believe to hold it, the one who got his in the later generation. */
function holders(members: readonly Member[], partitions: number): Map<number, string> {
  const holder = new Map<number, string>();
  for (const { id, held } of members.toSorted((a, b) => a.generation - b.generation)) {
    for (const partition of held) if (partition < partitions) holder.set(partition, id);
  }
  return holder;
}
