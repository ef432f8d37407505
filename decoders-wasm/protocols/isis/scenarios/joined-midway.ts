/**
 * The tap opens on a LAN whose routers have long been up: both list each other at once.
 * One first-seen row for each view, marked as initial (C6).
 */
import { bothHear } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  return bothHear(new Bench(), 0, 6);
}
