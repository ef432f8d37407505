/** The open alerts: by name, by the places that they are about, and by when they are due. A fleet may lose thousands at once. */
import type { Alert } from './alert.ts';

interface Due {
  readonly at: bigint;
  readonly name: string;
}

export class OpenAlerts {
  private readonly byName = new Map<string, Alert>();
  private readonly byPlace = new Map<string, Set<Alert>>();
  /** By partition, earliest first. */
  private readonly dues = new Map<number, Due[]>();
  /** By name, as they stand in `dues`. */
  private readonly noted = new Map<string, { readonly partition: number; readonly at: bigint }>();
  private readonly placesOf: (alert: Alert) => readonly string[];

  /** `placesOf` gives what an alert can be found by, the same for all its life. */
  constructor(placesOf: (alert: Alert) => readonly string[]) {
    this.placesOf = placesOf;
  }

  get(name: string): Alert | undefined {
    return this.byName.get(name);
  }

  values(): Iterable<Alert> {
    return this.byName.values();
  }

  /** Those about a place, the longest open first. */
  at(place: string): Iterable<Alert> {
    return this.byPlace.get(place) ?? [];
  }

  /** Takes it in, in place of one of its name. */
  put(alert: Alert): void {
    this.delete(nameOf(alert));
    this.byName.set(nameOf(alert), alert);
    for (const place of this.placesOf(alert)) {
      const there = this.byPlace.get(place);
      if (there === undefined) this.byPlace.set(place, new Set([alert]));
      else there.add(alert);
    }
    this.noteDue(alert);
  }

  delete(name: string): void {
    const alert = this.byName.get(name);
    if (alert === undefined) return;
    this.byName.delete(name);
    this.forgetDue(name);
    for (const place of this.placesOf(alert)) {
      const there = this.byPlace.get(place)!;
      there.delete(alert);
      if (there.size === 0) this.byPlace.delete(place);
    }
  }

  /** Its due time may have changed. */
  noteDue(alert: Alert): void {
    const { partition, due: at } = alert;
    const name = nameOf(alert);
    if (this.noted.get(name)?.at === at) return;
    this.forgetDue(name);
    if (at === undefined) return;
    const list = this.dues.get(partition) ?? [];
    this.dues.set(partition, list);
    list.splice(indexOf(list, { at, name }), 0, { at, name });
    this.noted.set(name, { partition, at });
  }

  /** The alert of a partition that is due first; of several at one time by name. */
  firstDue(partition: number): Alert | undefined {
    const [first] = this.dues.get(partition) ?? [];
    return first === undefined ? undefined : this.byName.get(first.name);
  }

  private forgetDue(name: string): void {
    const known = this.noted.get(name);
    if (known === undefined) return;
    this.noted.delete(name);
    const list = this.dues.get(known.partition)!;
    list.splice(indexOf(list, { at: known.at, name }), 1);
  }
}

/** Key of an alert among the open ones: of one rule and subject there is one at most. */
export function nameOf({ rule, key }: Pick<Alert, 'rule' | 'key'>): string {
  return `${rule}\n${key}`;
}

/** Where it stands in the list, or belongs. */
function indexOf(list: readonly Due[], due: Due): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(list[middle]!, due)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.name < b.name);
}
