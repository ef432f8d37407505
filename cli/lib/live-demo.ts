/** The demo on live routers: the lab's network under collectors, faults one after the other, until Ctrl-C. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LabEvent, LiveLab, liveLacking } from '../../infra/lab/live/index.ts';
import { FLAPPED } from '../../infra/lab/live/script.ts';
import type { Interrupt } from './interrupt.ts';
import { printEvents } from './live-lines.ts';
import { colour } from './output.ts';
import type { System } from './system.ts';
import { timeText } from './time.ts';

/** Why there can be no live demo here, with what helps; undefined where there can. */
export const liveDemoLacking = liveLacking;

/** Runs the lab beside the system; resolves when a signal came, or with `once` when each fault came. Nothing of the lab is left then. */
export async function showLive(system: System, { once, interrupt }: { readonly once: boolean; readonly interrupt: Interrupt }): Promise<void> {
  const out = join(system.dataDir, 'lab');
  rmSync(out, { recursive: true, force: true });
  // Of the routes those that flap: a session that comes up has hundreds, which page and SQL show.
  const stopLines = printEvents(system.live, { holdMs: 250, wanted: (event) => event.table !== 'route_changes' || event.line.includes(FLAPPED) });
  // The embedded log is the simplest for a person: nothing but this command has to run.
  const lab = new LiveLab({ log: system.dataDir, out, isEndless: !once, onEvent: tell });
  try {
    await Promise.race([lab.ended, interrupt.asked, system.failed]);
    if (!interrupt.signal.aborted) await system.drained();
  } finally {
    // Also when log, store or worker failed: the lab's own process does the cleaning, whatever becomes of this one.
    await lab.stop();
    stopLines();
  }
}

/** A fault, or what mends it, between the lines of events. */
function tell({ t, event, say }: LabEvent): void {
  const said = event === 't0' ? 'the routers start; in some 20 s they know each other, then things begin to go wrong' : say;
  if (said !== undefined) process.stdout.write(`${timeText(BigInt(Math.round(t * 1000)) * 1_000_000n).slice(0, 23)} ${colour('cyan', `> ${said}`)}\n`);
}
