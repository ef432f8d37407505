/**
 * The live lab as a process of its own: `node infra/lab/live/run.ts LOG OUT [--endless]`. It tells its parent of every event
 * and ends, with all that it made, when the script does, at a signal, or when its parent has gone.
 */
import { spawnSync } from 'node:child_process';
import { runLab } from '../labkit.ts';
import { Collectors } from './collectors.ts';
import { lab, STEADY } from './script.ts';

/** Before all else on the machine: a daemon that waits for a CPU writes a late time into its log. */
const AHEAD = ['chrt', '-r', '1'];

const [log = '', out = '', endless] = process.argv.slice(2);
process.on('disconnect', () => { process.kill(process.pid, 'SIGTERM'); });
try {
  await runLab(lab, out, {
    beside: new Collectors(log),
    // A parent that has gone gets nothing more.
    ...(process.send === undefined ? {} : { tell: (event) => { if (process.connected) process.send?.(event, () => undefined); } }),
    ...(endless === '--endless' ? { againFrom: STEADY } : {}),
    ...(spawnSync(AHEAD[0]!, [...AHEAD.slice(1), 'true']).status === 0 ? { under: AHEAD } : {}),
  });
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
