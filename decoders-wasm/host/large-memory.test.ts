import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ENGINE_FLAG } from './large-memory.ts';

// V8 takes a flag that it does not know without a word: a newer Node may have made it its default, or dropped it.
it('asks this engine for what it knows', () => {
  expect(execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })).toContain(`${ENGINE_FLAG} (`);
});
