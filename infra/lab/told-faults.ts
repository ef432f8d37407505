/** For tests of alerters on a real Kafka: faults put into the events log as a worker writes them, and a webhook that keeps who told what. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { DECIDED_BY_DEADLINE, writeRow } from '../../decoders-wasm/contract/row-writer.ts';
import { encodeEventsRecord, type EventsHeader, type Position } from '../../stream/contract/events-record.ts';
import { startPosition } from '../../stream/contract/events-reader.ts';
import { eventsTopic, type Log } from '../../stream/contract/log.ts';

/** Writes partition 0 of the events log in place of a worker. */
export class Faults {
  private readonly log: Log;
  private readonly owner = 'faults';
  private end: Position = startPosition;
  private count = 0;

  constructor(log: Log) {
    this.log = log;
  }

  async claim(): Promise<void> {
    await this.append({ kind: 'claim', begin: startPosition, end: startPosition, modules: {}, cut: cutNow() }, []);
  }

  /** A hold time has run out: another router loses its one neighbour. Gives the id of the router, which stands in the alert's subject. */
  async lose(agoMs = 0): Promise<string> {
    const number = ++this.count;
    const now = BigInt(Date.now() - agoMs) * 1_000_000n;
    const router = `0000.0000.${String(number).padStart(4, '0')}`;
    const bytes = writeRow('adjacency_events', { identity: new Uint8Array(16), kind: DECIDED_BY_DEADLINE, number: BigInt(number), key: router }, {
      context: 0, tap: 0, time: now, evidence: 'timer', protocol: 'isis', level: 2, router, neighbor: `0000.0001.${String(number).padStart(4, '0')}`,
      prev_state: 'up', state: 'down', reason: 'hold-timer-expired', hold_time: 9, neighbor_snpa: '02:00:00:00:00:01',
    });
    const table = tableOf('adjacency_events');
    const end = { offset: String(number), rows: 0 };
    await this.append({
      kind: 'rows', begin: this.end, end, cut: cutNow(), sections: [{ table: table.id, layout: table.layout, rows: 1, bytes: bytes.length }],
      contexts: [{ code: 0, key: 'igp/lab/0/isis', domain: 'lab', networkInstance: '', link: `link${number}` }], taps: [{ code: 0, tap: 'eth0', collector: 'c' }],
    }, [bytes]);
    this.end = end;
    return router;
  }

  private async append(given: Pick<EventsHeader, 'kind' | 'begin' | 'end'> & Partial<EventsHeader>, rows: readonly Uint8Array[]): Promise<void> {
    const header: EventsHeader = { owner: this.owner, partition: 0, sections: [], contexts: [], taps: [], decoderVersion: 'isis@1', ...given };
    await this.log.append(eventsTopic, 0, [encodeEventsRecord({ header, rows })]);
  }
}

function cutNow(): { readonly ingestTimeNs: string } {
  return { ingestTimeNs: String(BigInt(Date.now()) * 1_000_000n) };
}

/** One notice of a loss as it came. */
export interface Heard {
  readonly id: string;
  readonly subject: string;
  /** Last part of the address: who told it. */
  readonly by: string;
  readonly atMs: number;
}

/** A webhook for several alerters, each with an address of its own. */
export class Ear {
  readonly heard: Heard[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (piece: string) => { body += piece; }).on('end', () => {
        const { notices } = JSON.parse(body) as { notices: { id: string; rule: string; subject: string }[] };
        const by = (request.url ?? '').slice(1);
        this.heard.push(...notices.filter(({ rule }) => rule !== 'watchdog').map(({ id, subject }) => ({ id, subject, by, atMs: performance.now() })));
        response.writeHead(204).end();
      });
    });
  }

  static async open(): Promise<Ear> {
    const ear = new Ear();
    ear.server.listen(0, '127.0.0.1');
    await once(ear.server, 'listening');
    return ear;
  }

  /** Channel of the alerter of that name. */
  channel(by: string): unknown {
    return { kind: 'webhook', name: 'ear', url: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${by}` };
  }

  /** What was told of a router. */
  of(router: string): Heard[] {
    return this.heard.filter(({ subject }) => subject.includes(router));
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
