/** Where a shipper stands, as its spool keeps it: in one transaction with the batches that bring it there. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { batchKey } from '../../stream/contract/frame-batch.ts';
import { decimal, unsigned } from '../../stream/contract/record.ts';
import type { BatchedTap, Resume } from '../batching/index.ts';
import type { SlotState } from './slots.ts';

const tap = z.object({
  /** Of the ring. */
  id: z.number().int(),
  name: z.string(),
  domain: z.string(),
  openedNs: unsigned,
  /** Last frame number given. */
  frames: unsigned,
  isClosed: z.boolean(),
  /** Frames that the ring lost, as far as they have been told. */
  lost: z.record(z.string(), z.number()),
  /** State of the interface when it was told last. */
  carrier: z.object({ isUp: z.boolean(), changes: z.number(), atNs: unsigned }).optional(),
});

const stand = z.object({
  /** Epoch of the ring, and of the collector. */
  ring: unsigned,
  epoch: unsigned,
  /** Behind what is spooled. */
  position: unsigned,
  /** Boot clock and wall offset of the last round. */
  clockNs: unsigned,
  wallOffsetNs: decimal,
  /** All taps were closed in order. */
  isEnded: z.boolean(),
  taps: z.array(tap),
  partitions: z.array(z.object({ sequence: z.number(), toldNs: unsigned, lastFrames: z.record(z.string(), unsigned), closed: z.array(z.string()) })),
});

export type Stand = z.infer<typeof stand>;
export type StandTap = Stand['taps'][number];

const slotStates = z.array(z.object({ id: z.string().regex(/^\d+$/), slot: z.number().int(), tap: z.number().int(), key: batchKey, digest: z.string() }));

/** Throws where the text is not what this version writes. */
export function parseStand(text: string): Stand {
  return stand.parse(JSON.parse(text));
}

export function parseSlots(text: string): readonly SlotState[] {
  return slotStates.parse(JSON.parse(text)) as readonly SlotState[];
}

/** What the batcher of this epoch needs to go on. */
export function resumeOf({ partitions }: Stand): Resume {
  return {
    partitions: new Map(partitions.map(({ sequence, lastFrames, closed }, partition) => [partition, {
      sequence, clockNs: -1n, closed: new Set(closed),
      lastFrames: new Map(Object.entries(lastFrames).map(([identity, frame]) => [identity, BigInt(frame)])),
    }])),
  };
}

export function partitionsOf({ partitions }: Resume, toldNs: (partition: number) => bigint): Stand['partitions'] {
  return [...partitions].map(([partition, { sequence, lastFrames, closed }]) => ({
    sequence, toldNs: String(toldNs(partition)), closed: [...closed],
    lastFrames: Object.fromEntries([...lastFrames].map(([identity, frame]) => [identity, String(frame)])),
  }));
}

/** A tap as the batcher takes it; its identity is that of (collector, tap, epoch). */
export function batchedTap(collector: string, epoch: string, { id, name, domain, openedNs }: Pick<StandTap, 'id' | 'name' | 'domain' | 'openedNs'>, wallOffsetNs: bigint): BatchedTap {
  const identity = createHash('sha256').update(`${collector}\0${epoch}\0${id}\0${name}`).digest('hex').slice(0, 32);
  return { name, domain, identity, wallOffsetNs, openedNs: BigInt(openedNs) };
}
