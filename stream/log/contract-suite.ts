/** What every log adapter must hold: run by the adapter's own test with a factory. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Log, type LogRecord, LogStartError } from '../contract/log.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const texts = (records: readonly LogRecord[]): string[] => records.map((record) => Buffer.from(record.value).toString());

async function readAll(log: Log, topic: string, partition: number, from: bigint): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of log.read(topic, partition, from)) records.push(record);
  return records;
}

/**
 * `open` gives a log over the same storage each time; `reset` makes the next one empty; `deleteBefore` does what retention
 * would do.
 */
export function logContract<L extends Log>(
  name: string, open: () => Promise<L>, reset: () => Promise<void>, deleteBefore: (log: L, topic: string, partition: number, before: bigint) => Promise<void>,
): void {
  describe(`${name} keeps the log contract`, () => {
    const opened: L[] = [];
    const topic = 'routewatch.frames.v1';
    const make = async (partitions = 2): Promise<L> => {
      const log = await open();
      opened.push(log);
      await log.ensureTopics([{ topic, partitions }]);
      return log;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((log) => log.close()));
      await reset();
    });

    it('gives offsets in order from the first, a sequence for each partition', async () => {
      const log = await make();
      expect(await log.append(topic, 0, [bytes('a'), bytes('b')])).toBe(0n);
      expect(await log.append(topic, 0, [bytes('c')])).toBe(2n);
      expect(await log.append(topic, 1, [bytes('d')])).toBe(0n);
      expect(await log.bounds(topic, 0)).toEqual({ first: 0n, next: 3n });
      expect(texts(await readAll(log, topic, 0, 1n))).toEqual(['b', 'c']);
    });

    it('keeps records, offsets, identity and commits when it is opened again', async () => {
      const log = await make();
      await log.append(topic, 1, [bytes('kept')]);
      await log.commit('sink', topic, 1, 1n);
      const identity = await log.identity(topic);
      await log.close();
      const again = await make();
      expect(await again.identity(topic)).toBe(identity);
      expect(texts(await readAll(again, topic, 1, 0n))).toEqual(['kept']);
      expect(await again.append(topic, 1, [bytes('next')])).toBe(1n);
      expect(await again.committed('sink', topic, 1)).toBe(1n);
      expect(await again.lag('sink', topic, 1)).toBe(1n);
      expect(await again.committed('another', topic, 1)).toBeUndefined();
    });

    it('refuses another count of partitions', async () => {
      const log = await make(2);
      await log.close();
      await expect(make(3)).rejects.toThrow(/2 partitions; 3 were asked for/);
    });

    it('reads to the end known at the call and no further', async () => {
      const log = await make();
      await log.append(topic, 0, [bytes('a'), bytes('b')]);
      const seen: string[] = [];
      for await (const record of log.read(topic, 0, 0n)) {
        seen.push(...texts([record]));
        if (seen.length < 10) await log.append(topic, 0, [bytes('later')]);
      }
      expect(seen).toEqual(['a', 'b']);
    });

    it('keeps together what was appended together, and each writer learns where his records stand', async () => {
      const writers = [await make(), await make()];
      const placed = await Promise.all(writers.map(async (log, writer) => {
        const places: [bigint, string][] = [];
        for (let i = 0; i < 20; i++) places.push([await log.append(topic, 0, [bytes(`${writer}a${i}`), bytes(`${writer}b${i}`)]), `${writer}a${i} ${writer}b${i}`]);
        return places;
      }));
      const all = texts(await readAll(writers[0]!, topic, 0, 0n));
      expect(all).toHaveLength(80);
      for (const [offset, pair] of placed.flat()) expect(all.slice(Number(offset), Number(offset) + 2).join(' ')).toBe(pair);
    });

    it('delivers what is there and what comes, in order, the next only after the handler', async () => {
      const log = await make();
      await log.append(topic, 0, [bytes('0')]);
      const seen: string[] = [];
      let inside = 0;
      const all = Promise.withResolvers<void>();
      const subscription = log.consume({ topic, partition: 0, from: 0n }, async (records) => {
        expect(++inside).toBe(1);
        await new Promise((resolve) => { setTimeout(resolve, 1); });
        seen.push(...texts(records));
        inside -= 1;
        if (seen.length === 50) all.resolve();
      });
      for (let i = 1; i < 50; i++) await log.append(topic, 0, [bytes(String(i))]);
      await all.promise;
      await subscription.stop();
      await log.append(topic, 0, [bytes('after the stop')]);
      expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
    });

    it('tells when a handler throws and delivers nothing more', async () => {
      const log = await make();
      await log.append(topic, 0, [bytes('poison')]);
      const subscription = log.consume({ topic, partition: 0, from: 0n }, async () => { throw new Error('cannot use it'); });
      await expect(subscription.failed).rejects.toThrow('cannot use it');
      await subscription.stop();
    });

    it('holds bytes of every value and records of some megabytes', async () => {
      const log = await make();
      const every = Uint8Array.from({ length: 256 }, (_, i) => i);
      const large = new Uint8Array(3 << 20).fill(10);
      await log.append(topic, 0, [every, large]);
      const [first, second] = await readAll(log, topic, 0, 0n);
      expect(Buffer.from(first!.value).equals(every)).toBe(true);
      expect(Buffer.from(second!.value).equals(large)).toBe(true);
    });

    it('has a first offset that moves, refuses to begin before it, and gives no offset again', async () => {
      const log = await make();
      await log.append(topic, 0, ['a', 'b', 'c', 'd'].map(bytes));
      await log.append(topic, 1, [bytes('other')]);
      await deleteBefore(log, topic, 0, 2n);
      expect(await log.bounds(topic, 0)).toEqual({ first: 2n, next: 4n });
      expect(await log.bounds(topic, 1)).toEqual({ first: 0n, next: 1n });
      expect(texts(await readAll(log, topic, 0, 2n))).toEqual(['c', 'd']);
      await expect(readAll(log, topic, 0, 1n)).rejects.toBeInstanceOf(LogStartError);
      await deleteBefore(log, topic, 0, 4n);
      expect(await log.bounds(topic, 0)).toEqual({ first: 4n, next: 4n });
      expect(await readAll(log, topic, 0, 4n)).toEqual([]);
      await log.close();
      const again = await make();
      expect(await again.append(topic, 0, [bytes('e')])).toBe(4n);
    });

    it('ends a subscription that begins before the first offset, or that retention overtakes, with an error', async () => {
      const log = await make();
      await log.append(topic, 0, ['a', 'b', 'c', 'd'].map(bytes));
      await deleteBefore(log, topic, 0, 4n);
      const below = log.consume({ topic, partition: 0, from: 1n }, async () => undefined);
      await expect(below.failed).rejects.toMatchObject({ name: 'LogStartError', first: 4n });
      await below.stop();
      for (let i = 0; i < 100; i++) await log.append(topic, 0, [bytes(String(i))]);
      const seen: string[] = [];
      const overtaken = log.consume({ topic, partition: 0, from: 4n }, async (records) => {
        if (seen.length === 0) await deleteBefore(log, topic, 0, 100n);
        seen.push(...texts(records));
      });
      await expect(overtaken.failed).rejects.toMatchObject({ name: 'LogStartError', first: 100n });
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => String(i)));
      await overtaken.stop();
    });
  });
}
