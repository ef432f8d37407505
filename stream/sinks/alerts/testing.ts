/** For tests: what the engine makes of the captures of a lab, and of rows. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCaptures } from '../../../infra/lab/decode.ts';
import { AlertEngine, type EngineOptions, type Transition } from './engine.ts';
import { inOrder, inputsOf } from './inputs.ts';
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

/** What the captures give these tables, in the order in which it was decided. */
export async function inputsOfCaptures(files: readonly string[], tables: ReadonlySet<string>): Promise<Input[]> {
  const inputs: Input[] = [];
  await decodeCaptures(files, {}, ({ blocks, contexts, taps }) => {
    const sections = blocks.map(({ table, layout, rows, bytes }) => ({ table, layout, rows, bytes: bytes.length }));
    inputs.push(...inputsOf({ header: { sections, contexts, taps: taps.map(({ code, name, collector }) => ({ code, tap: name, collector })) }, rows: blocks.map(({ bytes }) => bytes) }, tables));
  });
  return inOrder(inputs);
}

/** What is decided by captures, up to their end and a second beyond. */
export async function alertsOf(files: readonly string[], engine = testEngine()): Promise<Transition[]> {
  const inputs = await inputsOfCaptures(files, engine.tables);
  engine.take(0, inputs);
  engine.advance(0, (inputs.at(-1)!.row['decided_time'] as bigint) + 1_000_000_000n);
  return engine.takeTransitions();
}

/** The same of a shipped lab's captures whose names match. */
export function alertsOfLab(lab: string, name?: RegExp, engine?: AlertEngine): Promise<Transition[]> {
  return alertsOf(capturesOf(lab, name), engine);
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
