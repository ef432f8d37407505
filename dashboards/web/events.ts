/** The live stream: server-sent events with a snapshot, then changes; who comes back goes on where it was; slow clients are dropped with a marker. */
import { once } from 'node:events';
import type { Response } from 'express';
import type { LiveFeed, LivePosition, ToldRecord } from '../../stream/contract/live.ts';
import type { WebLimits } from './config.ts';
import { formatPlace, parsePlace } from './event-place.ts';
import { Problem } from './problem.ts';

const RETRY_MS = 2000;
const FLUSH_MS = 80;
const HEARTBEAT_MS = 15_000;
/** How long a client that catches up may take to read anything. */
const DRAIN_PATIENCE_MS = 60_000;
/** Clients that may be given what they missed at the same time: the others wait. */
const CATCHING_UP = 4;

/** The state that a stream may begin with: where it stands, and what is told of it, a message each. */
export interface StateSnapshot {
  readonly from: LivePosition;
  readonly parts: readonly unknown[];
}

/** How a stream begins. */
export interface Beginning {
  /** `Last-Event-ID`. */
  readonly seen: string | undefined;
  /** Reads the state; without it a new client gets the newest events. */
  readonly state?: () => Promise<StateSnapshot>;
}

/** All clients that follow the feed. */
export class EventStreams {
  readonly #live: LiveFeed;
  readonly #limits: WebLimits;
  readonly #streams = new Set<Stream>();
  #catchingUp = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(live: LiveFeed, limits: WebLimits) {
    this.#live = live;
    this.#limits = limits;
  }

  get live(): LiveFeed {
    return this.#live;
  }

  /** Begins a stream; throws a 503 problem when too many clients follow already. */
  async open(response: Response, beginning: Beginning): Promise<void> {
    if (this.#streams.size >= this.#limits.streams) {
      throw new Problem(503, 'Too many pages follow', `${this.#limits.streams} pages follow already. Close one and try again`);
    }
    const stream = new Stream(response, this.#live, this.#limits, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    try {
      await stream.begin(beginning, (work) => this.#inTurn(work));
    } catch (error) {
      this.#streams.delete(stream);
      stream.release();
      throw error;
    }
  }

  /** Ends all streams; the clients come back when there is a server again. */
  close(): void {
    for (const stream of this.#streams) stream.end();
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Few read the log at once. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    while (this.#catchingUp >= CATCHING_UP) await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    this.#catchingUp += 1;
    try {
      await work();
    } finally {
      this.#catchingUp -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** The events of a record as JSON without the brackets: made once for all clients. */
const texts = new WeakMap<ToldRecord, string>();

function textOf(told: ToldRecord): string {
  let text = texts.get(told);
  if (text === undefined) {
    text = JSON.stringify(told.events).slice(1, -1);
    texts.set(told, text);
  }
  return text;
}

/** One client: records queue here while its socket is full, up to a bound. */
class Stream {
  readonly #response: Response;
  readonly #live: LiveFeed;
  readonly #limits: WebLimits;
  #heartbeat: NodeJS.Timeout | undefined;
  #flush: NodeJS.Timeout | undefined;
  #queue: ToldRecord[] = [];
  #queued = { events: 0, bytes: 0 };
  #place: bigint[] = [];
  #unsubscribe: () => void = () => undefined;
  readonly #gone = new AbortController();

  constructor(response: Response, live: LiveFeed, limits: WebLimits, onEnd: () => void) {
    this.#response = response;
    this.#live = live;
    this.#limits = limits;
    response.on('drain', () => this.#send());
    response.on('error', () => this.release());
    response.once('close', () => {
      this.release();
      onEnd();
    });
  }

  /** What the client missed, the state, or the newest events; then what comes. Nothing is left out between the two. */
  async begin({ seen, state }: Beginning, inTurn: (work: () => Promise<void>) => Promise<void>): Promise<void> {
    const last = seen === undefined ? undefined : parsePlace(seen, this.#live);
    const snapshot = last === undefined ? await state?.() : undefined;
    if (this.#gone.signal.aborted) return;
    this.#open();
    if (seen !== undefined && last === undefined) this.#write('reset', undefined, { reason: 'Last-Event-ID is of no place in this log' });
    if (last !== undefined) this.#place = [...last];
    else if (snapshot !== undefined) {
      this.#place = [...snapshot.from];
      for (const part of snapshot.parts) this.#write('state', formatPlace(this.#live, this.#place), part);
    } else {
      this.#place = [...this.#live.position()];
      this.#write('snapshot', formatPlace(this.#live, this.#place), this.#live.recent(this.#limits.snapshotEvents));
    }
    while (!this.#gone.signal.aborted) {
      const now = this.#live.position();
      // Looked at and followed in one turn: no record can come between.
      if (this.#isAt(now)) return this.#follow();
      await inTurn(() => this.#catchUp(now));
    }
  }

  end(): void {
    this.release();
    this.#response.end();
  }

  #open(): void {
    this.#response.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    this.#response.flushHeaders();
    this.#response.write(`retry: ${RETRY_MS}\n\n`);
    this.#heartbeat = setInterval(() => {
      if (!this.#response.writableNeedDrain) this.#response.write(': still here\n\n');
    }, HEARTBEAT_MS);
  }

  #isAt(position: LivePosition): boolean {
    return position.every((next, partition) => (this.#place[partition] ?? 0n) >= next);
  }

  /** At the client's own pace; what comes meanwhile waits in the log, not in memory. */
  async #catchUp(until: LivePosition): Promise<void> {
    for await (const told of this.#live.told([...this.#place], until)) {
      if (this.#gone.signal.aborted) return;
      this.#writeChanges([told]);
      if (this.#response.writableNeedDrain) await once(this.#response, 'drain', { signal: AbortSignal.any([this.#gone.signal, AbortSignal.timeout(DRAIN_PATIENCE_MS)]) });
    }
    this.#place = until.map((next, partition) => (next > (this.#place[partition] ?? 0n) ? next : this.#place[partition]!));
  }

  #follow(): void {
    this.#unsubscribe = this.#live.subscribeRecords((told) => this.#take(told));
    this.#write('live', formatPlace(this.#live, this.#place), {});
  }

  #take(told: ToldRecord): void {
    this.#queue.push(told);
    this.#queued.events += told.events.length;
    this.#queued.bytes += textOf(told).length;
    if (this.#queued.events > this.#limits.queuedEvents || this.#queued.bytes > this.#limits.queuedBytes) this.#drop();
    else this.#flush ??= setTimeout(() => this.#send(), FLUSH_MS);
  }

  #send(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    if (this.#gone.signal.aborted || this.#queue.length === 0 || this.#response.writableNeedDrain) return;
    const queue = this.#queue;
    this.#queue = [];
    this.#queued = { events: 0, bytes: 0 };
    this.#writeChanges(queue);
  }

  /** What the socket already holds is followed by the marker; then the client has to come back. */
  #drop(): void {
    const missed = this.#queued.events;
    this.release();
    this.#response.end(`event: dropped\ndata: ${JSON.stringify({ missed })}\n\n`);
    setTimeout(() => this.#response.destroy(), this.#limits.dropSeconds * 1000).unref();
  }

  #writeChanges(records: readonly ToldRecord[]): void {
    for (const { partition, next, lostFrom } of records) {
      this.#place[partition] = next;
      if (lostFrom !== undefined) this.#write('lost', formatPlace(this.#live, this.#place), { partition, from: lostFrom.toString(), next: next.toString() });
    }
    const events = records.filter(({ events: list }) => list.length > 0).map(textOf);
    if (events.length > 0) this.#writeText('changes', formatPlace(this.#live, this.#place), `[${events.join(',')}]`);
  }

  #write(kind: string, id: string | undefined, data: unknown): void {
    this.#writeText(kind, id, JSON.stringify(data));
  }

  #writeText(kind: string, id: string | undefined, data: string): void {
    this.#response.write(`event: ${kind}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
  }

  /** Lets go of everything but the connection. */
  release(): void {
    this.#gone.abort();
    this.#queue = [];
    clearTimeout(this.#flush);
    clearInterval(this.#heartbeat);
    this.#unsubscribe();
    this.#unsubscribe = () => undefined;
  }
}
