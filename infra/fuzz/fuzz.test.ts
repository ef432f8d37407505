/** The bounded run of the fuzz harness: every module as it ships, and that a fault would be named. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { describe, expect, it } from 'vitest';
import { loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { fuzzDecoder, fuzzLink } from './fuzz.ts';

const FRAMES = 1_000_000;
const SEED = 20261121;

describe('a million mutated frames: no trap, no loop, memory within the cap', () => {
  it.each(registry.map((module) => module.name))('%s', { timeout: 300_000 }, async (name) => {
    const module = loadModule(registry.find((one) => one.name === name)!);
    const result = await fuzzDecoder(module, FRAMES, SEED);
    expect(result.frames).toBe(FRAMES);
    expect(result.rows, 'the frames reach the decoder').toBeGreaterThan(1000);
    expect(result.reloads).toBeGreaterThan(1);
  });

  it('link', { timeout: 300_000 }, async () => {
    const result = await fuzzLink(FRAMES, SEED);
    expect(result.rows, 'records come out').toBeGreaterThan(100_000);
  });
});

describe('a fault', () => {
  it('is reported with its module, frame and seed, so that it can be had again', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'routewatch-fuzz-'));
    try {
      const file = join(directory, 'faulty.wasm');
      const { error, stderr } = await asc.main([
        'infra/lab/decoders/assembly/faulty.ts', '--baseDir', join(import.meta.dirname, '..', '..'), '--outFile', file,
        '--runtime', 'stub', '-O3', '--enable', 'simd',
      ], {});
      expect(error, stderr.toString()).toBeNull();
      const faulty = loadModule({ name: 'faulty', protocol: 1, version: '0', file });
      await expect(fuzzDecoder(faulty, 1000, 77)).rejects.toThrow(/^faulty: batch at frame 0 of seed 77: faulty: unreachable/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
