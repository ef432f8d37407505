/** Many clients of the live stream over a real log: none misses an event or gets one twice, and a slow one hurts nobody but itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { writeRow } from '../../decoders-wasm/contract/row-writer.ts';
import { startPosition } from '../../stream/contract/events-reader.ts';
import { type EventsHeader, encodeEventsRecord } from '../../stream/contract/events-record.ts';
import { eventsTopic, type Log } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { LiveSink } from '../../stream/sinks/live/index.ts';
import { startWeb, type Web } from './index.ts';

const PARTITIONS = 2;
const CLIENTS = 100;
const SUBJECT = '"subject":"';
/** Events that are appended together. */
const BATCH = 10;
const directory = mkdtempSync(join(tmpdir(), 'routewatch-streams-'));
let log: Log;
let sink: LiveSink;
let web: Web;
/** Clients that follow live now. */
let following = 0;
const written = Array.from({ length: PARTITIONS }, () => 0);

/** A record of one event, which is named by its subject; `padding` makes it larger. */
function record(partition: number, subject: string, padding = 0): Uint8Array {
  const number = written[partition]!++;
  const table = tableOf('coverage_events');
  const bytes = writeRow('coverage_events', { identity: new Uint8Array(16), kind: 1, number: BigInt(number), key: String(partition) },
    { context: 0, tap: 0, time: BigInt(number), what: 'gap', subject, detail: 'x'.repeat(padding), ordinal: 0 });
  const header: EventsHeader = {
    kind: 'rows', owner: 'a', partition, begin: number === 0 ? startPosition : { offset: String(number), rows: 0 }, end: { offset: String(number + 1), rows: 0 }, decoderVersion: 'test@1',
    sections: [{ table: table.id, layout: table.layout, rows: 1, bytes: bytes.length }],
    contexts: [{ code: 0, key: 'k', domain: 'lab', networkInstance: 'default', link: 'core', addresses: ['', ''] }], taps: [{ code: 0, tap: 't', collector: 'c' }],
  };
  return encodeEventsRecord({ header, rows: [bytes] });
}

const append = (partition: number, subjects: readonly string[], padding = 0) => log.append(eventsTopic, partition, subjects.map((subject) => record(partition, subject, padding)));

beforeAll(async () => {
  log = openEmbeddedLog(directory);
  await log.ensureTopics([{ topic: eventsTopic, partitions: PARTITIONS }]);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await log.append(eventsTopic, partition, [encodeEventsRecord({ header: { kind: 'claim', owner: 'a', partition, begin: startPosition, end: startPosition, decoderVersion: 'test@1', sections: [], contexts: [], taps: [] }, rows: [] })]);
  }
  sink = new LiveSink(log, PARTITIONS);
  await sink.start();
  const subscribe = sink.subscribeRecords.bind(sink);
  sink.subscribeRecords = (listener) => {
    const leave = subscribe(listener);
    following += 1;
    return () => {
      following -= 1;
      leave();
    };
  };
  web = await startWeb({ storeUrl: 'http://127.0.0.1:9', live: sink, limits: { queuedBytes: 500_000, dropSeconds: 60, readsPerMinute: 100_000 } });
});

afterAll(async () => {
  await web.stop();
  await sink.stop();
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A client that remembers its place, and can go away and come back. */
class Client {
  readonly subjects: string[] = [];
  readonly markers: string[] = [];
  place: string | undefined;
  #close: () => void = () => undefined;

  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { host: `127.0.0.1:${web.port}`, ...(this.place === undefined ? {} : { 'last-event-id': this.place }) };
      const outgoing = request({ host: '127.0.0.1', port: web.port, path: '/api/v1/events', headers, agent: false }, (incoming) => {
        let held: string[] = [];
        incoming.setEncoding('latin1');
        incoming.on('error', () => undefined);
        incoming.on('data', (part: string) => {
          held.push(part);
          // A hundred of these share the test's thread: what is not whole is not looked at.
          if (!part.includes('\n\n') && !part.startsWith('\n')) return;
          const messages = held.join('').split('\n\n');
          held = [messages.pop()!];
          for (const message of messages) if (this.#take(message) === 'live') resolve();
        });
      });
      outgoing.on('error', (error) => { if (!outgoing.destroyed) reject(error); });
      outgoing.end();
      this.#close = () => { outgoing.destroy(); };
    });
  }

  leave(): void {
    this.#close();
  }

  #take(message: string): string {
    const kind = /^event: (.*)$/m.exec(message)?.[1] ?? '';
    this.place = /^id: (.*)$/m.exec(message)?.[1] ?? this.place;
    if (kind === 'changes') this.subjects.push(...subjectsIn(message));
    else if (kind !== '') this.markers.push(kind);
    return kind;
  }
}

/** As JSON.parse would find them, without reading what lies between. */
function subjectsIn(message: string): string[] {
  const subjects: string[] = [];
  for (let at = message.indexOf(SUBJECT); at !== -1; at = message.indexOf(SUBJECT, at)) {
    at += SUBJECT.length;
    subjects.push(message.slice(at, message.indexOf('"', at)));
  }
  return subjects;
}

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 50 });

describe('a hundred clients', () => {
  const clients = Array.from({ length: CLIENTS }, () => new Client());
  const told: string[] = [];
  let turn = 0;
  const tell = async (events = 1, padding = 0): Promise<void> => {
    const partition = turn++ % PARTITIONS;
    const subjects = Array.from({ length: events }, (_, index) => `${partition}/${told.length + index}`);
    told.push(...subjects.map((subject) => `tap ${subject}`));
    await append(partition, subjects, padding);
  };
  const allHave = async (some: readonly Client[]): Promise<void> => {
    await eventually(() => Math.min(...some.map((client) => client.subjects.length))).toBe(told.length);
  };

  beforeAll(() => Promise.all(clients.map((client) => client.connect())));
  afterAll(() => { for (const client of clients) client.leave(); });

  it('get every event once, in the order of its partition, also those that leave and come back amid them', async () => {
    const begun = performance.now();
    for (let i = 0; i < 200; i++) {
      await tell();
      if (i % 7 === 0) clients[i % 10]!.leave();
      if (i % 7 === 3) await comeBack(clients.slice(0, 10));
    }
    await comeBack(clients.slice(0, 10));
    await allHave(clients);
    console.log(`${CLIENTS} clients, ${told.length} records: ${Math.round(performance.now() - begun)} ms`);
    for (const client of clients) {
      expect(new Set(client.subjects).size).toBe(told.length);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const of = (list: readonly string[]) => list.filter((subject) => subject.startsWith(`tap ${partition}/`));
        expect(of(client.subjects)).toEqual(of(told));
      }
      expect(client.markers.filter((marker) => !['snapshot', 'live'].includes(marker))).toEqual([]);
    }
  });

  it('feel nothing of a slow one, which is dropped with a marker', async () => {
    const slow = connect(web.port, '127.0.0.1');
    slow.pause();
    slow.write(`GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${web.port}\r\n\r\n`);
    await eventually(() => following).toBe(CLIENTS + 1);
    // All run in this one process: who reads gets the time to; who does not fills its socket, then its queue.
    for (let i = 0; i < 25 && following > CLIENTS; i++) {
      await tell(BATCH, 20_000);
      await allHave(clients);
    }
    expect(following).toBe(CLIENTS);
    await tell();
    await allHave(clients);
    for (const client of clients) expect(client.markers).not.toContain('dropped');
    let text = '';
    slow.setEncoding('utf8');
    slow.on('data', (part: string) => { text = (text + part).slice(-1000); });
    slow.resume();
    await eventually(() => text).toMatch(/event: dropped\ndata: \{"missed":\d+\}/);
    slow.destroy();
  });

  it('that comes back to another process reads what it missed from the log', async () => {
    const client = new Client();
    await client.connect();
    client.leave();
    await append(0, ['meanwhile']);
    await append(1, ['meanwhile as well']);
    const later = new LiveSink(log, PARTITIONS);
    await later.start();
    const other = await startWeb({ storeUrl: 'http://127.0.0.1:9', live: later });
    [web, sink] = await swap(other, later);
    await client.connect();
    expect(client.subjects.toSorted()).toEqual(['tap meanwhile', 'tap meanwhile as well']);
    client.leave();
  });
});

async function comeBack(clients: readonly Client[]): Promise<void> {
  for (const client of clients) client.leave();
  await Promise.all(clients.map((client) => client.connect()));
}

/** The new server in place of the one before it. */
async function swap(other: Web, later: LiveSink): Promise<[Web, LiveSink]> {
  await web.stop();
  await sink.stop();
  return [other, later];
}
