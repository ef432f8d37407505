/** The closing line counts what vitest reports, also what could not be loaded. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { count, failedTests, skippedTests } from './test.ts';

const file = join(import.meta.dirname, 'test.test.ts');

describe('closing line', () => {
  it('counts passed, failed and every kind of skipped', () => {
    const statuses = ['passed', 'passed', 'failed', 'pending', 'skipped', 'todo'];
    const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}`, failureMessages: status === 'failed' ? ['Error: 3 is not 4\n  nor 5\n    at main.ts:1'] : [] }));
    const report = { testResults: [{ name: file, status: 'failed', message: '', assertionResults }] };
    expect(count(report)).toEqual({ passed: 2, failed: 1, skipped: 3 });
    expect(skippedTests(report)).toEqual(['test 3', 'test 4', 'test 5'].map((title) => `infra/dev/test.test.ts: ${title}`));
    expect(failedTests(report)).toEqual(['infra/dev/test.test.ts: test 2: Error: 3 is not 4\n  nor 5']);
  });

  it('counts a file that cannot be loaded as a failed test', () => {
    const report = { testResults: [{ name: file, status: 'failed', message: 'no such module', assertionResults: [] }] };
    expect(count(report)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(failedTests(report)).toEqual(['infra/dev/test.test.ts: the file: no such module']);
  });
});
