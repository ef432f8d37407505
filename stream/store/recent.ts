/** Remembers results for the texts asked last, so that a page that polls is checked once. */

/** A bounded memory from text to result; the entry unused for longest goes first. */
export class Recent<T> {
  readonly #entries = new Map<string, T>();
  readonly #capacity: number;
  readonly #longest: number;

  /** Keeps `capacity` entries with keys of up to `longest` characters. */
  constructor(capacity: number, longest: number) {
    this.#capacity = capacity;
    this.#longest = longest;
  }

  /** The remembered result, or that of `make`, which is kept unless it throws. */
  async get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    const value = known ?? await make();
    if (key.length > this.#longest) return value;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#capacity && oldest !== undefined) this.#entries.delete(oldest);
    return value;
  }
}
