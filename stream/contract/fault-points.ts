/** Named places at which the chaos tests end this process; without ROUTEWATCH_FAULT in the environment nothing happens. */

/** `NAME` or `NAME#COUNT`: the process ends when it passes that place, or passes it for the COUNT-th time. */
const [wanted, count] = (process.env['ROUTEWATCH_FAULT'] ?? '').split('#');
let left = Number(count ?? 1);

/** A place where a crash has to do no harm: kill -9 of this process where a test asks for it. */
export function faultPoint(name: string): void {
  if (name !== wanted) return;
  left -= 1;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
}
