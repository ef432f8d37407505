/** The checkpoints of one partition: written behind acknowledged events, found again when the partition is claimed. */
import { isDeepStrictEqual } from 'node:util';
import type { ShadowState } from '../../decoders-wasm/contract/host.ts';
import { type Manifest, checksumOf, chunksOf, encodeManifest, encodeState, readManifests, readState } from '../contract/checkpoint.ts';
import { type EventsHeader, decodeEventsRecord } from '../contract/events-record.ts';
import { faultPoint } from '../contract/fault-points.ts';
import { checkpointsTopic, eventsTopic, framesTopic, type Log } from '../contract/log.ts';

/** Commits of this group name the first chunk of the newest checkpoint: a hint where to look, nothing rests on it. */
const GROUP = 'checkpoints';

export interface Checkpoint {
  readonly manifest: Manifest;
  readonly state: ShadowState;
}

/** Where a state stands, as its manifest will say. */
export type CheckpointPlace = Pick<Manifest, 'owner' | 'claim' | 'frames' | 'events' | 'modules'>;

export class Checkpoints {
  private readonly log: Log;
  private readonly partition: number;
  /** What was found last: a partition's start looks three times, and a state may be large. */
  private found: Checkpoint | undefined;

  constructor(log: Log, partition: number) {
    this.log = log;
    this.partition = partition;
  }

  /** Appends chunks, then the manifest; durable when it resolves. Gives the bytes of the state. */
  async write(place: CheckpointPlace, state: ShadowState): Promise<number> {
    faultPoint('checkpoint:before');
    const bytes = encodeState(state);
    const chunks: bigint[] = [];
    for (const chunk of chunksOf(bytes)) chunks.push(await this.log.append(checkpointsTopic, this.partition, [chunk]));
    faultPoint('checkpoint:chunks');
    const manifest: Manifest = {
      ...place, partition: this.partition, framesLog: await this.log.identity(framesTopic), eventsLog: await this.log.identity(eventsTopic),
      chunks: chunks.map(String), bytes: bytes.length, checksum: checksumOf(bytes),
    };
    await this.log.append(checkpointsTopic, this.partition, [encodeManifest(manifest)]);
    faultPoint('checkpoint:manifest');
    await this.log.commit(GROUP, checkpointsTopic, this.partition, chunks[0]!);
    return bytes.length;
  }

  /** The newest whole checkpoint of those that `counts` takes; undefined where there is none. */
  async newest(counts: (manifest: Manifest) => boolean): Promise<Checkpoint | undefined> {
    const { first } = await this.log.bounds(checkpointsTopic, this.partition);
    const hint = await this.log.committed(GROUP, checkpointsTopic, this.partition);
    for (const from of hint === undefined || hint <= first ? [first] : [hint, first]) {
      for (const manifest of (await readManifests(this.log, this.partition, from)).toReversed()) {
        if (!counts(manifest) || !await this.stands(manifest)) continue;
        const isSame = this.found !== undefined && isDeepStrictEqual(this.found.manifest, manifest);
        const state = isSame ? this.found!.state : await readState(this.log, manifest);
        if (state !== undefined) return this.found = { manifest, state };
      }
    }
    return undefined;
  }

  /** Lets go of the state that was found last. */
  release(): void {
    this.found = undefined;
  }

  /**
   * Whether logs and events record are those that the manifest names. That no other claim stood between claim and
   * record was seen by its writer, whose every append has to get the offset behind its last one.
   */
  private async stands(manifest: Manifest): Promise<boolean> {
    if (manifest.framesLog !== await this.log.identity(framesTopic) || manifest.eventsLog !== await this.log.identity(eventsTopic)) return false;
    const record = await this.eventsHeader(BigInt(manifest.events));
    return record !== undefined && record.owner === manifest.owner && record.end.offset === manifest.frames && record.end.rows === 0;
  }

  private async eventsHeader(offset: bigint): Promise<EventsHeader | undefined> {
    const { first, next } = await this.log.bounds(eventsTopic, this.partition);
    if (offset < first || offset >= next) return undefined;
    for await (const { value } of this.log.read(eventsTopic, this.partition, offset)) return decodeEventsRecord(value).header;
    return undefined;
  }
}
