/** A collector that could not look for longer than the kernel's list of arrivals reaches back: no timer of what it did not see, one row for the interval. */
import { describe, expect, it } from 'vitest';
import { FIRST_BOOT_NS } from '../../collectors/recorded/index.ts';
import { EPOCH, newDirectory, newShipper, openLab, rowsOfSent, Sent, shipAll, STEP_MS, world } from './shipping.ts';

const NS_A_MS = 1_000_000n;
/** Rows of one event differ by less: the kernel tells in ms how long ago a hello came before. */
const SAME_NS = 5n * NS_A_MS;
const FOREVER = 1n << 62n;

interface Told {
  readonly view: string;
  readonly time: bigint;
  readonly state: string;
  readonly reason: string;
  readonly evidence: string;
}

function told(sent: Sent): Told[] {
  return rowsOfSent(sent).filter((row) => row.startsWith('adjacency_events')).map((row) => {
    const { router, neighbor, level, time, state, reason, evidence } = JSON.parse(row.slice(row.indexOf('{'))) as Record<string, string>;
    return { view: `${router} of ${neighbor} ${level}`, time: BigInt(time!), state: state!, reason: reason!, evidence: evidence! };
  }).toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

const coverage = (sent: Sent): Record<string, string>[] => rowsOfSent(sent).filter((row) => row.startsWith('coverage_events')).map((row) => JSON.parse(row.slice(row.indexOf('{'))) as Record<string, string>);

/** The state of a view that was told last before `time`. */
const stateAt = (rows: readonly Told[], view: string, time: bigint): string => rows.findLast((row) => row.view === view && row.time <= time)?.state ?? 'unknown';

/** Timers that rang although the view was up or came up, by what is known where nobody was blind. */
const falseTimers = (rows: readonly Told[], truth: readonly Told[]): Told[] => rows.filter(({ evidence, view, time }) => evidence === 'timer' && !['down', 'unknown'].includes(stateAt(truth, view, time + SAME_NS)));

const BLINDNESSES = {
  /** The loader lives: its ring has all that was news, its list of hellos the last 8 of each. */
  'its shipper was dead': async (lab: string, sent: Sent, at: number, forMs: number): Promise<void> => {
    const directory = newDirectory();
    await shipAll(newShipper(await openLab(lab, { suppress: true }), sent, { directory }), async (round, current) => {
      if (round !== at) return current;
      await current.sender.stop(0);
      world.ms += forMs;
      const next = newShipper(await openLab(lab, { suppress: true }, true), sent, { directory });
      await next.begin();
      next.sender.start();
      return next;
    });
  },
  'its shipper stood still': async (lab: string, sent: Sent, at: number, forMs: number): Promise<void> => {
    await shipAll(newShipper(await openLab(lab, { suppress: true }), sent), (round, current) => {
      if (round === at) world.ms += forMs;
      return Promise.resolve(current);
    });
  },
  'its ring was full': async (lab: string, sent: Sent, at: number, forMs: number): Promise<void> => {
    const from = FIRST_BOOT_NS + BigInt((at + 1) * STEP_MS) * NS_A_MS;
    const isFull = (bootNs: bigint): boolean => bootNs > from && bootNs <= from + BigInt(forMs) * NS_A_MS;
    await shipAll(newShipper(await openLab(lab, { suppress: true, isFull }), sent), (round, current) => {
      if (round === at) world.ms += forMs;
      return Promise.resolve(current);
    });
  },
  'all of it was dead': async (lab: string, sent: Sent, at: number, forMs: number): Promise<void> => {
    const directory = newDirectory();
    await shipAll(newShipper(await openLab(lab, { suppress: true }), sent, { directory }), async (round, current) => {
      if (round !== at) return current;
      await current.sender.stop(0);
      world.ms += forMs;
      const port = await openLab(lab, { suppress: true, epoch: EPOCH + 5n }, true);
      port.skip();
      const next = newShipper(port, sent, { directory });
      await next.begin();
      next.sender.start();
      return next;
    });
  },
} as const;

describe.each(['isis-lan3', 'ospf-lan'])('%s: a collector that saw nothing for a while, as', (lab) => {
  for (const [what, blind] of Object.entries(BLINDNESSES)) {
    it(`${what}: no timer is told of what it missed, no view changes twice blindly, and there is one row of it`, async () => {
      const calm = new Sent();
      await shipAll(newShipper(await openLab(lab, { suppress: true }), calm));
      const truth = told(calm);
      let gapsTold = 0;
      for (const forMs of [60_000, 100_000]) {
        for (let at = 150; at * STEP_MS + forMs < 170_000; at += 150) {
          const sent = new Sent();
          await blind(lab, sent, at, forMs);
          const rows = told(sent);
          const where = `${forMs} ms from ${at * STEP_MS} ms on`;
          expect(falseTimers(rows, truth), where).toEqual([]);
          // Of OSPF the exchange may be missed, too: the states that it leads through are then found out one by one.
          const blindly = lab === 'ospf-lan' ? [] : rows.filter(({ reason }) => reason === 'changed-while-blind').map(({ view }) => view);
          expect(blindly, where).toEqual([...new Set(blindly)]);
          const gaps = coverage(sent).filter((row) => row['what'] === 'gap').map(({ subject }) => subject);
          expect(gaps, where).toEqual([...new Set(gaps)]);
          gapsTold += gaps.length;
          // Behind that there is not enough to see for all of them; which of its states an adjacency has is not in hellos alone.
          if (at * STEP_MS + forMs > 120_000) continue;
          for (const view of new Set(truth.map((row) => row.view))) expect(stateAt(rows, view, FOREVER) === 'down', `${view} is down, ${where}`).toBe(stateAt(truth, view, FOREVER) === 'down');
        }
      }
      expect(gapsTold).toBeGreaterThan(5);
    }, 60_000);
  }
});

describe('batches that the log lost', () => {
  it('take the hellos with them whose copies come later: until they are shipped again no timer is believed', async () => {
    const whole = new Sent();
    const marks: number[][] = [];
    const shipper = newShipper(await openLab('isis-lan3', { suppress: true }), whole);
    await shipAll(shipper, () => {
      marks.push(whole.batches.map(({ length }) => length));
      return Promise.resolve(shipper);
    });
    const truth = told(whole);
    for (let at = 100; at < 900; at += 100) {
      for (const rounds of [10, 300]) {
        const sent = new Sent();
        for (const [partition, batches] of whole.batches.entries()) sent.batches[partition] = batches.filter((_, index) => index < marks[at]![partition]! || index >= marks[at + rounds]![partition]!);
        expect(falseTimers(told(sent), truth), `${rounds} rounds from ${at} on`).toEqual([]);
      }
    }
  }, 60_000);
});

describe('a tap that went away while its shipper was dead', () => {
  it('ends when it did: its frames up to then count, and no timer is told of what came later', async () => {
    const calm = new Sent();
    await shipAll(newShipper(await openLab('isis-lan3'), calm));
    const truth = told(calm);
    const closedNs = FIRST_BOOT_NS + 70_000n * NS_A_MS;
    const sent = new Sent();
    const directory = newDirectory();
    await shipAll(newShipper(await openLab('isis-lan3'), sent, { directory }), async (round, current) => {
      if (round !== 600) return current;
      await current.sender.stop(0);
      world.ms += 100_000;
      const port = await openLab('isis-lan3', { isFull: (bootNs) => bootNs > closedNs }, true);
      const all = port.taps.bind(port);
      port.taps = () => all().map((tap) => ({ ...tap, closedNs, closedBy: 'the interface is gone' }));
      port.drops = () => [];
      const next = newShipper(port, sent, { directory });
      await next.begin();
      next.sender.start();
      return next;
    });
    const closed = coverage(sent).filter((row) => row['what'] === 'tap-closed');
    expect(closed.map(({ detail }) => detail)).toEqual(['the interface is gone']);
    const until = BigInt(closed[0]!['time']!);
    expect(until - BigInt(coverage(sent).find((row) => row['what'] === 'tap-opened')!['time']!)).toBe(closedNs - FIRST_BOOT_NS);
    expect(told(sent)).toEqual(truth.filter(({ time }) => time <= until));
  });
});
