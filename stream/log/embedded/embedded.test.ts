import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logContract } from '../contract-suite.ts';
import { openEmbeddedLog } from './index.ts';

let directory = mkdtempSync(join(tmpdir(), 'routewatch-log-'));

logContract('the embedded log', async () => openEmbeddedLog(directory), async () => {
  rmSync(directory, { recursive: true, force: true });
  directory = mkdtempSync(join(tmpdir(), 'routewatch-log-'));
});
