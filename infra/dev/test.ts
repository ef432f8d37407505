/** `make test`: every check in turn, whatever the ones before it said, and one closing line that counts them all. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');
const report = join(root, 'build/test-report.json');

/** Longest that one step may take, in minutes. */
const LIMIT = 60;

/** Tests counted by what became of them. */
export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of vitest's JSON report that is read here. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).default([]) })),
    }),
  ),
});
export type Report = z.infer<typeof Report>;

function run(command: string, args: string[]): boolean {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: LIMIT * 60_000,
  });
  if (error !== undefined) console.error(`${command} did not end by itself: ${error.message}`);
  return status === 0;
}

/** What git sees of the work tree, as one hash; undefined where this is no git checkout. */
function workTree(): string | undefined {
  const hash = createHash('sha256');
  for (const args of [['diff', 'HEAD', '--no-ext-diff'], ['status', '--porcelain', '-uall']]) {
    const { status, stdout } = spawnSync('git', args, { cwd: root, maxBuffer: 1 << 28 });
    if (status !== 0) return undefined;
    hash.update(stdout);
  }
  return hash.digest('hex');
}

/** True if writing the generated files again changes none of them. */
function generatedIsCurrent(): boolean | undefined {
  const before = workTree();
  if (!run('node', ['infra/dev/generate.ts'])) return false;
  if (before === undefined) {
    console.log('not run: whether the generated files are current (this is not a git checkout)');
    return undefined;
  }
  if (workTree() === before) return true;
  console.error('Generated files are not current: `make generate` changes them. Commit what it writes.');
  run('git', ['status', '--short']);
  return false;
}

/** Counts vitest's report; a test file that could not even be loaded counts as one failed test. */
export function count({ testResults }: Report): Count {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of testResults) {
    for (const test of assertionResults) {
      if (test.status === 'passed' || test.status === 'failed') total[test.status] += 1;
      else total.skipped += 1;
    }
    const named = assertionResults.some((test) => test.status === 'failed');
    if (status === 'failed' && !named) total.failed += 1;
  }
  return total;
}

/** The skipped tests of a report, as `file: title`. */
export function skippedTests({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
  );
}

/** The failed tests of a report, as `file: title: what it said`, and the files that could not be loaded: for those who see the end only. */
export function failedTests({ testResults }: Report): string[] {
  const told = (name: string, title: string, message: string): string => `${relative(root, name)}: ${title}: ${message.split(/\n +at /)[0]!.slice(0, 2000)}`;
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && failed.length === 0) return [told(name, 'the file', message)];
    return failed.map(({ fullName, failureMessages }) => told(name, fullName, failureMessages[0] ?? ''));
  });
}

/** Test files that look at ../shared and have a test that did not run. */
function withoutShared({ testResults }: Report): number {
  return testResults.filter(
    ({ name, assertionResults }) =>
      assertionResults.some(({ status }) => status !== 'passed' && status !== 'failed') &&
      /['"](?:\.\.\/)+shared/.test(readFileSync(name, 'utf8')),
  ).length;
}

function vitest(): Count {
  rmSync(report, { force: true });
  mkdirSync(join(root, 'build'), { recursive: true });
  const good = run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = Report.parse(JSON.parse(readFileSync(report, 'utf8')));
  const total = count(result);
  for (const test of skippedTests(result)) console.log(`not run: ${test}`);
  for (const test of failedTests(result)) console.log(`failed: ${test}`);
  if (existsSync(join(root, '../shared'))) console.log('second layer: ../shared is here, its captures were used');
  else console.log(`second layer: ../shared is not here: ${withoutShared(result)} test files not run, or not all of them`);
  if (!good && total.failed === 0) total.failed = 1;
  return total;
}

function main(): void {
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const step = (title: string, check: () => boolean | undefined): void => {
    console.log(`== ${title}`);
    const good = check();
    if (good === undefined) total.skipped += 1;
    else if (good) total.passed += 1;
    else {
      total.failed += 1;
      console.error(`failed: ${title}`);
    }
  };
  step('types', () => run('tsc', ['-p', 'tsconfig.json']));
  step('types of the page', () => run('tsc', ['-p', 'dashboards/web/browser/tsconfig.json']));
  step('types of AssemblyScript', () => run('tsc', ['-p', 'tsconfig.assembly.json']));
  step('lint', () => run('oxlint', ['--type-aware']));
  step('import rule', () => run('node', ['infra/dev/check-imports.ts']));
  step('generated files are current', generatedIsCurrent);
  console.log('== tests');
  const tests = vitest();
  total.passed += tests.passed;
  total.failed += tests.failed;
  total.skipped += tests.skipped;
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

if (import.meta.main) main();
