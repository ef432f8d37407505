/** Changes of operators on their way into the log: each counts once, also when its append was in doubt; who was refused stays in the trail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRows } from '../../decoders-wasm/contract/row-reader.ts';
import { Operations } from '../../dashboards/web/index.ts';
import { type Log, reportsTopic, reportTopics } from '../../stream/contract/log.ts';
import { decodeReport, ReportIds } from '../../stream/contract/report.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { commandLine } from './operations.ts';
import { reportChanges } from './operator-changes.ts';

let directory: string;
let log: Log;
let operations: Operations;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'routewatch-changes-'));
  log = openEmbeddedLog(directory);
  await log.ensureTopics(reportTopics);
  operations = new Operations(':memory:');
});
afterEach(async () => {
  operations.close();
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

async function reported(): Promise<{ actions: unknown[]; records: number; text: string }> {
  const ids = new ReportIds();
  const actions: unknown[] = [];
  let [records, text] = [0, ''];
  for await (const { value } of log.read(reportsTopic, 0, 0n)) {
    records += 1;
    text += Buffer.from(value).toString('latin1');
    const { header, rows } = decodeReport(value);
    const codes = { contexts: new Map(header.contexts.map((context) => [context.code, context])), taps: new Map(header.taps.map((tap) => [tap.code, tap])) };
    if (ids.isNew(header.id)) actions.push(...readRows(header.sections[0]!.layout, rows[0]!, codes).map((row) => row['action']));
  }
  return { actions, records, text };
}

it('are told in their order, once, without refusals and details', async () => {
  operations.change(commandLine, 'create-token', 'a', () => null, { secret: 'of admins only' });
  operations.refused({ ...commandLine, address: '192.0.2.9' }, 'addMaintenanceWindow', 'A token is needed');
  operations.change(commandLine, 'revoke-token', 'a', () => null);
  expect([await reportChanges(operations, log), await reportChanges(operations, log)]).toEqual([2, 0]);
  const { actions, text } = await reported();
  expect(actions).toEqual(['create-token', 'revoke-token']);
  expect(text).not.toMatch(/of admins only|192\.0\.2\.9/);
});

it('count once where nobody knew whether they had been appended', async () => {
  operations.change(commandLine, 'create-token', 'a', () => null);
  const doubtful = Object.assign(Object.create(log) as Log, { async append(...given: Parameters<Log['append']>) { await log.append(...given); throw new Error('the connection broke'); } });
  await expect(reportChanges(operations, doubtful)).rejects.toThrow('the connection broke');
  expect(await reportChanges(operations, log)).toBe(1);
  expect(await reported()).toMatchObject({ actions: ['create-token'], records: 2 });
});
