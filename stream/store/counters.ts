/** Counts what goes through the front, in the Prometheus text format. */

/** Counters by name and label; each name is `routewatch_store_<noun>_<unit>_total`. */
export class Counters {
  readonly #values = new Map<string, number>();

  /** Adds to one counter; `label` is one `name="value"` pair or ''. */
  add(name: CounterName, amount: number, label = ''): void {
    const key = label === '' ? name : `${name}{${label}}`;
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  /** All counters that have moved, one a line. */
  text(): string {
    return [...this.#values].map(([key, value]) => `${key} ${value}\n`).join('');
  }
}

type CounterName =
  | 'routewatch_store_queries_total'
  | 'routewatch_store_inserts_total'
  | 'routewatch_store_inserted_rows_total'
  | 'routewatch_store_inserted_bytes_total'
  | 'routewatch_store_errors_total'
  | 'routewatch_store_foreign_requests_total';
