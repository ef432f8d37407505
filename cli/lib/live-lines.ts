/** Events as lines on a terminal. */
import type { LiveEvent } from '../../stream/contract/live.ts';
import { colour } from './output.ts';
import { timeText } from './time.ts';

const styles = { info: 'white', good: 'green', loss: 'red', error: 'yellow' } as const;
const marks = { info: ' ', good: '+', loss: '!', error: '?' } as const;

/** One event as one line: time, mark, what happened. */
export function eventLine(event: LiveEvent): string {
  const text = event.line.replaceAll(/\p{Cc}/gu, '�');
  return `${timeText(BigInt(event.time)).slice(0, 23)} ${colour(styles[event.severity], `${marks[event.severity]} ${text}`)}`;
}
