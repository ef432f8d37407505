/** Keys from frame records alone are those that the classifier of captures gives. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { BatchKey } from '../../stream/contract/frame-batch.ts';
import { openCapture, readCaptures } from '../inputs/pcap/index.ts';
import { RecordKeys } from './keys.ts';

const captures = join(import.meta.dirname, '..', '..', 'infra', 'lab', 'captures');
const files = ['demo', 'isis-lan3', 'ospf-lan', 'bgp-basic', 'vlan-twins'].flatMap((lab) => {
  try {
    return readdirSync(join(captures, lab)).filter((name) => name.endsWith('.pcap.gz')).map((name) => join(captures, lab, name));
  } catch {
    return [];
  }
});

/** Every record of a capture with the key that link.wasm gave it. */
async function classified(file: string): Promise<{ record: Uint8Array; key: BatchKey }[]> {
  const keys: BatchKey[] = [];
  const found: { record: Uint8Array; key: BatchKey }[] = [];
  await readCaptures({ captures: [await openCapture(file)], tapNames: ['t'], domain: 'lab', shiftNs: 0n }, {
    addTap: () => 0,
    addKey: (key) => keys.push(key),
    add: (records) => {
      const view = new DataView(records.buffer, records.byteOffset, records.length);
      for (let at = 0; at < records.length; at += view.getUint32(at, true)) {
        found.push({ record: records.slice(at, at + view.getUint32(at, true)), key: keys[view.getUint32(at + layout.FRAME_KEY_INDEX, true)]! });
      }
      return Promise.resolve();
    },
    flush: () => Promise.resolve(), gap: () => Promise.resolve(), close: () => Promise.resolve(),
  });
  return found;
}

/** A record with a header of its own and an IPv6 header in it. */
function record(change: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(layout.FRAME_BYTES + 64);
  const view = new DataView(bytes.buffer);
  view.setUint32(layout.FRAME_LENGTH, bytes.length, true);
  view.setUint8(layout.FRAME_PROTOCOL, layout.PROTOCOL_BGP);
  view.setUint16(layout.FRAME_VLAN_OUTER, 0xffff, true);
  view.setUint16(layout.FRAME_VLAN_INNER, 0xffff, true);
  view.setUint8(layout.FRAME_BYTES, 0x60);
  change(view);
  return bytes;
}

function keysOf(most = 1000): { keys: RecordKeys; told: BatchKey[] } {
  const told: BatchKey[] = [];
  const keys = new RecordKeys({ map: [], most, tap: () => ({ name: 't', domain: 'lab' }), add: (key) => told.push(key) - 1 });
  return { keys, told };
}

describe('the key of a frame record', () => {
  it('is the classifier\'s, for every frame of the labs', async () => {
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const { keys, told } = keysOf();
      for (const { record: one, key } of await classified(file)) expect(told[keys.numberOf(one)], file).toEqual(key);
    }
  });

  it('writes addresses as RFC 5952 does, the lower one first, and knows link-local ones', () => {
    const { keys, told } = keysOf();
    const address = (view: DataView, at: number, groups: readonly number[]): void => { groups.forEach((group, index) => { view.setUint16(layout.FRAME_BYTES + at + 2 * index, group); }); };
    keys.numberOf(record((view) => { address(view, 8, [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1]); address(view, 24, [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0]); }));
    expect(told[0]!.addresses).toEqual(['2001:db8::', '2001:db8::1:0:0:1']);
    keys.numberOf(record((view) => { address(view, 8, [0xfe80, 0, 0, 0, 0, 0, 0, 1]); address(view, 24, [0xfe80, 0, 0, 0, 0, 0, 0, 2]); }));
    expect(told[1]!.key).toBe('tcp/lab/default/t/fe80::1|fe80::2');
  });

  it('names tags and tunnels: outermost and innermost', () => {
    const { keys, told } = keysOf();
    keys.numberOf(record((view) => { view.setUint16(layout.FRAME_VLAN_OUTER, 0x6064, true); view.setUint16(layout.FRAME_VLAN_INNER, 20, true); }));
    expect(told[0]!.link).toBe('t.100.20');
    keys.numberOf(record((view) => {
      view.setUint8(layout.FRAME_TUNNEL_DEPTH, 2);
      view.setUint8(layout.FRAME_TUNNEL_KIND, layout.TUNNEL_GRE);
      view.setUint32(layout.FRAME_TUNNEL_ID, 42, true);
      view.setUint8(layout.FRAME_OUTER_TUNNEL_KIND, layout.TUNNEL_VXLAN);
      view.setUint32(layout.FRAME_OUTER_TUNNEL_ID, 5001, true);
    }));
    expect(told[1]!.networkInstance).toBe('vxlan:5001/gre:42');
  });

  it('is refused beyond the most, and counted; those that are known stay', () => {
    const { keys, told } = keysOf(600);
    const one = (number: number): Uint8Array => record((view) => { view.setUint32(layout.FRAME_BYTES + 20, number); });
    const given = Array.from({ length: 700 }, (_, number) => keys.numberOf(one(number)));
    expect(given.slice(0, 600)).toEqual(Array.from({ length: 600 }, (_, number) => number));
    expect(given.slice(600).every((number) => number === -1)).toBe(true);
    expect([told.length, keys.refused]).toEqual([600, 100]);
    expect(keys.numberOf(one(599))).toBe(599);
  });
});
