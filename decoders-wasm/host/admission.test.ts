/** A partition's room for taps and keys: who brings too much is passed over and told once; nothing stops, nobody else notices. */
import { describe, expect, it } from 'vitest';
import type { FrameBatch } from '../contract/batch.ts';
import * as layout from '../contract/generated/frame.ts';
import { type Row, readRows, tableOf } from '../contract/row-reader.ts';
import { MOST_KEYS_OF_TAP, MOST_NAMED_TAPS } from './admission.ts';
import { loadModule, registry } from './registry.ts';
import { ShadowSet, type Stretch } from './shadow-set.ts';

const modules = [loadModule(registry.find(({ name }) => name === 'isis')!)];
const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;
const shadows = (): ShadowSet => new ShadowSet({ modules, seed: 1n, memoryLimitBytes: 1 << 28 });

/** Frame `number` of tap `tap` (0 is noisy, 1 quiet) on key `key`: a LAN hello (ISO 10589 9.7) of a version that goes to quarantine, or what no decoder takes. */
interface Given { readonly tap: number; readonly key: number; readonly number: number; readonly isHello?: boolean }

function record({ number, isHello }: Given, tap: number, key: number): Uint8Array {
  const pdu = isHello === true ? [0x83, 27, 9, 0, 16, 1, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0, 30, 0, 33, 64, 0, 0, 0, 0, 0, 1, 1, 1, 4, 3, 0x49, 0, 1] : [];
  const ethernet = isHello === true ? [1, 0x80, 0xc2, 0, 0, 0x14, 2, 0, 0, 0, 0, 1, 0, 36, 0xfe, 0xfe, 3] : [];
  const bytes = new Uint8Array(Math.ceil((layout.FRAME_BYTES + ethernet.length + pdu.length) / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(layout.FRAME_LENGTH, bytes.length, true);
  view.setUint16(layout.FRAME_TAP_ID, tap, true);
  view.setUint8(layout.FRAME_PROTOCOL, isHello === true ? layout.PROTOCOL_ISIS : 77);
  view.setUint32(layout.FRAME_KEY_INDEX, key, true);
  view.setBigUint64(layout.FRAME_BOOT_NS, START + BigInt(number) * 1000n, true);
  view.setBigUint64(layout.FRAME_FRAME_NUMBER, BigInt(number), true);
  view.setUint16(layout.FRAME_PAYLOAD_OFFSET, 17, true);
  view.setUint32(layout.FRAME_PAYLOAD_LENGTH, pdu.length, true);
  view.setUint32(layout.FRAME_CAPTURED_LENGTH, ethernet.length + pdu.length, true);
  bytes.set([...ethernet, ...pdu], layout.FRAME_BYTES);
  return bytes;
}

function batchOf(sequence: number, given: readonly Given[]): FrameBatch {
  const taps = [...new Set(given.map(({ tap }) => tap))];
  const keys = new Map([...new Set(given.map(({ key }) => key))].map((key, index) => [key, index]));
  return {
    header: {
      collector: 'c', epoch: '1', partition: 0, sequence, gaps: [], ageNs: '0',
      taps: taps.map((tap) => ({ name: `tap${tap}`, identity: (tap + 1).toString(16).padStart(32, '0'), state: 'open', clockNs: null, wallOffsetNs: '0', lastFrame: '1' })),
      keys: [...keys.keys()].map((key) => ({ key: `igp/lab${key}/default/isis`, domain: `lab${key}`, networkInstance: 'default', link: 'l' })),
    },
    frames: new Uint8Array(Buffer.concat(given.map((one) => record(one, taps.indexOf(one.tap), keys.get(one.key)!)))),
  };
}

function rowsIn(stretch: Stretch, table: string): Row[] {
  const codes = { contexts: new Map(stretch.contexts.map((one) => [one.code, one])), taps: new Map(stretch.taps.map((one) => [one.code, { tap: one.name, collector: one.collector }])) };
  return stretch.blocks.filter((block) => tableOf(block.table).name === table).flatMap((block) => readRows(block.table, block.bytes, codes));
}

/** All rows that some batches give, from a fresh set that is exported and imported before the one at `break`. */
function run(batches: readonly FrameBatch[], at = -1): { rows: Row[]; set: ShadowSet } {
  let set = shadows();
  const rows: Row[] = [];
  batches.forEach((batch, index) => {
    if (index === at) {
      const next = shadows();
      next.importState(set.exportState());
      set = next;
    }
    const stretch = set.process(BigInt(index), batch);
    rows.push(...rowsIn(stretch, 'coverage_events'), ...rowsIn(stretch, 'quarantine'));
  });
  return { rows, set };
}

const withoutPlace = (rows: readonly Row[]): Row[] => rows.map(({ frame_offset: _offset, frame_index: _index, ...row }) => row);

describe('a tap that shows ever new keys', () => {
  const noise = Array.from({ length: MOST_KEYS_OF_TAP + 50 }, (_, index): Given => ({ tap: 0, key: index, number: index + 1 }));
  const after: Given[] = [
    { tap: 0, key: 900_001, number: 900_001, isHello: true }, { tap: 1, key: 900_002, number: 1, isHello: true }, { tap: 0, key: 3, number: 900_002, isHello: true },
  ];

  it('is passed over beyond its share with one row; what it showed before goes on, and so do other taps', () => {
    const { rows, set } = run([batchOf(1, noise), batchOf(2, after), batchOf(3, [{ tap: 0, key: 900_003, number: 900_003 }])]);
    expect(rows.filter(({ what }) => what !== undefined).map(({ what, subject, tap, frame_index, detail }) => [what, subject, tap, frame_index, detail])).toEqual([
      ['coverage-lost', 'tap0', 'tap0', MOST_KEYS_OF_TAP, `this tap has shown ${MOST_KEYS_OF_TAP} keys on links, all taps of the partition ${MOST_KEYS_OF_TAP}: frames of further keys are passed over`],
    ]);
    expect(rows.filter(({ what }) => what === undefined).map(({ domain }) => domain)).toEqual(['lab900002', 'lab3']);
    expect(set.exportState().contexts.length).toBe(MOST_KEYS_OF_TAP + 2);
  });

  it('is refused the same whatever batches its frames come in, and after a restart', () => {
    const all = [...noise, ...after];
    const whole = run([batchOf(1, all)]);
    const cut = MOST_KEYS_OF_TAP - 7;
    const split = run([batchOf(1, all.slice(0, cut)), batchOf(2, all.slice(cut, cut + 20)), batchOf(3, all.slice(cut + 20))], 2);
    expect(withoutPlace(split.rows)).toEqual(withoutPlace(whole.rows));
  });
});

describe('a partition with as many taps as it can have', () => {
  it('passes further ones over, each told once, and the others go on', () => {
    const taps = Array.from({ length: MOST_NAMED_TAPS + 2 }, (_, tap): Given => ({ tap, key: 1, number: 1 }));
    const { rows, set } = run([
      batchOf(1, taps), batchOf(2, [{ tap: MOST_NAMED_TAPS, key: 1, number: 2, isHello: true }, { tap: 5, key: 1, number: 3 }]),
      batchOf(3, [{ tap: MOST_NAMED_TAPS, key: 2, number: 4, isHello: true }]), batchOf(4, [{ tap: 5, key: 1, number: 5, isHello: true }]),
    ], 3);
    expect(rows.map(({ what, subject, tap }) => [what, subject, tap])).toEqual([
      ['coverage-lost', `tap${MOST_NAMED_TAPS}`, 'refused-taps'], ['coverage-lost', `tap${MOST_NAMED_TAPS + 1}`, 'refused-taps'], [undefined, undefined, 'tap5'],
    ]);
    expect(set.exportState().taps.length).toBe(MOST_NAMED_TAPS + 1);
  });
});
