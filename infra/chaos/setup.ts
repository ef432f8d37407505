/** What all parts of one system under chaos read from its directory: which log, which settings, which decoders, which collectors. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RegisteredModule, registry } from '../../decoders-wasm/contract/host.ts';
import type { WorkerSettings } from '../../stream/worker/index.ts';

/** What every part is told. */
export interface Setup {
  /** Name of the log in logs.ts. */
  readonly log: string;
  readonly partitions: number;
  readonly worker: WorkerSettings;
  /** Capture files of each collector, where collectors feed the log. */
  readonly collectors: readonly (readonly string[])[];
}

/**
 * Decoders with which a worker can be started: the program's own; a twin with another hash that reads the same; one of
 * before IPv6 reachability (RFC 5308 section 2) was read.
 */
export type Decoders = 'own' | 'twin' | 'older';

/** Small enough that a lab capture has many batches, cuts and checkpoints. */
export const BATCH_BYTES = 3000;
export const manyCuts: WorkerSettings = { cutMs: 50, cutBytes: 6000, recordBytes: 4000, checkpointBytes: 20_000 };
/** Live batches are many and small as they are. And a collector that takes long to start again on a busy machine is not lost. */
export const liveClocks: WorkerSettings = { cutMs: 400, clockMs: 10_000 };
/** How long collectors gather a batch, ms: a lab's packets come one by one. */
export const LINGER_MS = 200;

export function writeSetup(directory: string, setup: Setup): void {
  writeFileSync(join(directory, 'setup.json'), JSON.stringify(setup));
}

export function readSetup(directory: string): Setup {
  return JSON.parse(readFileSync(join(directory, 'setup.json'), 'utf8')) as Setup;
}

/** Numbers of the log's partitions. */
export function partitionsOf(directory: string): number[] {
  return Array.from({ length: readSetup(directory).partitions }, (_, partition) => partition);
}

export function modulesOf(directory: string, decoders: Decoders): readonly RegisteredModule[] {
  if (decoders === 'own') return registry;
  return registry.map((module) => (module.name === 'isis' ? { ...module, file: isisFile(directory, decoders) } : module));
}

/** Where IS-IS lies of decoders other than our own. */
export function isisFile(directory: string, decoders: Exclude<Decoders, 'own'>): string {
  return join(directory, 'decoders', decoders, 'isis.wasm');
}
