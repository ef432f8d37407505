/** Reads lists again when they changed: soon, not too often, and only while somebody looks. */

const SOON_MS = 1200;
const LATER_MS = 4000;
const REGULARLY_MS = 20_000;
const LONGEST_REST_MS = 3000;

/** One timer for all lists; each is named as the table whose events change it. */
export class Refresher {
  /** @type {Map<string, number>} */
  #due = new Map();
  #busy = false;
  /** No reading before this time: a store under load gets rest in proportion to how long it took, up to a bound. */
  #rested = 0;
  #stopped = false;

  /**
   * @param {Record<string, () => Promise<void>>} lists
   * @param {() => void} after called after each that was read: none waits for the slowest
   */
  constructor(lists, after) {
    this.lists = lists;
    this.after = after;
  }

  /** Reads all lists now, and goes on. */
  start() {
    this.all();
    setInterval(() => void this.#work(), 250);
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.all();
    });
  }

  /** Reads nothing any more. */
  stop() {
    this.#stopped = true;
  }

  /** All lists are due. */
  all() {
    for (const name of Object.keys(this.lists)) this.#due.set(name, 0);
    void this.#work();
  }

  /**
   * Something of this table changed: its list is due soon, and once more for what the store gets late.
   * @param {string} name
   */
  changed(name) {
    if (!(name in this.lists)) return;
    const soon = performance.now() + SOON_MS;
    this.#due.set(name, Math.min(this.#due.get(name) ?? soon, soon));
    this.#due.set(`${name} `, performance.now() + LATER_MS);
  }

  async #work() {
    if (this.#busy || this.#stopped || document.hidden) return;
    const now = performance.now();
    const names = [...this.#due].filter(([, at]) => at <= now).map(([name]) => name);
    if (names.length === 0 || now < this.#rested) return;
    this.#busy = true;
    const lists = new Set(names.map((name) => name.trim()));
    for (const name of names) this.#due.delete(name);
    for (const name of lists) this.#due.set(name, Math.min(this.#due.get(name) ?? Infinity, now + REGULARLY_MS));
    await Promise.allSettled([...lists].map(async (name) => {
      await this.lists[name]?.();
      this.after();
    }));
    const end = performance.now();
    this.#rested = end + Math.min(2 * (end - now), LONGEST_REST_MS);
    this.#busy = false;
    this.after();
  }
}
