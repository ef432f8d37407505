/** Packets with time stamps that cannot be: told, kept in quarantine, and without any effect on the rest. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeToRows } from './decode.ts';
import { ids } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'routewatch-times-'));
afterAll(() => { rmSync(directory, { recursive: true, force: true }); });

const capture = gunzipSync(readFileSync(join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz')));

/** The capture (pcap, little endian) with the seconds of some packets set; `undefined` leaves the packet out. */
function written(name: string, seconds: ReadonlyMap<number, number | undefined>): string {
  const parts: Buffer[] = [capture.subarray(0, 24)];
  for (let at = 24, number = 1; at < capture.length; number++) {
    const end = at + 16 + capture.readUInt32LE(at + 8);
    const record = Buffer.from(capture.subarray(at, end));
    const wanted = seconds.get(number);
    if (wanted !== undefined) record.writeUInt32LE(wanted, 0);
    if (wanted !== undefined || !seconds.has(number)) parts.push(record);
    at = end;
  }
  const file = join(directory, name);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

describe('a packet with a time that cannot be', () => {
  const future = 0xf0000000;

  it('goes to quarantine, and the rest is as if it were not there', async () => {
    const mad = await decodeToRows([written('mad.pcap', new Map([[100, future], [120, 5], [121, future]]))], { tapNames: ['lan0'] });
    const without = await decodeToRows([written('without.pcap', new Map([[100, undefined], [120, undefined], [121, undefined]]))], { tapNames: ['lan0'] });
    const quarantined = mad.rows.get('quarantine') ?? [];
    expect(quarantined.map(({ error }) => error)).toEqual(['mad-time', 'mad-time', 'mad-time']);
    expect(mad.result.faults.map(({ message }) => message)).toEqual([expect.stringMatching(/^the time stamps of 3 packets, from packet 100 on, are before 2000 or more than a day ahead/)]);
    for (const [table, rows] of without.rows) {
      expect(mad.rows.get(table)?.map(({ time, router, neighbor, state, reason, object_key, change }) => ({ time, router, neighbor, state, reason, object_key, change })), table)
        .toEqual(rows.map(({ time, router, neighbor, state, reason, object_key, change }) => ({ time, router, neighbor, state, reason, object_key, change })));
    }
  });

  it('is nothing of its own when all are so: everything is in quarantine, none in silence', async () => {
    const all = new Map(Array.from({ length: 482 }, (_, index) => [index + 1, 5] as const));
    const { rows, result } = await decodeToRows([written('all.pcap', all)]);
    expect([...rows.keys()].toSorted()).toEqual(['coverage_events', 'quarantine']);
    expect(rows.get('quarantine')!.length).toBeGreaterThan(400);
    expect(result.faults[0]!.message).toMatch(/--retime now/);
  });

  it('can be moved to where it may be', async () => {
    const all = new Map(Array.from({ length: 482 }, (_, index) => [index + 1, 5] as const));
    const { rows, result } = await decodeToRows([written('moved.pcap', all)], { shiftNs: 1_700_000_000_000_000_000n });
    expect(result.faults).toEqual([]);
    expect(ids(rows).length).toBeGreaterThan(20);
    expect(rows.has('quarantine')).toBe(false);
  });
});
