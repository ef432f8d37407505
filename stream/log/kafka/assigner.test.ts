import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assign, type Member } from './assigner.ts';

/** Rounds until nothing moves any more, as the group goes through them; gives what each member holds. */
function settle(start: readonly Member[], partitions: number): { members: Member[]; moved: number } {
  let members = [...start];
  let moved = 0;
  for (let round = 0; round < 4; round++) {
    const assignment = assign(members, partitions);
    const given = [...assignment.values()].flat();
    expect(new Set(given).size).toBe(given.length);
    // Nobody gets what another one holds still.
    for (const { id } of members) for (const partition of assignment.get(id)!) expect(members.filter((other) => other.id !== id && other.held.includes(partition))).toEqual([]);
    moved += members.reduce((sum, { id, held }) => sum + held.filter((partition) => !assignment.get(id)!.includes(partition)).length, 0);
    members = members.map(({ id, generation }) => ({ id, held: assignment.get(id)!, generation: generation + 1 }));
  }
  return { members, moved };
}

it('gives each partition to one member, evenly, and moves no more than it has to, whoever comes and goes', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 24 }), fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 8 }), (partitions, steps) => {
    let members: Member[] = [{ id: 'm0', held: [], generation: 0 }];
    let next = 1;
    for (const step of steps) {
      const before = members;
      const isLeaving = step < members.length && members.length > 1;
      if (isLeaving) members = members.filter((_, index) => index !== step);
      else members = [...members, { id: `m${next++}`, held: [], generation: 0 }];
      const { members: after, moved } = settle(members, partitions);
      members = after;
      const sizes = members.map(({ held }) => held.length);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(partitions);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      // One who leaves moves only his own; one who comes gets his share and no more moves than that.
      if (isLeaving) expect(moved).toBe(0);
      else if (before.every(({ held }) => held.length > 0)) expect(moved).toBeLessThanOrEqual(Math.ceil(partitions / members.length));
    }
  }));
});

it('believes the later one of two who hold the same, and is the same for any order of members', () => {
  const members = [{ id: 'old', held: [0, 1], generation: 3 }, { id: 'new', held: [0], generation: 5 }];
  expect(assign(members, 2)).toEqual(new Map([['new', [0]], ['old', [1]]]));
  expect(assign(members.toReversed(), 2)).toEqual(assign(members, 2));
});
