/** What a partition's events log tells its next owner: where to go on, under which decoders, and which frames trapped. */
import { positionOf, type Manifest } from '../contract/checkpoint.ts';
import { EventsReader } from '../contract/events-reader.ts';
import type { EventsHeader, ModuleHashes, Position } from '../contract/events-record.ts';
import { eventsTopic, type Log } from '../contract/log.ts';
import { Checkpoints } from './checkpoints.ts';

/** A change of the modules in force: behind the frames before `at`, by the events record at `events`. */
export interface Upgrade {
  readonly at: bigint;
  readonly events: bigint;
  readonly to: ModuleHashes;
}

export interface History {
  /** End of the last valid record. */
  readonly position: Position;
  /** Modules in force where the reading began, and at the position; undefined where the log says nothing of it. */
  readonly initial: ModuleHashes | undefined;
  readonly inForce: ModuleHashes | undefined;
  readonly upgrades: readonly Upgrade[];
  /** Frames that trapped, and state that was dropped. */
  readonly passed: readonly Pick<EventsHeader, 'skipped' | 'resets'>[];
  /** That the frames before this offset are gone has been told. */
  readonly lostUpTo: bigint;
  /** Records of fenced owners, and whole repeats, that were passed over. */
  readonly passedOver: number;
}

/** The modules that the next owner of a partition needs, by its newest checkpoint and at its end; none where nothing was decoded. */
export async function modulesInForce(log: Log, partition: number): Promise<ModuleHashes[]> {
  const checkpoint = await new Checkpoints(log, partition).newest(() => true);
  const { initial, inForce } = await readHistory(log, partition, checkpoint?.manifest, (await log.bounds(eventsTopic, partition)).next);
  return [initial, inForce].filter((modules) => modules !== undefined);
}

/** Reads the records before the events offset `end`, behind the checkpoint if there is one; throws what the reader throws. */
export async function readHistory(log: Log, partition: number, checkpoint: Manifest | undefined, end: bigint): Promise<History> {
  const from = checkpoint === undefined ? undefined : { owner: checkpoint.owner, end: positionOf(checkpoint), modules: checkpoint.modules };
  const { first } = await log.bounds(eventsTopic, partition);
  const reader = new EventsReader(`${eventsTopic} partition ${partition}`, from, from === undefined && first > 0n);
  let initial: ModuleHashes | undefined = from?.modules;
  let lostUpTo = 0n;
  const upgrades: Upgrade[] = [];
  const passed: Pick<EventsHeader, 'skipped' | 'resets'>[] = [];
  for await (const logged of log.read(eventsTopic, partition, checkpoint === undefined ? first : BigInt(checkpoint.events) + 1n)) {
    if (logged.offset >= end) break;
    const placed = reader.take(logged);
    if (placed === undefined) continue;
    const { header } = placed.record;
    initial ??= header.upgrade?.from ?? reader.modules;
    if (header.lostUpTo !== undefined) lostUpTo = BigInt(header.lostUpTo);
    if (header.upgrade !== undefined) upgrades.push({ at: BigInt(header.begin.offset), events: placed.offset, to: header.upgrade.to });
    if (header.skipped !== undefined || header.resets !== undefined) passed.push(header);
  }
  return { position: reader.end, initial, inForce: reader.modules, upgrades, passed, lostUpTo, passedOver: reader.passedOver };
}
