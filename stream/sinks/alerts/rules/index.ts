/** Every rule, one line each. The engine has one of its own (incidents.ts: router-silent), and the Watchdog (sink.ts). */
import type { Rule } from '../rule.ts';
import { adjacencyFlapping } from './adjacency-flapping.ts';
import { adjacencyLost } from './adjacency-lost.ts';
import { configurationMismatch } from './configuration-mismatch.ts';
import { duplicateId } from './duplicate-id.ts';
import { framesLost } from './frames-lost.ts';
import { neighborMissing } from './neighbor-missing.ts';
import { quarantineGrowing } from './quarantine-growing.ts';
import { routerOverloaded } from './router-overloaded.ts';
import { sessionLost } from './session-lost.ts';
import { tapBlind } from './tap-blind.ts';

export const rules: readonly Rule[] = [
  adjacencyLost,
  sessionLost,
  adjacencyFlapping,
  neighborMissing,
  routerOverloaded,
  configurationMismatch,
  duplicateId,
  tapBlind,
  framesLost,
  quarantineGrowing,
];
