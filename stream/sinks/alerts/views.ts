/** What each router believes of each IGP neighbour, as the rows have told so far: whose loss is whose. */
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { text, time } from './rule.ts';

/** One directed view. */
export interface View {
  readonly router: string;
  readonly routerName: string;
  readonly neighbor: string;
  readonly neighborName: string;
  /** `<domain>/<network instance>/<protocol>`: routers of equal ids in two of them are two routers. */
  readonly scope: string;
  readonly link: string;
  readonly state: string;
  /** Since when it is in that state, ns. */
  readonly since: bigint;
}

/** States in which an adjacency is of use; 2-way is where two DROthers rest. */
const healthy = new Set(['up', 'full', '2-way']);

export function isHealthy(state: string): boolean {
  return healthy.has(state);
}

/** `<domain>/<network instance>/<protocol>` of a row. */
export function scopeOf(row: Row): string {
  return `${text(row, 'domain')}/${text(row, 'network_instance')}/${text(row, 'protocol')}`;
}

/** Key of the view that a row of adjacency_events is of. */
export function viewKey(row: Row): string {
  const address = row['protocol'] === 'isis' ? text(row, 'neighbor_snpa') : text(row, 'neighbor_address');
  return [scopeOf(row), text(row, 'link'), text(row, 'level'), text(row, 'area'), text(row, 'router'), text(row, 'neighbor'), address].join('\n');
}

export class Views {
  private readonly views = new Map<string, View>();
  /** Keys of the views that a router has, and of those that others have of it, by scope and router. */
  private readonly own = new Map<string, Set<string>>();
  private readonly others = new Map<string, Set<string>>();
  /** Keys of views that were changed since they were last saved. */
  private readonly changed = new Set<string>();

  /** Takes a row of adjacency_events; gives the view before it. */
  take(row: Row): View | undefined {
    const key = viewKey(row);
    const before = this.views.get(key);
    if (row['reason'] === 'evicted') this.remove(key);
    else {
      this.put(key, {
        router: text(row, 'router'), routerName: text(row, 'router_name'), neighbor: text(row, 'neighbor'), neighborName: text(row, 'neighbor_name'),
        scope: scopeOf(row), link: text(row, 'link'), state: text(row, 'state'), since: time(row, 'time'),
      });
    }
    this.changed.add(key);
    return before;
  }

  put(key: string, view: View): void {
    this.views.set(key, view);
    for (const [index, router] of [[this.own, view.router], [this.others, view.neighbor]] as const) {
      const keys = index.get(`${view.scope}\n${router}`) ?? new Set();
      keys.add(key);
      index.set(`${view.scope}\n${router}`, keys);
    }
  }

  /** What the router believes of others. */
  of(scope: string, router: string): View[] {
    return this.list(this.own, scope, router);
  }

  /** What others believe of the router. */
  about(scope: string, router: string): View[] {
    return this.list(this.others, scope, router);
  }

  /** Changed views since the last call, by key; undefined: removed. */
  takeChanged(): Map<string, View | undefined> {
    const changed = new Map([...this.changed].map((key) => [key, this.views.get(key)]));
    this.changed.clear();
    return changed;
  }

  private remove(key: string): void {
    const view = this.views.get(key);
    if (view === undefined) return;
    this.views.delete(key);
    this.own.get(`${view.scope}\n${view.router}`)?.delete(key);
    this.others.get(`${view.scope}\n${view.neighbor}`)?.delete(key);
  }

  private list(index: ReadonlyMap<string, ReadonlySet<string>>, scope: string, router: string): View[] {
    return [...index.get(`${scope}\n${router}`) ?? []].map((key) => this.views.get(key)!);
  }
}
