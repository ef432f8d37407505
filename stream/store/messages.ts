/** What the store's process tells its parent, one JSON line each on its standard output. */
import { z } from 'zod';

const confinementReport = z.object({
  landlock: z.object({
    version: z.int().describe('of the kernel\'s interface; 0 where there is none'),
    files: z.boolean(),
    network: z.boolean(),
    scope: z.boolean(),
  }),
  filter: z.boolean().describe('the system call filter is in place'),
  files: z.boolean().describe('files outside the store\'s own directories are out of reach'),
  network: z.boolean().describe('no connection can be made, by Landlock or by the filter'),
});

const readyMessage = z.object({
  ready: z.literal(true),
  port: z.int(),
  writerToken: z.string(),
  engineVersion: z.string(),
  repaired: z.object({ tables: z.int(), entries: z.int() }),
  confinement: confinementReport,
});

const processMessage = z.union([readyMessage, z.object({ stopped: z.literal(true) })]);

/** What the start of the store says about its confinement. */
export type ConfinementReport = z.infer<typeof confinementReport>;
/** The line that the process writes when it can be used. */
export type ReadyMessage = z.infer<typeof readyMessage>;
/** Any line of the process. */
export type ProcessMessage = z.infer<typeof processMessage>;

/** Reads the report that the launcher hands over; throws if it is none. */
export function parseReport(text: string): ConfinementReport {
  return confinementReport.parse(JSON.parse(text));
}

/** Reads one line of the process; undefined if it is something else, such as the engine's own words. */
export function parseMessage(line: string): ProcessMessage | undefined {
  try {
    return processMessage.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
