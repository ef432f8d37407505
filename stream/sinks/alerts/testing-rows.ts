/** For tests: rows as decoders write them, with what rules ask for; times in seconds. */
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import type { AlertEngine } from './engine.ts';
import { told } from './testing.ts';

export const S = 1_000_000_000n;
let number = 0;

/** A row with the columns that all tables have; `at` in seconds. */
export function row(at: number, values: Record<string, unknown>): Row {
  number += 1;
  return {
    event_id: String(number), time: BigInt(at) * S, decided_time: BigInt(at) * S, ordinal: 0, domain: 'd', network_instance: 'default', link: 'l', tap: 't', collector: 'c', evidence: 'received', initial: false,
    level: 0, area: '', reason: '', detail: '', router_name: '', neighbor_name: '', neighbor_address: '', local_address: '', neighbor_snpa: '', ...values,
  } as Row;
}

/** `change` is `full down`: state before and after. */
export function adjacency(at: number, [router, neighbor]: readonly [string, string], change: string, more: Record<string, unknown> = {}): Row {
  const [from, to] = change.split(' ');
  return row(at, { protocol: 'ospfv2', router, neighbor, prev_state: from, state: to, ...more });
}

/** One end's row of a BGP session. */
export function session(at: number, [router, peer]: readonly [string, string], change: string, more: Record<string, unknown> = {}): Row {
  const [from, to] = change.split(' ');
  return row(at, { router, peer, router_as: 1, peer_as: 2, code: 0, subcode: 0, shutdown_text: '', router_id: '', peer_id: '', prev_state: from, state: to, reason: 'tcp-rst', ...more });
}

/** Takes the rows of a table; who is told of what by that. */
export function feed(engine: AlertEngine, table: string, rows: readonly Row[], partition = 0): string[] {
  engine.take(partition, rows.map((one) => ({ table, row: one })));
  return told(engine.takeTransitions());
}

/** The clock comes to that second; who is told of what by that. */
export function later(engine: AlertEngine, at: number, partition = 0): string[] {
  engine.advance(partition, BigInt(at) * S);
  return told(engine.takeTransitions());
}
