/** Settings of the embedded log: what it keeps. */
import { z } from 'zod';

const limit = z.strictObject({
  bytes: z.number().int().positive().optional().describe('keep so many bytes a partition at least; what is beyond goes'),
  hours: z.number().positive().optional().describe('what is older goes'),
});

const times = 3;

export const logConfig = z.strictObject({
  frames: limit.default({}).describe('frames: what can be decoded again'),
  events: limit.default({}).describe('events: what a sink may be behind'),
  checkpoints: limit.optional().describe('checkpoints: three times what is kept of frames at least; the newest one is always kept'),
}).superRefine(({ frames, checkpoints }, context) => {
  for (const what of ['bytes', 'hours'] as const) {
    const least = frames[what] === undefined ? undefined : times * frames[what];
    if (checkpoints?.[what] === undefined || least === undefined || checkpoints[what] >= least) continue;
    context.addIssue({ code: 'custom', path: ['checkpoints', what], message: `has to be ${least} at least, three times that of frames: a state without its frames, or frames without a state, cannot be gone on from` });
  }
}).transform(({ frames, events, checkpoints }) => ({
  frames, events,
  checkpoints: checkpoints ?? {
    ...(frames.bytes === undefined ? {} : { bytes: times * frames.bytes }),
    ...(frames.hours === undefined ? {} : { hours: times * frames.hours }),
  },
}));

/** As given: what is left out is kept for ever. */
export type LogSettings = z.input<typeof logConfig>;
export type LogConfig = z.infer<typeof logConfig>;
export interface Limit { readonly bytes?: number | undefined; readonly hours?: number | undefined }
