/** What outlives the loader, what the next one does with it, and what is left when it is told to detach. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { ethernet, ipv4, tcp } from '../../decoders-wasm/link/testing-frames.ts';
import { Ring } from '../inputs/ebpf/ring.ts';
import { capabilityAdvice, missingCapabilities } from './capabilities.ts';
import type { LoaderConfig } from './config.ts';
import { detachAll, Loader } from './index.ts';
import { attachedTcx, VethPair, whyNotLive } from './testing.ts';

const why = whyNotLive();
if (why !== undefined) console.warn(`not run: filters that outlive their loader: ${why}`);

/** Each frame says its number in its payload. */
const numbered = (number: number): Uint8Array => Uint8Array.from(ethernet(0x0800, ipv4(6, tcp([number >> 8, number & 255]))));

/** The numbers of all frames that wait, which are then acknowledged. */
function drain(ring: Ring): number[] {
  const offsets = new Uint32Array(65_536);
  const numbers: number[] = [];
  for (let count = -1; count !== 0;) {
    count = ring.read(offsets);
    for (const at of offsets.subarray(0, count)) {
      const payload = at + layout.FRAME_BYTES + ring.view.getUint16(at + layout.FRAME_PAYLOAD_OFFSET, true) + 20;
      numbers.push(ring.view.getUint16(payload));
    }
  }
  ring.acknowledge(ring.position);
  return numbers;
}

describe.skipIf(why !== undefined)('pinned filters (skipped without root, BPF, clang or iproute2)', () => {
  let bpffs: string;
  let pair: VethPair;
  beforeAll(() => {
    bpffs = mkdtempSync(join(tmpdir(), 'rw-bpffs-'));
    execFileSync('mount', ['-t', 'bpf', 'none', bpffs]);
  });
  afterAll(() => {
    spawnSync('umount', ['-l', bpffs]);
    rmSync(bpffs, { recursive: true });
  });
  beforeEach(() => {
    pair = new VethPair();
  });
  afterEach(() => {
    detachAll(join(bpffs, 'routewatch'), []);
    pair.close();
  });

  const loaderWith = (config: Partial<LoaderConfig> = {}, warn: (message: string) => void = () => undefined): Loader => {
    const loader = new Loader({
      taps: [{ match: 'tap0', namespace: pair.left }], helloShipSeconds: 0, pin: join(bpffs, 'routewatch'), ringBytes: 1 << 20, ...config,
    }, { taps: () => undefined, warn });
    loader.start();
    return loader;
  };

  /** The kernel takes a link without owner away a moment later. */
  const nothingAttached = async (): Promise<void> => {
    for (let i = 0; i < 100 && attachedTcx(pair.left, 'tap0').some((count) => count > 0); i++) await sleep(10);
    expect(attachedTcx(pair.left, 'tap0')).toEqual([0, 0]);
  };

  it('a new loader takes over without a gap and without a frame seen twice', async () => {
    const seen: number[] = [];
    let sent = 0;
    const send = (count: number): void => {
      pair.send(Array.from({ length: count }, () => numbered(sent++)));
    };
    let epoch: bigint | undefined;
    for (let generation = 0; generation < 3; generation++) {
      const loader = loaderWith();
      epoch ??= loader.epoch;
      expect(loader.epoch).toBe(epoch);
      expect(loader.taps().map(({ id, closedNs }) => [id, closedNs])).toEqual([[0, undefined]]);
      expect(attachedTcx(pair.left, 'tap0')).toEqual([1, 1]);
      const ring = new Ring(loader.mapFd('ring'), loader.ringBytes);
      send(100);
      // Half of them stay in the ring, unacknowledged, for the next one.
      if (generation > 0) seen.push(...drain(ring));
      send(100);
      ring.close();
      loader.stop();
      send(100);
    }
    await sleep(10);
    const last = loaderWith();
    const ring = new Ring(last.mapFd('ring'), last.ringBytes);
    seen.push(...drain(ring));
    ring.close();
    last.stop(true);
    expect(seen).toEqual(Array.from({ length: sent }, (_, number) => number));
    await nothingAttached();
  });

  it('replaces the program while frames run: each is seen once', async () => {
    const first = loaderWith();
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(new URL('./testing-sender.ts', import.meta.url), { workerData: { namespace: pair.right, interfaceName: 'far0', count: 4000 } });
    await new Promise((resolve) => { worker.once('message', resolve); });
    first.stop();
    const second = loaderWith();
    await new Promise((resolve) => { worker.once('exit', resolve); });
    const ring = new Ring(second.mapFd('ring'), second.ringBytes);
    const numbers = drain(ring);
    ring.close();
    second.stop(true);
    expect(numbers).toEqual(Array.from({ length: 4000 }, (_, number) => number));
  });

  it('with maps of another size begins anew and leaves no second filter', async () => {
    loaderWith().stop();
    expect(attachedTcx(pair.left, 'tap0')).toEqual([1, 1]);
    const other = loaderWith({ ringBytes: 1 << 16 });
    expect(attachedTcx(pair.left, 'tap0')).toEqual([1, 1]);
    other.stop(true);
    await nothingAttached();
  });

  it('lets go of interfaces that the configuration no longer names', async () => {
    loaderWith().stop();
    const other = loaderWith({ taps: [{ match: 'lo', namespace: pair.left }] });
    await nothingAttached();
    other.stop(true);
  });

  it('refuses a second loader while the first one runs', () => {
    const first = loaderWith();
    expect(() => loaderWith()).toThrow(/another loader runs with .*Stop it first/);
    first.stop(true);
  });

  it('detach leaves no filter behind, and a running loader does not put it back', async () => {
    const warnings: string[] = [];
    const loader = loaderWith({}, (message) => { warnings.push(message); });
    expect(detachAll(join(bpffs, 'routewatch'), [pair.left])).toEqual([`${pair.left}/tap0`]);
    await nothingAttached();
    await sleep(1300);
    expect(attachedTcx(pair.left, 'tap0')).toEqual([0, 0]);
    expect(loader.taps()).toMatchObject([{ closedBy: 'detached by hand' }]);
    expect(warnings).toEqual([]);
    loader.stop();
    expect(readdirSync(bpffs)).not.toContain('routewatch');
  });

  it('detach takes clsact filters away too, and only ours', () => {
    const loader = loaderWith({ attach: 'clsact' });
    expect(execFileSync('tc', ['-n', pair.left, 'filter', 'show', 'dev', 'tap0', 'ingress'], { encoding: 'utf8' })).toContain('routewatch');
    loader.stop();
    const again = loaderWith({ attach: 'clsact' });
    expect(execFileSync('tc', ['-n', pair.left, 'filter', 'show', 'dev', 'tap0', 'ingress'], { encoding: 'utf8' }).match(/handle 0x5257/g)).toHaveLength(1);
    expect(detachAll(join(bpffs, 'routewatch'), [pair.left])).toEqual([`${pair.left}/tap0`]);
    expect(execFileSync('tc', ['-n', pair.left, 'filter', 'show', 'dev', 'tap0', 'ingress'], { encoding: 'utf8' })).toBe('');
    again.stop();
  });

  it('says what to do where the directory is on no BPF file system', () => {
    expect(() => loaderWith({ pin: join(tmpdir(), 'nowhere', 'routewatch') })).toThrow(/mount -t bpf bpf/);
  });
});

describe('capabilities', () => {
  it('names each that is missing, why, and what to do', () => {
    const netAdmin = 1n << 12n;
    expect(missingCapabilities({ namespaces: false, promiscuous: false }, netAdmin)).toEqual(['CAP_BPF', 'CAP_PERFMON']);
    expect(missingCapabilities({ namespaces: true, promiscuous: true }, netAdmin | 1n << 39n | 1n << 38n)).toEqual(['CAP_SYS_ADMIN', 'CAP_NET_RAW']);
    expect(missingCapabilities({ namespaces: true, promiscuous: true }, ~0n & (1n << 41n) - 1n)).toEqual([]);
    const advice = capabilityAdvice(missingCapabilities({ namespaces: false, promiscuous: true }, 0n));
    expect(advice).toMatch(/CAP_BPF: to load the filter[\s\S]*CAP_NET_ADMIN[\s\S]*CAP_NET_RAW: to make interfaces promiscuous[\s\S]*add: \[BPF, PERFMON, NET_ADMIN, NET_RAW\]/);
  });
});
