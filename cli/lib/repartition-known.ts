/** What a generation of the log knows that its frames alone do not tell: which of them trapped, and what it has forgotten the frames of. */
import type { BatchKey, ShadowState } from '../../decoders-wasm/contract/host.ts';
import { readManifests, readState } from '../../stream/contract/checkpoint.ts';
import { EventsReader } from '../../stream/contract/events-reader.ts';
import type { EventsHeader } from '../../stream/contract/events-record.ts';
import { checkpointsTopic, eventsTopic, framesTopic, type Log } from '../../stream/contract/log.ts';
import type { FrameName } from './rebatch.ts';

type Skipped = NonNullable<EventsHeader['skipped']>[number];
type Reset = NonNullable<EventsHeader['resets']>[number];

/** What is known of a frame that trapped: why it is passed over, and which key it reset. */
export interface TrappedFrame {
  readonly skipped: Omit<Skipped, 'offset' | 'index'> | undefined;
  readonly key: string | undefined;
}

/** Frames that trapped their decoder, by name; throws where rows are still to be written. `ends`: next frames offsets. */
export async function trappedFrames(log: Log, partitions: number, ends: readonly bigint[]): Promise<Map<FrameName, TrappedFrame>> {
  const skipped = new Map<FrameName, Omit<Skipped, 'offset' | 'index'>>();
  const keys = new Map<FrameName, string>();
  for (let partition = 0; partition < partitions; partition++) {
    const name = ({ offset, index }: Skipped | Reset): FrameName => `${partition}/${offset}/${index}`;
    const { first } = await log.bounds(eventsTopic, partition);
    const reader = new EventsReader(`${eventsTopic} partition ${partition}`, undefined, first > 0n);
    for await (const logged of log.read(eventsTopic, partition, first)) {
      const header = reader.take(logged)?.record.header;
      for (const one of header?.skipped ?? []) skipped.set(name(one), { error: one.error, sourceLine: one.sourceLine });
      // A decoder that had to lose all did so at a tick, which the new log makes anew: where it does so again, it is found again.
      for (const one of header?.resets ?? []) if (one.key !== undefined) keys.set(name(one), one.key);
    }
    if (BigInt(reader.end.offset) !== ends[partition]! || reader.end.rows !== 0) {
      throw new Error(`partition ${partition} is not drained: its rows are written up to ${reader.end.offset}, its frames reach to ${ends[partition]!}`);
    }
  }
  return new Map([...skipped.keys(), ...keys.keys()].map((name) => [name, { skipped: skipped.get(name), key: keys.get(name) }]));
}

/** What retention has left of partitions whose first frames are gone. */
export interface Forgotten {
  /** Keys that their workers knew: what is left of the frames may not tell all of their state. */
  readonly keys: readonly BatchKey[];
  /** Wall time of the newest frame, ns since 1970 UTC, decimal. */
  readonly timeNs: string;
  /** Domains of taps by identity. */
  readonly domains: ReadonlyMap<string, string>;
}

/** Undefined where every partition still has its first frame. */
export async function forgotten(log: Log, partitions: number): Promise<Forgotten | undefined> {
  const states: (ShadowState | undefined)[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    if ((await log.bounds(framesTopic, partition)).first > 0n) states.push(await newestState(log, partition));
  }
  if (states.length === 0) return undefined;
  const known = states.filter((state) => state !== undefined);
  const seen = known.flatMap(({ taps }) => taps.flatMap((tap) => (tap.seen ?? []).map(([, wall]) => BigInt(wall))));
  return {
    keys: known.flatMap(keysOf),
    timeNs: String(seen.reduce((most, wall) => (wall > most ? wall : most), 0n) || BigInt(Date.now()) * 1_000_000n),
    domains: new Map(known.flatMap(({ taps, contexts }) => taps.flatMap(({ name, identity }) => {
      const own = contexts.find(({ key, domain }) => key === `tap/${domain}/${name}`);
      return own === undefined ? [] : [[identity, own.domain] as const];
    }))),
  };
}

/** Keys of the state that stand for something on the wire, as they are now. */
function keysOf({ contexts, generations }: ShadowState): BatchKey[] {
  const present = new Map(generations);
  return contexts.filter(({ key, generation }) => (generation ?? 0) === (present.get(key) ?? 0) && !/^(tap|partition)\//.test(key))
    .map(({ generation: _generation, protocol: _protocol, ...key }) => key);
}

async function newestState(log: Log, partition: number): Promise<ShadowState | undefined> {
  const framesLog = await log.identity(framesTopic);
  const manifests = await readManifests(log, partition, (await log.bounds(checkpointsTopic, partition)).first);
  for (const manifest of manifests.filter((one) => one.framesLog === framesLog).toReversed()) {
    const state = await readState(log, manifest);
    if (state !== undefined) return state;
  }
  return undefined;
}
