/** `routewatch decode` on shipped captures: every format, standard input, bad files, a reader that goes away. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodedTables as tables } from '../../decoders-wasm/contract/row-reader.ts';
import { layoutOf, readRows } from '../../decoders-wasm/contract/row-reader.ts';
import { type Ran, labCaptures, launcher, routewatch, rowsOf, scratch } from '../testing.ts';

const [lan] = labCaptures('isis-lan3') as [string];
const place = scratch();
afterAll(() => { place.remove(); });

/** Of the whole capture. */
const counts = { adjacency_events: 78, coverage_events: 2, lsdb_changes: 89, neighbor_counts: 75, protocol_errors: 11, router_names: 4, topology_changes: 121 };

describe('rows', () => {
  let ndjson: Record<string, unknown>[];
  beforeAll(async () => { ndjson = rowsOf(await routewatch(['decode', lan, '--domain', 'lab', '--tap', 'west'])); });

  it('ndjson names the table, and every name in full', async () => {
    expect(Object.fromEntries([...Map.groupBy(ndjson, ({ table }) => table)].map(([table, rows]) => [table, rows.length]))).toEqual(counts);
    const up = ndjson.find((row) => row['table'] === 'adjacency_events' && row['state'] === 'up')!;
    expect(up).toMatchObject({
      domain: 'lab', tap: 'west', link: 'west', network_instance: 'default', event_type: 'isis.adjacency_state_change', protocol: 'isis', level: 2,
      router: '0000.0000.0002', neighbor: '0000.0000.0001', prev_state: 'init', reason: 'two-way-received', evidence: 'received',
    });
    expect(rowsOf(await routewatch(['decode', lan, '--table', 'router_names'])).map(({ value }) => value).toSorted()).toEqual(['r1', 'r2', 'r3', 'r4']);
  });

  it('none only counts', async () => {
    const { code, out } = await routewatch(['decode', lan, '--format', 'none', '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, counts]);
  });

  it('rowbinary holds the same rows, in the columns that --structure prints', async () => {
    const structure = await routewatch(['decode', '--table', 'adjacency_events', '--structure']);
    const columns = structure.out.trim().split(/, (?=[a-z_]+ [A-Z])/).map((column) => column.split(' ')[0]);
    expect(columns).toEqual(layoutOf('adjacency_events').map(({ name }) => name));
    const { stdout } = await promisify(execFile)(process.execPath, [launcher, 'decode', lan, '--table', 'adjacency_events', '--format', 'rowbinary'], { encoding: 'buffer', maxBuffer: 1 << 24 });
    const told = ({ time, router, neighbor, level, prev_state, state, reason }: Record<string, unknown>): string => [time, router, neighbor, level, prev_state, state, reason].join(' ');
    expect(readRows('adjacency_events', stdout).map(told)).toEqual(ndjson.filter(({ table }) => table === 'adjacency_events').map(told));
  });

  it('refuses an unknown table, and rowbinary without one', async () => {
    const unknown = await routewatch(['decode', lan, '--table', 'adjacency']);
    expect([unknown.code, unknown.out]).toEqual([2, '']);
    for (const { name } of tables) expect(unknown.err).toContain(name);
    expect(await routewatch(['decode', lan, '--format', 'rowbinary'])).toMatchObject({ code: 2, err: expect.stringContaining('needs --table NAME') as unknown });
  });
});

it('--pdus shows each frame with all layers and fields', async () => {
  const pdus = rowsOf(await routewatch(['decode', lan, '--pdus']));
  expect(pdus.length).toBe(471);
  expect(pdus[0]).toMatchObject({
    tap: 'lan0', time: '2026-11-21 02:19:15.674501', ethernet: { destination: '01:80:c2:00:00:14', source: '02:00:00:00:01:01' },
    isis: { 'pdu-name': 'lan-hello-level-1', 'system-id': '0000.0000.0001', 'hold-timer': 30, priority: 64, 'pdu-length': 1497 },
  });
  const kinds = Map.groupBy(pdus, (pdu) => (pdu['isis'] as { 'pdu-name': string })['pdu-name']);
  expect(Object.fromEntries([...kinds].map(([kind, list]) => [kind, list.length]))).toEqual({
    'csnp-level-1': 15, 'csnp-level-2': 17, 'lan-hello-level-1': 167, 'lan-hello-level-2': 167, 'lsp-level-1': 45, 'lsp-level-2': 59, 'psnp-level-2': 1,
  });
});

describe('bad input', () => {
  const raw = gunzipSync(readFileSync(lan));
  const decodeFile = (name: string, bytes: Uint8Array): Promise<Ran> => {
    writeFileSync(place.path(name), bytes);
    return routewatch(['decode', place.path(name), '--table', 'adjacency_events', '--format', 'none']);
  };

  it('a file that is cut off: all before the fault is used, its offset is told, exit code 3', async () => {
    const { code, out, err } = await decodeFile('cut.pcap', raw.subarray(0, 20_000));
    expect(code).toBe(3);
    expect(out).toBe('adjacency_events 24\n');
    expect(err).toContain('cut.pcap, byte 19048: the packet record at byte 19048 is cut off: the file ends after 952 of its 1530 bytes; the 16 packets before it were used');
  });

  it('a file that is corrupt from some byte on, and a gzip stream that is cut off', async () => {
    const corrupt = await decodeFile('corrupt.pcap', Buffer.concat([raw.subarray(0, 19_048), Buffer.alloc(300, 0xee)]));
    expect([corrupt.code, corrupt.out]).toEqual([3, 'adjacency_events 24\n']);
    expect(corrupt.err).toMatch(/corrupt\.pcap, byte 19048: .*corrupt from there on; the 16 packets before it were used/);
    const gzip = await decodeFile('cut.pcap.gz', readFileSync(lan).subarray(0, 9000));
    expect([gzip.code, gzip.out]).toEqual([3, 'adjacency_events 78\n']);
    expect(gzip.err).toContain('byte 423571: the gzip stream is cut off after 9000 compressed bytes (unexpected end of file), which is byte 423571 of the capture; the 397 packets before it were used');
  });

  it('what is no capture is refused with its first bytes', async () => {
    const junk = await decodeFile('junk.pcap', Buffer.from('this is no capture at all'));
    expect([junk.code, junk.out]).toEqual([2, '']);
    expect(junk.err).toContain('junk.pcap: begins with 74 68 69 73 20 69 73 20, no capture');
    expect((await decodeFile('empty.pcap', new Uint8Array())).err).toContain('empty.pcap: empty');
  });

  it('standard input may be gzipped', async () => {
    const { code, out } = await routewatch(['decode', '-', '--format', 'none', '--table', 'adjacency_events'], { input: readFileSync(lan) });
    expect([code, out]).toEqual([0, 'adjacency_events 78\n']);
  });
});

it('a reader that has seen enough ends it without a complaint', async () => {
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', `"${process.execPath}" "${launcher}" decode "${lan}" | head -n 1; echo "\${PIPESTATUS[0]}"`]);
  const [row, code] = stdout.trim().split('\n');
  expect(JSON.parse(row!)).toHaveProperty('table');
  expect([code, stderr]).toEqual(['0', '']);
});
