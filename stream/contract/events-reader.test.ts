/** What counts in an events partition: claims, records in order, repeats, upgrades. */
import { describe, expect, it } from 'vitest';
import { EventsOrderError, EventsReader, startPosition } from './events-reader.ts';
import { encodeEventsRecord, type EventsHeader, type ModuleHashes, type Position } from './events-record.ts';

describe('the events reader', () => {
  const at = (offset: number, rows = 0): Position => ({ offset: String(offset), rows });
  const value = (kind: EventsHeader['kind'], owner: string, begin: Position, end: Position, more: Partial<EventsHeader> = {}): Uint8Array => encodeEventsRecord({
    header: { kind, owner, partition: 0, begin, end, sections: [], contexts: [], taps: [], decoderVersion: '', ...more }, rows: [],
  });
  const taken = (reader: EventsReader, ...records: readonly Uint8Array[]): boolean[] => records.map((bytes, offset) => reader.take({ offset: BigInt(offset), value: bytes }) !== undefined);
  const claim = (owner: string): Uint8Array => value('claim', owner, startPosition, startPosition);

  it('takes what the last claimant wrote where the last record ended, within a batch too', () => {
    const reader = new EventsReader('events');
    expect(taken(reader, claim('a'), value('rows', 'a', at(0), at(3)), value('rows', 'a', at(3), at(3, 10)), value('rows', 'a', at(3, 10), at(4)))).toEqual([true, true, true, true]);
    expect(reader.end).toEqual(at(4));
  });

  it('passes over whole repeats and what a fenced owner wrote', () => {
    const reader = new EventsReader('events');
    const first = value('rows', 'a', at(0), at(3));
    expect(taken(reader, claim('a'), first, first, claim('b'), value('rows', 'a', at(3), at(5)), value('rows', 'b', at(3), at(4)))).toEqual([true, true, false, true, false, true]);
    expect([reader.end, reader.passedOver, reader.owners]).toEqual([at(4), 2, ['a', 'b']]);
  });

  it('passes over records before the first claim', () => {
    expect(taken(new EventsReader('events'), value('rows', 'a', at(0), at(3)))).toEqual([false]);
  });

  it('stops at a hole and at a repeat that goes further', () => {
    const reader = (): EventsReader => {
      const one = new EventsReader('events of partition 0');
      taken(one, claim('a'), value('rows', 'a', at(0), at(3)));
      return one;
    };
    expect(() => taken(reader(), value('rows', 'a', at(4), at(5)))).toThrow(EventsOrderError);
    expect(() => taken(reader(), value('rows', 'a', at(4), at(5)))).toThrow('events of partition 0 offset 0: the record covers 4 to 5, but the last one ended at 3');
    expect(() => taken(reader(), value('rows', 'a', at(2), at(3, 1)))).toThrow(EventsOrderError);
  });

  it('passes over a repeat of what was lost, which moves no position', () => {
    const lost = value('rows', 'a', at(3), at(3), { lostUpTo: '2' });
    const reader = new EventsReader('events');
    expect(taken(reader, claim('a'), value('rows', 'a', at(0), at(3)), lost, lost, value('rows', 'a', at(3), at(3), { lostUpTo: '3' }))).toEqual([true, true, true, false, true]);
  });

  it('says at which offset a record cannot be read', () => {
    expect(() => new EventsReader('events').take({ offset: 7n, value: new Uint8Array(3) })).toThrow(/^events offset 7: 3 bytes are too few/);
  });

  describe('of upgrades', () => {
    const [one, two, three] = [{ isis: '1'.repeat(64), bgp: 'b' }, { isis: '2'.repeat(64), bgp: 'b' }, { isis: '3'.repeat(64), bgp: 'b' }];
    const begin = value('claim', 'a', startPosition, startPosition, { modules: one });
    const upgrade = (owner: string, where: Position, from: ModuleHashes, to: ModuleHashes): Uint8Array => value('upgrade', owner, where, where, { upgrade: { from, to } });

    it('knows the modules in force: those of the first claim until an upgrade names others, there and back', () => {
      const reader = new EventsReader('events');
      const later = value('claim', 'b', startPosition, startPosition, { modules: two });
      expect(taken(reader, begin, value('rows', 'a', at(0), at(3)), later)).toEqual([true, true, true]);
      expect(reader.modules, 'a claim changes nothing').toEqual(one);
      expect(taken(reader, upgrade('b', at(3), one, two))).toEqual([true]);
      expect([reader.modules, reader.end]).toEqual([two, at(3)]);
      expect(taken(reader, value('rows', 'b', at(3), at(4)), upgrade('b', at(4), two, one), upgrade('b', at(4), one, three))).toEqual([true, true, true]);
      expect(reader.modules).toEqual(three);
    });

    it('passes over a repeat, and what a fenced owner wrote', () => {
      const reader = new EventsReader('events');
      const first = upgrade('a', at(0), one, two);
      expect(taken(reader, begin, first, first, claim('b'), upgrade('a', at(0), two, three), value('rows', 'b', at(0), at(1)))).toEqual([true, true, false, true, false, true]);
      expect([reader.modules, reader.passedOver]).toEqual([two, 2]);
    });

    it('passes over one before the first claim', () => {
      const reader = new EventsReader('events');
      expect(taken(reader, upgrade('a', at(0), one, two))).toEqual([false]);
      expect(reader.modules).toBeUndefined();
    });

    it('stops at one that stands elsewhere, leaves other modules than those in force, or does not say which', () => {
      const reader = (): EventsReader => {
        const fresh = new EventsReader('events of partition 0');
        taken(fresh, begin, value('rows', 'a', at(0), at(3)));
        return fresh;
      };
      expect(() => taken(reader(), upgrade('a', at(2), one, two))).toThrow(`events of partition 0 offset 0: the upgrade stands at 2 and leaves isis ${'1'.repeat(12)}, bgp b, but the last record ended at 3`);
      expect(() => taken(reader(), upgrade('a', at(4), one, two))).toThrow(EventsOrderError);
      expect(() => taken(reader(), upgrade('a', at(3), two, three))).toThrow(`leaves isis ${'2'.repeat(12)}, bgp b, but the last record ended at 3 and isis ${'1'.repeat(12)}, bgp b are in force`);
      expect(() => taken(reader(), upgrade('a', at(3, 5), one, two))).toThrow(EventsOrderError);
      expect(() => taken(reader(), value('upgrade', 'a', at(3), at(3)))).toThrow('the upgrade does not say from which modules to which');
    });

    it('believes the first one where reading begins amid the log, and holds the next to it', () => {
      const reader = new EventsReader('events', undefined, true);
      expect(taken(reader, value('rows', 'a', at(7), at(9)), upgrade('a', at(9), one, two))).toEqual([true, true]);
      expect(reader.modules).toEqual(two);
      expect(() => taken(reader, upgrade('a', at(9), one, three))).toThrow(EventsOrderError);
    });

    it('goes on from a checkpoint with the modules that it names', () => {
      const reader = new EventsReader('events', { owner: 'a', end: at(5), modules: two });
      expect(taken(reader, upgrade('a', at(5), one, two), upgrade('a', at(5), two, three))).toEqual([false, true]);
    });
  });
});
