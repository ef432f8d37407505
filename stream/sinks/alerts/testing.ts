/** For tests: what the engine makes of the captures of a lab, and of rows. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeToRows } from '../../../infra/lab/decode.ts';
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { AlertEngine, type EngineOptions, type Transition } from './engine.ts';
import type { Input, Rule } from './rule.ts';
import { rules as allRules } from './rules/index.ts';

const captures = join(import.meta.dirname, '..', '..', '..', 'infra', 'lab', 'captures');

/** Capture files of a shipped lab whose names match. */
export function capturesOf(lab: string, name = /\.pcap\.gz$/): string[] {
  return readdirSync(join(captures, lab)).filter((file) => name.test(file)).toSorted().map((file) => join(captures, lab, file));
}

export function testEngine(rules: readonly Rule[] = allRules, more: Partial<EngineOptions> = {}): AlertEngine {
  return new AlertEngine({ ...more, rules, isSilenced: () => false, isOld: () => false, links: () => ({ page: '', query: '', runbook: '' }) });
}

/** Rows of these tables, in the order in which they were decided. */
export function inputsOfRows(rows: ReadonlyMap<string, readonly Row[]>, tables: ReadonlySet<string>): Input[] {
  const inputs = [...rows].filter(([table]) => tables.has(table)).flatMap(([table, list]) => list.map((row) => ({ table, row })));
  const decided = ({ row }: Input): bigint => row['decided_time'] as bigint;
  return inputs.toSorted((a, b) => (decided(a) < decided(b) ? -1 : decided(a) > decided(b) ? 1 : Number(a.row['ordinal']) - Number(b.row['ordinal'])));
}

/** What is decided by the rows of a lab's captures, up to their end and a second beyond. */
export async function alertsOfLab(lab: string, name?: RegExp, engine = testEngine()): Promise<Transition[]> {
  const { rows } = await decodeToRows(capturesOf(lab, name));
  const inputs = inputsOfRows(rows, engine.tables);
  engine.take(0, inputs);
  engine.advance(0, (inputs.at(-1)!.row['decided_time'] as bigint) + 1_000_000_000n);
  return engine.takeTransitions();
}

/** `firing adjacency-lost r1 -> r2 (reason)` of those that somebody is told of. */
export function told(transitions: readonly Transition[]): string[] {
  return transitions.filter(({ untold }) => untold === '').map(({ notice }) => {
    const ends = [notice.labels['router'], notice.labels['neighbor']].filter((end) => end !== undefined).join(' -> ');
    return `${notice.state} ${notice.rule} ${ends} (${notice.reason})`.replace('  ', ' ');
  });
}

/** Seconds since 1970. */
export function secondsOf(ns: bigint): number {
  return Number(ns / 1000n) / 1e6;
}
