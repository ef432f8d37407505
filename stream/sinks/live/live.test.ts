/** The live sink over a real log: each event once, in the order of decision, for whoever listens from now on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { type RowValues, writeRow } from '../../../decoders-wasm/contract/row-writer.ts';
import { startPosition } from '../../contract/events-reader.ts';
import { type EventsHeader, type Position, encodeEventsRecord } from '../../contract/events-record.ts';
import type { LiveEvent } from '../../contract/live.ts';
import { eventsTopic, type Log, reportsTopic, reportTopics } from '../../contract/log.ts';
import { encodeReport } from '../../contract/report.ts';
import { openEmbeddedLog } from '../../log/embedded/index.ts';
import { LiveSink } from './index.ts';

const at = (offset: number): Position => ({ offset: String(offset), rows: 0 });

interface Given { readonly table: string; readonly values: RowValues }
let number = 0n;

/** An events record of rows that stand in sections by table, in the order in which the tables first come. */
function record(kind: EventsHeader['kind'], owner: string, begin: Position, end: Position, rows: readonly Given[] = []): Uint8Array {
  const groups = [...Map.groupBy(rows, ({ table }) => table)].map(([table, list]) => ({
    table, count: list.length,
    bytes: new Uint8Array(Buffer.concat(list.map(({ values }) => writeRow(table, { identity: new Uint8Array(16), kind: 1, number: number++, key: '' }, { context: 0, tap: 0, ...values })))),
  }));
  const header: EventsHeader = {
    kind, owner, partition: 0, begin, end, decoderVersion: 'test@1',
    sections: groups.map(({ table, count, bytes }) => ({ table: tableOf(table).id, layout: tableOf(table).layout, rows: count, bytes: bytes.length })),
    contexts: [{ code: 0, key: 'tcp/lab/default/10.0.0.1|10.0.0.2', domain: 'lab', networkInstance: 'default', link: 'core', addresses: ['10.0.0.1', '10.0.0.2'] }],
    taps: [{ code: 0, tap: 't', collector: 'c' }],
  };
  return encodeEventsRecord({ header, rows: groups.map(({ bytes }) => bytes) });
}

const coverage = (time: bigint, subject: string, what = 'tap-opened', ordinal = 0): Given => ({ table: 'coverage_events', values: { time, what, subject, ordinal } });
const error = (time: bigint, name: string, ordinal = 0): Given => ({ table: 'protocol_errors', values: { time, error: name, ordinal } });

describe('the live sink', () => {
  let directory: string;
  let log: Log;
  let sink: LiveSink;
  const append = (...records: readonly Uint8Array[]): Promise<bigint> => log.append(eventsTopic, 0, records);
  const lines = (events: readonly LiveEvent[]): string[] => events.map(({ line }) => line);

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'routewatch-live-'));
    log = openEmbeddedLog(directory);
    await log.ensureTopics([{ topic: eventsTopic, partitions: 1 }]);
    await append(record('claim', 'a', startPosition, startPosition));
    sink = new LiveSink(log, 1);
  });

  afterEach(async () => {
    await sink.stop();
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('tells what comes from its start on, not history', async () => {
    await append(record('rows', 'a', at(0), at(1), [coverage(1n, 'old')]));
    await sink.start();
    const heard: LiveEvent[] = [];
    sink.subscribe((event) => { heard.push(event); });
    await append(record('rows', 'a', at(1), at(2), [coverage(2n, 'new')]));
    await sink.drained();
    expect(heard.map(({ subject }) => subject)).toEqual(['tap new']);
    expect(heard[0]).toMatchObject({ table: 'coverage_events', domain: 'lab', link: 'core', next: 'tap-opened', severity: 'info', time: '2' });
    expect(sink.recent(10)).toEqual(heard);
  });

  it('tells each event once where a record is repeated, and nothing of a fenced owner', async () => {
    await sink.start();
    const first = record('rows', 'a', at(0), at(1), [coverage(1n, 'one')]);
    await append(first, first, record('claim', 'b', startPosition, startPosition), record('rows', 'a', at(1), at(2), [coverage(2n, 'zombie')]), record('rows', 'b', at(1), at(2), [coverage(3n, 'two')]));
    await sink.drained();
    expect(sink.recent(10).map(({ subject }) => subject)).toEqual(['tap one', 'tap two']);
  });

  it('orders the rows of a record by decision, and those of one decision by their place in it', async () => {
    await sink.start();
    await append(record('rows', 'a', at(0), at(1), [coverage(5n, 'last'), coverage(1n, 'first'), coverage(3n, 'third', 'gap', 1), error(3n, 'second', 0), error(4n, 'fourth')]));
    await sink.drained();
    expect(sink.recent(10).map(({ subject, next, table }) => (table === 'protocol_errors' ? next : subject))).toEqual(['tap first', 'second', 'tap third', 'fourth', 'tap last']);
  });

  it('gives the newest, and stops telling who has left', async () => {
    await sink.start();
    const heard: string[] = [];
    const leave = sink.subscribe(({ subject }) => { heard.push(subject); });
    await append(record('rows', 'a', at(0), at(1), [coverage(1n, '1'), coverage(2n, '2')]));
    await sink.drained();
    leave();
    await append(record('rows', 'a', at(1), at(2), [coverage(3n, '3')]));
    await sink.drained();
    expect(heard).toEqual(['tap 1', 'tap 2']);
    expect(sink.recent(2).map(({ subject }) => subject)).toEqual(['tap 2', 'tap 3']);
  });

  it('tells many route changes of a record as one event, few of them each', async () => {
    await sink.start();
    const routes = (count: number, change: string): Given[] => Array.from({ length: count }, (_, index) => ({
      table: 'route_changes', values: { time: BigInt(index), afi_safi: 'ipv4-unicast', prefix_address: `10.${index}.0.0`, prefix_length: 16, change_class: change },
    }));
    await append(record('rows', 'a', at(0), at(1), [...routes(20, 'tup'), ...routes(3, 'tdown')]));
    await sink.drained();
    const told = lines(sink.recent(10));
    expect(told.filter((line) => line.includes('announces'))).toEqual([expect.stringMatching(/announces 20 routes to 10\.0\.0\.[12]$/)]);
    expect(told.filter((line) => line.includes('withdraws')).length).toBe(3);
  });

  it('says that a loss is a loss', async () => {
    await sink.start();
    const adjacency = (time: bigint, prev: string, state: string, initial = 0): Given => ({
      table: 'adjacency_events', values: { time, protocol: 'isis', level: 1, prev_state: prev, state, initial },
    });
    await append(record('rows', 'a', at(0), at(1), [adjacency(1n, 'down', 'up'), adjacency(2n, 'up', 'down'), coverage(3n, 'x', 'coverage-lost'), coverage(4n, 'x', 'gap')]));
    await sink.drained();
    expect(sink.recent(10).map(({ severity }) => severity)).toEqual(['good', 'loss', 'loss', 'error']);
  });

  it('tells alerts, each report once; their place is behind those of the events', async () => {
    await log.ensureTopics(reportTopics);
    const both = new LiveSink(log, 1, { reports: true });
    await both.start();
    const { id, layout } = tableOf('alerts');
    const row = writeRow('alerts', { identity: new Uint8Array(16), kind: 2, number: 1n, key: 'x' }, { context: 0, tap: 0, time: 9n, decided_time: 9n, ordinal: 1, alert_id: 'eeeeeeee-0000-4000-8000-000000000000', rule: 'tap-blind', severity: 'error', state: 'firing', since: 5n, subject: 'tap t', summary: 'The tap t is silent.' });
    const report = (name: string, kind: 'claim' | 'rows' = 'rows') => encodeReport({
      header: { id: name.repeat(32), writer: 'alerts/x', kind, ingestTimeNs: '1', sections: kind === 'claim' ? [] : [{ table: id, layout, rows: 1, bytes: row.length }], contexts: [{ code: 0, key: 'k', domain: 'lab', networkInstance: 'default', link: 'core' }], taps: [{ code: 0, tap: 't', collector: 'c' }], madeBy: 'test@1' },
      rows: kind === 'claim' ? [] : [row],
    });
    const from = both.position();
    await log.append(reportsTopic, 0, [report('a', 'claim'), report('b'), report('b')]);
    await append(record('rows', 'a', at(0), at(1), [coverage(1n, 'x')]));
    await both.drained();
    expect(both.recent(10).filter(({ table }) => table === 'alerts')).toMatchObject([{
      domain: 'lab', subject: 'tap t', next: 'firing', severity: 'loss', line: 'alert error firing: The tap t is silent.', alert: { rule: 'tap-blind', since_ns: '5' },
    }]);
    expect([from, both.position()]).toEqual([[1n, 0n], [2n, 3n]]);
    const told: unknown[] = [];
    for await (const { partition, next, events } of both.told(from, both.position())) told.push([partition, next, events.length]);
    expect(told.toSorted()).toEqual([[0, 2n, 1], [1, 2n, 1]]);
    expect(both.ledger().map(({ partition }) => partition)).toEqual([0, 0xffff]);
    await both.stop();
  });

  it('fails with the place of a record that it cannot read', async () => {
    await sink.start();
    const failed = expect(sink.failed).rejects.toThrow(/routewatch\.events\.v1 partition 0 offset 1: 3 bytes are too few/);
    await append(new Uint8Array(3));
    await failed;
    await expect(sink.drained()).rejects.toThrow(/too few/);
  });
});
