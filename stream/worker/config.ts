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

/** What of a retention a checkpoint may be behind: what is gone must be in the state long before it goes. */
const CHECKPOINTS_A_RETENTION = 8;
const HOUR_MS = 3_600_000;

/** The settings with checkpoints so often that eight of them are written while frames are kept (by bytes of a partition, by hours). */
export function withinRetention(settings: WorkerSettings, frames: { readonly bytes?: number | undefined; readonly hours?: number | undefined }): WorkerSettings {
  const { checkpointBytes, checkpointMs } = workerConfig.parse(settings);
  const share = (kept: number): number => Math.max(1, Math.floor(kept / CHECKPOINTS_A_RETENTION));
  return {
    ...settings,
    checkpointBytes: frames.bytes === undefined ? checkpointBytes : Math.min(checkpointBytes, share(frames.bytes)),
    checkpointMs: frames.hours === undefined ? checkpointMs : Math.min(checkpointMs, share(frames.hours * HOUR_MS)),
  };
}
