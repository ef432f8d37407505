import { describe, expect, it } from 'vitest';
import { loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { fuzzDecoder, fuzzLink } from './fuzz.ts';

const FRAMES = 1_000_000;

describe('a million mutated frames: no trap, no loop, memory within the cap', () => {
  it.each(registry.map((module) => module.name))('%s', { timeout: 300_000 }, async (name) => {
    const module = loadModule(registry.find((one) => one.name === name)!);
    const result = await fuzzDecoder(module, FRAMES, 20261121);
    expect(result.frames).toBe(FRAMES);
    expect(result.rows, 'the frames reach the decoder').toBeGreaterThan(1000);
    expect(result.reloads).toBeGreaterThan(1);
  });

  it('link', { timeout: 300_000 }, async () => {
    const result = await fuzzLink(FRAMES, 20261121);
    expect(result.rows, 'records come out').toBeGreaterThan(100_000);
  });
});
