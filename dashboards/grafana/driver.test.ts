/** Every query by parts that Grafana itself is made of: the macro scanner of its plugin SDK, the Go driver of its ClickHouse data source against the embedded store, and frames by sqlds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { because, grafanaCheck, grafanaLacking } from '../../infra/dev/checks/tools.ts';
import { Format } from './kit/query.ts';
import { engineRules } from './rules/engine.ts';
import { eventRules } from './rules/events.ts';
import { pipelineRules } from './rules/pipeline.ts';
import { dashboards } from './source/index.ts';
import { expandMacros, expandVariables } from './testing/expand.ts';
import { openLabStore, type LabStore } from './testing/lab-store.ts';
import { allOf, panelsOf, targetsOf } from './testing/targets.ts';

const lacking = grafanaLacking();
if (lacking !== undefined) console.warn(`not run: Grafana's queries by its own driver: ${lacking}`);

interface Question {
  readonly title: string;
  readonly kind: string;
  readonly sql: string;
  readonly refId: string;
  readonly format: Format;
  readonly from: number;
  readonly to: number;
  readonly intervalMs: number;
}

interface Answer {
  readonly sql: string;
  readonly error?: string;
  readonly name: string;
  readonly frames: readonly (readonly { readonly name: string; readonly type: string; readonly labels: Record<string, string> | null; readonly rows: number }[])[];
}

describe.skipIf(lacking !== undefined)(`queries by Grafana's own driver${because(lacking)}`, () => {
  let lab: LabStore;
  let questions: Question[];
  let answers: Answer[];

  beforeAll(async () => {
    lab = await openLabStore();
    const range = { from: lab.from, to: lab.to, intervalMs: 60_000 };
    questions = [
      ...dashboards.flatMap((dashboard) => panelsOf(dashboard).flatMap((panel) => targetsOf(panel).map((target) => ({
        title: `${dashboard.title ?? ''} / ${panel.title ?? ''}`, kind: panel.type, sql: expandVariables(target.rawSql, allOf(dashboard)), refId: target.refId, format: target.format, ...range,
      })))),
      ...[...pipelineRules.rules, ...engineRules.rules, ...eventRules.rules].map((rule) => ({ title: rule.name, kind: 'rule', sql: rule.sql, refId: 'A', format: Format.Table, ...range })),
    ];
    const check = spawn(grafanaCheck, [new URL(lab.store.test.store.url).host]);
    const [out, err] = [text(check.stdout), text(check.stderr)];
    check.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
    const [code] = await once(check, 'close') as [number];
    expect([code, (await err).split('\n').filter((line) => line !== '' && !line.startsWith('{'))]).toEqual([0, []]);
    answers = (await out).trim().split('\n').map((line) => JSON.parse(line) as Answer);
  }, 240_000);
  afterAll(async () => { await lab.store.close(); });

  it('are expanded as the tests of panels and rules expand them', () => {
    expect(answers.map((answer) => answer.sql)).toEqual(questions.map((question) => expandMacros(question.sql, question)));
  });

  it('are answered', () => {
    expect(answers.map((answer, index) => [questions[index]!.title, answer.error]).filter(([, error]) => error !== undefined)).toEqual([]);
    for (const [index, answer] of answers.entries()) expect(answer.name).toBe(questions[index]!.refId);
  });

  it('of time series become one frame with a time and numbers that strings label', () => {
    for (const [index, { frames }] of answers.entries()) {
      const { kind, title } = questions[index]!;
      if (kind !== 'timeseries') continue;
      const [time, ...numbers] = frames[0]!;
      expect([title, time!.type]).toEqual([title, 'time.Time']);
      expect(numbers.length, title).toBeGreaterThan(0);
      for (const number of numbers) expect(number.type, title).toMatch(/^\*?(u?int\d+|float\d+)$/);
    }
  });

  it('of rules become what expressions take: strings and one number', () => {
    let found = 0;
    for (const [index, { frames }] of answers.entries()) {
      const { kind, title } = questions[index]!;
      // An answer without a row has no columns either.
      if (kind !== 'rule' || frames[0]!.length === 0) continue;
      found += 1;
      const types = frames[0]!.map((field) => field.type.replace('*', ''));
      expect(types.filter((type) => /int|float/.test(type)).length, title).toBe(1);
      expect(types.filter((type) => type === 'string').length, title).toBe(types.length - 1);
    }
    expect(found).toBeGreaterThan(3);
  });
});
