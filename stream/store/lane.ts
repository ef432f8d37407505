/** A lane lets a fixed number of tasks run at once and a bounded number wait. */
import { StoreError } from './errors.ts';

/** Counts of one lane, for tests and metrics. */
export interface LaneState {
  running: number;
  waiting: number;
}

export class Lane {
  readonly #width: number;
  readonly #depth: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** `width` tasks run, `depth` wait; the next is refused. */
  constructor(width: number, depth: number) {
    this.#width = width;
    this.#depth = depth;
  }

  get state(): LaneState {
    return { running: this.#running, waiting: this.#waiting.length };
  }

  /** Runs the task when its turn comes; throws `TOO_MANY_SIMULTANEOUS_QUERIES` if the queue is full. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#width) {
      if (this.#waiting.length >= this.#depth) {
        throw StoreError.of(202, `Too many simultaneous queries: ${this.#running} run and `
          + `${this.#waiting.length} wait. Try again later`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
