/** Every rule, one line each. */
import type { Rule } from '../rule.ts';
import { adjacencyLost } from './adjacency-lost.ts';
import { sessionLost } from './session-lost.ts';

export const rules: readonly Rule[] = [
  adjacencyLost,
  sessionLost,
];
