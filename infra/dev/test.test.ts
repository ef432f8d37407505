/** The closing line counts what vitest reports, also what could not be loaded. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { count, skippedTests } from './test.ts';

const file = join(import.meta.dirname, 'test.test.ts');

describe('closing line', () => {
  it('counts passed, failed and every kind of skipped', () => {
    const statuses = ['passed', 'passed', 'failed', 'pending', 'skipped', 'todo'];
    const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}` }));
    const report = { testResults: [{ name: file, status: 'failed', assertionResults }] };
    expect(count(report)).toEqual({ passed: 2, failed: 1, skipped: 3 });
    expect(skippedTests(report)).toEqual(['test 3', 'test 4', 'test 5'].map((title) => `infra/dev/test.test.ts: ${title}`));
  });

  it('counts a file that cannot be loaded as a failed test', () => {
    expect(count({ testResults: [{ name: file, status: 'failed', assertionResults: [] }] })).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
