/** The graph of each IGP as the rows of topology_changes have told so far: who is left when a link is gone. */
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { type Memory, text } from './rule.ts';
import { scopeOf } from './views.ts';

/** A router's own side of its links: of each neighbour the rows that say so (level, area, parallel link). */
interface Node {
  readonly name: string;
  readonly links: Readonly<Record<string, readonly string[]>>;
}

const nobody: Node = { name: '', links: {} };

export class Graph {
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** Takes a row of topology_changes. */
  take(row: Row): void {
    if (row['object_type'] !== 'link' || row['field'] !== 'exists' || row['change'] === 'changed') return;
    const key = `${scopeOf(row)}\n${text(row, 'router')}`;
    const node = this.memory.get(key) as Node | undefined ?? nobody;
    const neighbor = text(row, 'neighbor');
    const link = `${text(row, 'level')} ${text(row, 'area')} ${text(row, 'object_key')}`;
    const others = (node.links[neighbor] ?? []).filter((one) => one !== link);
    const { [neighbor]: _before, ...rest } = node.links;
    const now = row['change'] === 'removed' ? others : [...others, link];
    const links = now.length === 0 ? rest : { ...rest, [neighbor]: now };
    this.memory.set(key, Object.keys(links).length === 0 ? undefined : { name: text(row, 'router_name') === '' ? node.name : text(row, 'router_name'), links });
  }

  /** Neighbours that the router has a link with, and they with it. */
  neighbors(scope: string, router: string): string[] {
    return Object.keys(this.node(scope, router).links).filter((neighbor) => this.node(scope, neighbor).links[router] !== undefined);
  }

  /** Name that its rows gave the router; empty: none. */
  nameOf(scope: string, router: string): string {
    return this.node(scope, router).name;
  }

  /**
   * Where no path is left between two routers: all routers that one of them still reaches, itself too, of the side with
   * fewer of them; undefined where there is a path. Both sides are searched in turns, so it costs as much as the smaller.
   */
  cutOff(scope: string, a: string, b: string): string[] | undefined {
    const sides = [a, b].toSorted().map((router) => ({ seen: new Set([router]), queue: [router] })) as [Side, Side];
    for (;;) {
      const [side, other] = sides[0].seen.size <= sides[1].seen.size ? sides : [sides[1], sides[0]];
      const router = side.queue.pop();
      if (router === undefined) return [...side.seen].toSorted();
      for (const neighbor of this.neighbors(scope, router)) {
        if (other.seen.has(neighbor)) return undefined;
        if (side.seen.has(neighbor)) continue;
        side.seen.add(neighbor);
        side.queue.push(neighbor);
      }
    }
  }

  private node(scope: string, router: string): Node {
    return this.memory.get(`${scope}\n${router}`) as Node | undefined ?? nobody;
  }
}

interface Side {
  readonly seen: Set<string>;
  readonly queue: string[];
}
