/** Settings of a worker. */
import { z } from 'zod';

export const workerConfig = z.object({
  cutMs: z.number().int().positive().default(1000).describe('rows wait at most this long for a cut, ms'),
  cutBytes: z.number().int().positive().default(16 << 20).describe('a cut is made after so many bytes of rows'),
  recordBytes: z.number().int().positive().default(8 << 20).describe('an events record holds at most about so many bytes'),
  memoryLimitBytes: z.number().int().positive().default(2 ** 31 - 65536).describe('memory of one decoder instance'),
  patienceMs: z.number().int().positive().default(20_000).describe('a decoder that takes longer for one batch is ended'),
  checkpointBytes: z.number().int().positive().default(256 << 20).describe('a checkpoint is written after so many bytes of frames: what a restart replays at most'),
  clockMs: z.number().int().positive().default(1000).describe('a clock record is written so often while taps that ship their clock are open, ms'),
  checkpointMs: z.number().int().positive().default(3_600_000).describe('and after this long, where frames came meanwhile, ms'),
  mostTraps: z.number().int().positive().default(3).describe('frames of one shadow key that may trap its decoder within the window; one more resets the key'),
  trapWindowMs: z.number().int().positive().default(3_600_000).describe('the window, in the time of the frames, ms'),
});

export type WorkerConfig = z.infer<typeof workerConfig>;

/** As given: what is left out has its default. */
export type WorkerSettings = z.input<typeof workerConfig>;
