/** The live stream to pages: server-sent events with a snapshot, then changes; slow pages are dropped with a marker. */
import type { Request, Response } from 'express';
import type { LiveEvent, LiveFeed } from '../../stream/contract/live.ts';
import type { WebLimits } from './config.ts';
import { Problem } from './problem.ts';

const RETRY_MS = 2000;
const FLUSH_MS = 80;
const HEARTBEAT_MS = 15_000;
/** How long a dropped page may take to read what was sent before its connection is cut. */
const DROP_PATIENCE_MS = 5000;

/** All pages that follow the feed. */
export class EventStreams {
  readonly #live: LiveFeed;
  readonly #limits: WebLimits;
  readonly #streams = new Set<Stream>();

  constructor(live: LiveFeed, limits: WebLimits) {
    this.#live = live;
    this.#limits = limits;
  }

  /** Answers GET /api/events; throws a 503 problem when too many pages follow already. */
  open(request: Request, response: Response): void {
    if (this.#streams.size >= this.#limits.streams) {
      throw new Problem(503, 'Too many pages follow', `${this.#limits.streams} pages follow already. Close one and try again`);
    }
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    const stream = new Stream(response, this.#limits.queuedEvents, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    const seen = request.get('last-event-id');
    stream.begin(this.#live.recent(this.#limits.snapshotEvents), seen);
    stream.follow(this.#live);
  }

  /** Ends all streams; the pages come back when there is a server again. */
  close(): void {
    for (const stream of this.#streams) stream.end();
  }

  get size(): number {
    return this.#streams.size;
  }
}

/** One page: events queue here while its socket is full, up to a bound. */
class Stream {
  readonly #response: Response;
  readonly #bound: number;
  readonly #heartbeat: NodeJS.Timeout;
  #flush: NodeJS.Timeout | undefined;
  #queue: LiveEvent[] = [];
  #unsubscribe: () => void = () => undefined;
  #ended = false;

  constructor(response: Response, bound: number, onEnd: () => void) {
    this.#response = response;
    this.#bound = bound;
    this.#heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': still here\n\n');
    }, HEARTBEAT_MS);
    response.on('drain', () => this.#send());
    response.on('error', () => this.#release());
    response.once('close', () => {
      this.#release();
      onEnd();
    });
  }

  /** A page that comes back gets what it missed if that is still known, any other the newest events. */
  begin(recent: readonly LiveEvent[], seen: string | undefined): void {
    this.#response.write(`retry: ${RETRY_MS}\n\n`);
    const known = seen === undefined ? -1 : recent.findLastIndex((event) => event.id === seen);
    if (known >= 0) this.#write('changes', recent.slice(known + 1));
    else this.#write('snapshot', recent);
  }

  follow(live: LiveFeed): void {
    this.#unsubscribe = live.subscribe((event) => this.#take(event));
  }

  end(): void {
    this.#release();
    this.#response.end();
  }

  #take(event: LiveEvent): void {
    if (this.#ended) return;
    this.#queue.push(event);
    if (this.#queue.length > this.#bound) this.#drop();
    else this.#flush ??= setTimeout(() => this.#send(), FLUSH_MS);
  }

  #send(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    if (this.#ended || this.#queue.length === 0 || this.#response.writableNeedDrain) return;
    const events = this.#queue;
    this.#queue = [];
    this.#write('changes', events);
  }

  /** What the socket already holds is followed by the marker; then the page has to come back. */
  #drop(): void {
    const missed = this.#queue.length;
    this.#release();
    this.#response.end(`event: dropped\ndata: ${JSON.stringify({ missed })}\n\n`);
    setTimeout(() => this.#response.destroy(), DROP_PATIENCE_MS).unref();
  }

  #write(kind: 'snapshot' | 'changes', events: readonly LiveEvent[]): void {
    const last = events.at(-1);
    const id = last === undefined ? '' : `id: ${last.id.replaceAll(/[^\w-]/g, '')}\n`;
    this.#response.write(`event: ${kind}\n${id}data: ${JSON.stringify(events)}\n\n`);
  }

  #release(): void {
    this.#ended = true;
    this.#queue = [];
    clearTimeout(this.#flush);
    clearInterval(this.#heartbeat);
    this.#unsubscribe();
    this.#unsubscribe = () => undefined;
  }
}
