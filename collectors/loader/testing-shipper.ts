/** For tests: what the loader runs as its shipper. Says on standard output, a JSON object a line, what it sees; ends on SIGTERM. */
import { readFileSync } from 'node:fs';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { openLiveRing } from '../inputs/ebpf/port.ts';

function say(what: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(what, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`);
}

let isStopping = false;
process.on('SIGTERM', () => { isStopping = true; });
const ring = await openLiveRing(process, () => { isStopping = true; });
say({ kind: 'begun', uid: process.getuid!(), capabilities: /^CapEff:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1], epoch: ring.epoch });
const buffer = new Uint8Array(1 << 20);
for (let last = ''; !isStopping;) {
  const taps = JSON.stringify(ring.taps().map(({ id, name, closedBy }) => ({ id, name, closedBy })));
  if (taps !== last) say({ kind: 'taps', taps: JSON.parse(taps) as unknown });
  last = taps;
  const bytes = ring.read(buffer);
  const view = new DataView(buffer.buffer, 0, bytes);
  for (let at = 0; at < bytes; at += view.getUint32(at, true)) {
    const payload = at + layout.FRAME_BYTES + view.getUint16(at + layout.FRAME_PAYLOAD_OFFSET, true);
    say({ kind: 'frame', tap: view.getUint16(at + layout.FRAME_TAP_ID, true), protocol: view.getUint8(at + layout.FRAME_PROTOCOL), number: view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_BGP ? view.getUint16(payload + 20) : 0 });
  }
  if (bytes > 0) say({ kind: 'maps', hellos: [...ring.hellos()], drops: ring.drops() });
  ring.release(ring.position);
  await ring.wait(250);
}
await ring.close();
say({ kind: 'ended' });
