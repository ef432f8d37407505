/** The filter at real interfaces: veth pairs in network namespaces that the test makes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { ethernet, ieee8023, ipv4, KEEPALIVE, LLC_ISO, OSPF_PDU, tagged, tcp, u16 } from '../../decoders-wasm/link/testing-frames.ts';
import { Ring } from '../inputs/ebpf/ring.ts';
import type { LoaderConfig } from './config.ts';
import { readCounters } from './counters.ts';
import { Loader } from './index.ts';
import { attachedTcx, VethPair, whyNotLive } from './testing.ts';

const why = whyNotLive();
if (why !== undefined) console.warn(`not run: the filter at live interfaces: ${why}`);

const session = (payload: readonly number[] = KEEPALIVE): Uint8Array => Uint8Array.from(ethernet(0x0800, ipv4(6, tcp([...payload]))));

describe.skipIf(why !== undefined)('the filter at live interfaces (skipped without root, BPF, clang or iproute2)', () => {
  let pair: VethPair;
  let loader: Loader | undefined;
  let ring: Ring;
  let warnings: string[];
  beforeEach(() => {
    pair = new VethPair(9000);
    warnings = [];
  });
  afterEach(() => {
    if (loader !== undefined) {
      ring.close();
      loader.stop();
    }
    loader = undefined;
    pair.close();
  });

  function start(rule: Partial<LoaderConfig['taps'][number]> = {}, config: Partial<LoaderConfig> = {}): Loader {
    loader = new Loader({ taps: [{ match: 'tap0', namespace: pair.left, ...rule }], helloShipSeconds: 0, ...config }, {
      taps: () => undefined, warn: (message) => { warnings.push(message); },
    });
    loader.start();
    ring = new Ring(loader.mapFd('ring'), loader.ringBytes);
    expect(warnings).toEqual([]);
    return loader;
  }

  function records(): DataView[] {
    const found: DataView[] = [];
    const offsets = new Uint32Array(4096);
    for (let count = -1; count !== 0;) {
      count = ring.read(offsets);
      for (const at of offsets.subarray(0, count)) {
        const copy = ring.bytes.slice(at, at + ring.view.getUint32(at, true));
        found.push(new DataView(copy.buffer));
      }
      ring.acknowledge(ring.position);
    }
    return found;
  }
  const bytesOf = (record: DataView): Uint8Array => new Uint8Array(record.buffer, layout.FRAME_BYTES, record.getUint32(layout.FRAME_CAPTURED_LENGTH, true));

  it('sees both directions, by one tap', async () => {
    start();
    pair.send([session()]);
    pair.send([session()], { at: 'left' });
    await sleep(20);
    const found = records();
    expect(found.map((record) => record.getUint8(layout.FRAME_DIRECTION))).toEqual([1, 2]);
    expect(found.map((record) => record.getUint16(layout.FRAME_TAP_ID, true))).toEqual([0, 0]);
    expect(bytesOf(found[0]!)).toEqual(session());
  });

  it('knows the tags that the kernel took off', async () => {
    start();
    const inner = ipv4(89, [...OSPF_PDU]);
    pair.send([tagged([{ type: 0x8100, tci: 0x600a }], 0x0800, inner), tagged([{ type: 0x88a8, tci: 100 }, { type: 0x8100, tci: 200 }], 0x0800, inner)].map((frame) => Uint8Array.from(frame)));
    await sleep(20);
    const tags = records().map((record) => [layout.FRAME_VLAN_OUTER, layout.FRAME_VLAN_INNER].map((at) => record.getUint16(at, true)));
    expect(tags).toEqual([[0x600a, 0xffff], [100, 200]]);
  });

  it('filters by VLAN also where the tag is not in the bytes', async () => {
    start({ vlans: [10] });
    const inner = ipv4(6, tcp(KEEPALIVE));
    pair.send([10, 11].map((tci) => Uint8Array.from(tagged([{ type: 0x8100, tci }], 0x0800, inner))));
    pair.send([session()]);
    await sleep(20);
    expect(records().map((record) => record.getUint16(layout.FRAME_VLAN_OUTER, true))).toEqual([10]);
  });

  it('takes jumbo frames of IS-IS, linear or not, password and all', async () => {
    start();
    const tlvs = Array.from({ length: 30 }, () => [211, 255, ...Array.from({ length: 255 }, (_, index) => index)]).flat();
    const header = [0x83, 27, 1, 0, 20, 1, 0, 0, ...u16(27 + tlvs.length + 11), ...Array.from({ length: 17 }, () => 1)];
    const frame = Uint8Array.from(ethernet(0x8870, [...LLC_ISO, ...header, ...tlvs, 10, 9, 1, ...Buffer.from('s3cret-w')]));
    expect(frame.length).toBeGreaterThan(7700);
    pair.send([frame]);
    pair.send([frame], { headerBytes: 64 });
    await sleep(20);
    const found = records();
    const wanted = frame.slice();
    wanted.fill(0, -8);
    expect(found).toHaveLength(2);
    for (const record of found) {
      expect(Buffer.compare(bytesOf(record), wanted)).toBe(0);
      expect(record.getUint16(layout.FRAME_FLAGS, true) & layout.FLAG_REDACTED).toBe(layout.FLAG_REDACTED);
    }
  });

  it('holds back a repeated hello in a frame that is not linear', async () => {
    start({}, { helloShipSeconds: 60 });
    const padding = Array.from({ length: 5 }, () => [8, 255, ...Array.from({ length: 255 }, () => 0)]).flat();
    const hello = Uint8Array.from(ieee8023([...LLC_ISO, 0x83, 20, 1, 0, 17, 1, 0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 30, ...u16(20 + padding.length), 1, ...padding]));
    pair.send([hello, hello], { headerBytes: 20 });
    await sleep(20);
    expect(records()).toHaveLength(1);
  });

  it('hands over segments of 64 KB whole, as the host has them before they are cut', async () => {
    start();
    const far = (script: string): ChildProcess => spawn('ip', ['netns', 'exec', pair.right, process.execPath, '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    execFileSync('ip', ['-n', pair.left, 'addr', 'add', '192.0.2.1/24', 'dev', 'tap0']);
    execFileSync('ip', ['-n', pair.right, 'addr', 'add', '192.0.2.2/24', 'dev', 'far0']);
    const bytes = 4 << 20;
    const server = far(`require('net').createServer((s) => { let n = 0; s.on('data', (d) => { n += d.length; if (n === ${bytes}) process.exit(0); }); }).listen(179, '192.0.2.2', () => console.log('ready'))`);
    await once(server.stdout!, 'data');
    const client = spawn('ip', ['netns', 'exec', pair.left, process.execPath, '-e',
      `const b = Buffer.alloc(${bytes}); for (let i = 0; i < b.length; i += 4) b.writeUInt32BE(i, i); require('net').connect(179, '192.0.2.2').end(b)`], { stdio: 'inherit' });
    await Promise.all([once(server, 'exit'), once(client, 'exit')]);
    const sent = records().filter((record) => record.getUint8(layout.FRAME_DIRECTION) === 2 && record.getUint16(layout.FRAME_PAYLOAD_OFFSET, true) > 0);
    let covered = 0;
    let longest = 0;
    for (const record of sent) {
      const frame = Buffer.from(bytesOf(record));
      const tcpAt = record.getUint16(layout.FRAME_PAYLOAD_OFFSET, true);
      const data = frame.subarray(tcpAt + (frame[tcpAt + 12]! >> 4) * 4, tcpAt + record.getUint32(layout.FRAME_PAYLOAD_LENGTH, true));
      longest = Math.max(longest, frame.length);
      expect(record.getUint32(layout.FRAME_ORIGINAL_LENGTH, true)).toBe(frame.length);
      // Each four bytes say where they stand in the stream.
      if (data.length >= 8) {
        const skew = (4 - (covered & 3)) & 3;
        if (data.readUInt32BE(skew) >= covered) covered = data.readUInt32BE(skew) - skew + data.length;
      }
    }
    expect(covered).toBe(bytes);
    expect(longest).toBeGreaterThan(60_000);
  }, 30_000);

  it('comes to interfaces that come, and goes with those that go', async () => {
    const live = start({ match: 'tap*' });
    execFileSync('ip', ['-n', pair.left, 'link', 'add', 'tap1', 'type', 'veth', 'peer', 'name', 'tip1']);
    await until(() => live.taps().length === 2);
    expect(attachedTcx(pair.left, 'tap1')).toEqual([1, 1]);
    execFileSync('ip', ['-n', pair.left, 'link', 'del', 'tap1']);
    await until(() => live.taps().some(({ closedNs }) => closedNs !== undefined));
    expect(live.taps().find(({ name }) => name.endsWith('/tap1'))).toMatchObject({ id: 1, closedBy: 'the interface is gone' });
    execFileSync('ip', ['-n', pair.left, 'link', 'add', 'tap1', 'type', 'veth', 'peer', 'name', 'tip1']);
    await until(() => live.taps().length === 3);
    // Never the same number again within the epoch.
    expect(live.taps().map(({ id }) => id).toSorted()).toEqual([0, 1, 2]);
  });

  it('follows a namespace that goes and is made anew', async () => {
    const live = start();
    execFileSync('ip', ['netns', 'del', pair.left]);
    await until(() => live.taps()[0]!.closedBy === 'the network namespace is gone');
    expect(warnings).toEqual([expect.stringMatching(/^network namespace \S+: ENOENT.*looked for every second$/)]);
    execFileSync('ip', ['netns', 'add', pair.left]);
    execFileSync('ip', ['-n', pair.left, 'link', 'add', 'tap0', 'type', 'veth', 'peer', 'name', 'tip0']);
    await until(() => live.taps().length === 2);
    expect(attachedTcx(pair.left, 'tap0')).toEqual([1, 1]);
  });

  it('follows the carrier', async () => {
    const live = start();
    const [{ carrier: before }] = live.taps() as [ReturnType<Loader['taps']>[number]];
    expect(before.isUp).toBe(true);
    execFileSync('ip', ['-n', pair.right, 'link', 'set', 'far0', 'down']);
    await until(() => !live.taps()[0]!.carrier.isUp);
    expect(live.taps()[0]!.carrier.changes).toBeGreaterThan(before.changes);
  });

  it('takes all interfaces but loopback, and says which it cannot tap', () => {
    const live = start({ match: 'all' });
    expect(live.taps().map(({ name }) => name)).toEqual([`${pair.left}/tap0`]);
  });

  it('leaves nothing behind when it stops', () => {
    start();
    expect(attachedTcx(pair.left, 'tap0')).toEqual([1, 1]);
    ring.close();
    loader!.stop();
    loader = undefined;
    expect(attachedTcx(pair.left, 'tap0')).toEqual([0, 0]);
  });

  it('works as a clsact filter where TCX is not to be had', async () => {
    start({}, { attach: 'clsact' });
    expect(attachedTcx(pair.left, 'tap0')).toEqual([0, 0]);
    pair.send([session()]);
    await sleep(20);
    expect(records()).toHaveLength(1);
  });

  it('counts what the ring had no room for', async () => {
    const live = start({}, { ringBytes: 4096 });
    pair.send(Array.from({ length: 100 }, () => session()));
    await sleep(20);
    const { shipped, 'ring-full': full } = readCounters(live.mapFd('counters'), live.taps()[0]!.slots[0]!);
    expect(shipped + full).toBe(100n);
    expect(full).toBeGreaterThan(50n);
  });

  it('detaches by itself where the filter takes more CPU than it may, and says so', async () => {
    const live = start({}, { cpuPercent: 0.0001 });
    for (let i = 0; i < 400 && live.taps()[0]!.closedNs === undefined; i++) {
      pair.send(Array.from({ length: 20 }, () => session()));
      await sleep(20);
    }
    expect(live.taps()[0]!.closedBy).toMatch(/^its filter took [\d.]+ % of a CPU$/);
    expect(warnings.splice(0)).toEqual([expect.stringMatching(/tap0 is no longer tapped: .*cpuPercent \(0\.0001\).*start the collector again/)]);
    expect(attachedTcx(pair.left, 'tap0')).toEqual([0, 0]);
    await sleep(1200);
    expect(live.taps()).toHaveLength(1);
  });

  it('makes a port promiscuous only for as long as it runs', () => {
    start({ promiscuous: true });
    expect(warnings).toEqual([]);
  });
});

/** Waits for it, five seconds at most. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 250; i++) {
    if (holds()) return;
    await sleep(20);
  }
  throw new Error('it did not happen within 5 s');
}
