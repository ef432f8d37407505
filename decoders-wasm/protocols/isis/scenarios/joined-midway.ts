/**
 * The tap opens on a LAN whose routers have long been up: both list each other at once.
 * One first-seen row for each view, marked as initial (C6).
 */
import { Bench } from '../crafted.ts';
import { bothHear } from './pair.ts';

export function frames(): Bench {
  return bothHear(new Bench(), 0, 6);
}
