/** Every rule, one line each. The engine has one of its own (incidents.ts: router-silent), and the Watchdog (sink.ts). */
import type { Rule } from '../rule.ts';
import { adjacencyFlapping } from './adjacency-flapping.ts';
import { adjacencyLost } from './adjacency-lost.ts';
import { configurationMismatch } from './configuration-mismatch.ts';
import { duplicateId } from './duplicate-id.ts';
import { framesLost } from './frames-lost.ts';
import { lastPathLost } from './last-path-lost.ts';
import { maximumPrefix } from './maximum-prefix.ts';
import { neighborMissing } from './neighbor-missing.ts';
import { quarantineGrowing } from './quarantine-growing.ts';
import { routeChangesUnusual } from './route-changes-unusual.ts';
import { routerOverloaded } from './router-overloaded.ts';
import { sessionLost } from './session-lost.ts';
import { tapBlind } from './tap-blind.ts';

export const rules: readonly Rule[] = [
  adjacencyLost,
  sessionLost,
  adjacencyFlapping,
  lastPathLost,
  neighborMissing,
  routerOverloaded,
  routeChangesUnusual,
  maximumPrefix,
  configurationMismatch,
  duplicateId,
  tapBlind,
  framesLost,
  quarantineGrowing,
];
