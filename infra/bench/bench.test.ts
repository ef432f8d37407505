/** The bench's generator and one tiny round, so that it cannot rot: counts agree; no time is asserted. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeCaptures } from '../lab/decode.ts';
import { runTimed } from './cpu.ts';
import { countRows } from './decode.ts';
import { benchFiles } from './generate/files.ts';
import { tableMessages } from './generate/updates.ts';
import { isInstalled, packagedPeers } from './peers.ts';

const PREFIXES = 1000;
const directory = mkdtempSync(join(tmpdir(), 'routewatch-bench-'));
const files = await benchFiles(directory, { prefixes: PREFIXES, seed: 7, segmentBytes: 1460 });

afterAll(() => { rmSync(directory, { recursive: true, force: true }); });

describe('generated table', () => {
  it('is the same for the same seed, and another for another', () => {
    const bytes = (seed: number): Buffer => Buffer.concat([...tableMessages({ prefixes: PREFIXES, seed })].map(({ message }) => message));
    expect(bytes(7).equals(bytes(7))).toBe(true);
    expect(bytes(7).equals(bytes(8))).toBe(false);
  });

  it('has the prefixes that were asked for, about five to an UPDATE', () => {
    expect(files.prefixes).toBe(PREFIXES);
    expect(files.prefixes / files.updates).toBeGreaterThan(3);
    expect(files.prefixes / files.updates).toBeLessThan(8);
  });
});

describe('rows in memory that is used again', () => {
  it('are the same as in memory of their own', async () => {
    const { pcap } = await benchFiles(directory, { prefixes: 20_000, seed: 7, segmentBytes: 1460 });
    const digest = async (lendRows: boolean): Promise<string> => {
      const hash = createHash('sha256');
      await decodeCaptures([pcap], { lendRows, batchBytes: 1 << 17 }, ({ blocks }) => {
        for (const { bytes } of blocks) hash.update(bytes);
      });
      return hash.digest('hex');
    };
    expect(await digest(true)).toBe(await digest(false));
  });
});

describe('one tiny round', () => {
  it('RouteWatch sees each prefix once, and nothing that it cannot use', async () => {
    const rows = await countRows(files.pcap);
    expect(rows).toMatchObject({ route_changes: PREFIXES });
    expect(rows['path_attributes']).toBeGreaterThan(files.updates * 0.9);
    expect(rows).not.toHaveProperty('quarantine');
    expect(rows).not.toHaveProperty('protocol_errors');
  });

  for (const peer of packagedPeers) {
    const [program] = peer.name.split(' ') as [string];
    const missing = !isInstalled(program);
    if (missing) console.warn(`not run: ${program} is not installed (apt-get install ${program})`);
    it.skipIf(missing)(`${peer.name} counts the same routes${missing ? ` (not run: ${program} is not installed)` : ''}`, async () => {
      const { output, cpuMs } = await runTimed({ ...peer.command(files), keepOutput: true });
      expect(peer.count(output)).toBe(PREFIXES);
      expect(cpuMs).toBeGreaterThan(0);
    });
  }
});
