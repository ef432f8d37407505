/** Delivers what waits for each channel: in order, tried again until acknowledged; a channel that fails holds up no other. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertChannel } from '../../contract/alert.ts';
import type { AlertState } from './state.ts';

/** Notices that a channel gets at a time. */
const BATCH = 50;
/** Longest that a receiver may take, ms. */
const SEND_MS = 10_000;
/** Pause after a failure, ms: doubled with each further one. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** After so many failures in a row the circuit is open: one notice at a time is tried. */
const OPENS_AFTER = 5;
/** A channel that has nothing looks again after this, ms, unless it is woken. */
const LOOK_MS = 1000;

/** How a channel fares. */
export interface ChannelHealth {
  readonly channel: string;
  readonly waiting: number;
  readonly sent: number;
  readonly failures: number;
  /** Notices that were let go of unsent, because too many waited. */
  readonly dropped: number;
  readonly circuit: 'closed' | 'open';
  readonly lastError: string;
}

export interface OutboxOptions {
  readonly state: AlertState;
  readonly channels: readonly AlertChannel[];
  /** Asked before each send: false while another is the active one. */
  readonly mayTell: () => Promise<boolean>;
  readonly complain: (text: string) => void;
}

export class Outbox {
  private readonly lanes: readonly Lane[];
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(options: OutboxOptions) {
    this.lanes = options.channels.map((channel) => new Lane(channel, options, this.stopping.signal));
  }

  start(): void {
    this.running = Promise.all(this.lanes.map((lane) => lane.run()));
  }

  /** There is something new. */
  wake(): void {
    for (const lane of this.lanes) lane.wake();
  }

  health(): ChannelHealth[] {
    return this.lanes.map((lane) => lane.health());
  }

  /** Ends what is under way; what was not acknowledged waits for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
  }
}

class Lane {
  private readonly channel: AlertChannel;
  private readonly options: OutboxOptions;
  private readonly stopping: AbortSignal;
  private sent = 0;
  private failures = 0;
  private inARow = 0;
  private dropped = 0;
  private lastError = '';
  private rouse: () => void = () => undefined;

  constructor(channel: AlertChannel, options: OutboxOptions, stopping: AbortSignal) {
    this.channel = channel;
    this.options = options;
    this.stopping = stopping;
  }

  wake(): void {
    this.rouse();
  }

  health(): ChannelHealth {
    const { sent, failures, dropped, lastError } = this;
    return { channel: this.channel.name, waiting: this.options.state.countWaiting(this.channel.name), sent, failures, dropped, lastError, circuit: this.inARow >= OPENS_AFTER ? 'open' : 'closed' };
  }

  async run(): Promise<void> {
    while (!this.stopping.aborted) {
      const didSend = await this.sendSome();
      if (this.stopping.aborted) return;
      if (this.inARow > 0) await sleep(pauseMs(this.inARow), undefined, { signal: this.stopping }).catch(() => undefined);
      else if (!didSend) await this.rest();
    }
  }

  private async sendSome(): Promise<boolean> {
    const { state, mayTell } = this.options;
    const waiting = state.waiting(this.channel.name, this.inARow >= OPENS_AFTER ? 1 : BATCH);
    if (waiting.length === 0) return false;
    try {
      if (!await mayTell()) return false;
      await within(this.channel.send(waiting.map(({ notice }) => notice), AbortSignal.any([this.stopping, AbortSignal.timeout(SEND_MS)])), this.channel.name);
      state.delivered(waiting.map(({ seq }) => seq));
      this.sent += waiting.length;
      if (this.inARow >= OPENS_AFTER) this.options.complain(`alert channel ${this.channel.name} takes alerts again`);
      this.inARow = 0;
    } catch (error) {
      if (this.stopping.aborted) return false;
      this.failed(error);
    }
    return true;
  }

  private failed(error: unknown): void {
    this.failures += 1;
    this.inARow += 1;
    this.lastError = error instanceof Error ? error.message : String(error);
    if (this.inARow === 1 || this.inARow === OPENS_AFTER) this.options.complain(`alert channel ${this.channel.name}: ${this.lastError}; ${this.options.state.countWaiting(this.channel.name)} wait, tried again`);
    const gone = this.options.state.trim(this.channel.name);
    if (gone > 0) this.options.complain(`alert channel ${this.channel.name}: ${gone} alerts are dropped unsent, too many wait`);
    this.dropped += gone;
  }

  private async rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.rouse = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A channel that heeds no signal does not hold up its own queue for ever. */
async function within(sending: Promise<void>, name: string): Promise<void> {
  sending.catch(() => undefined);
  const late = sleep(SEND_MS + 1000, 'late' as const, { ref: false });
  if (await Promise.race([sending, late]) === 'late') throw new Error(`${name} has not answered for ${(SEND_MS + 1000) / 1000} s`);
}

function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
}
