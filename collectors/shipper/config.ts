/** Settings of the shipper: one schema that checks, describes and fills in defaults. */
import { z } from 'zod';

export const shipperConfig = z.strictObject({
  spoolBytes: z.number().int().min(1 << 20).default(1 << 30).describe('most that waits on disk while the log is away; beyond it the least valuable frames go first, and every loss is a row'),
  batchBytes: z.number().int().min(1024).max(16 << 20).default(1 << 20).describe('a batch is closed at so many bytes of frames'),
  lingerMs: z.number().min(0).max(1000).default(20).describe('frames that come within so long of one another go together'),
  stopMs: z.number().min(0).default(30_000).describe('how long a stop may ship what is left; what is not shipped by then stays in the spool'),
  mostKeys: z.number().int().positive().default(65_536).describe('sessions and links that are told apart; frames of further ones are refused and counted'),
});

/** As given: what is left out takes its default. */
export type ShipperSettings = z.input<typeof shipperConfig>;
export type ShipperConfig = z.infer<typeof shipperConfig>;
