/** The partitions that one process works on: a fixed set, or its part of them among the members of a group. */
import type { Log, Membership } from './log.ts';

/** What works on one partition; made anew each time the partition becomes ours. */
export interface PartitionPart {
  /** Throws where it could not go on, before anything is changed. */
  check?(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Rejects when it cannot go on. */
  readonly failed: Promise<never>;
}

/** Another owner has taken the partition over: where partitions are shared out, no reason to end. */
export class ForeignClaimError extends Error {
  override readonly name = 'ForeignClaimError';
}

export class OwnedPartitions<T extends PartitionPart> {
  private readonly make: (partition: number) => T;
  private readonly owned = new Map<number, T>();
  /** Those that have started. */
  private readonly running = new WeakSet<T>();
  private membership: Membership | undefined;
  private readonly broken = Promise.withResolvers<never>();

  constructor(make: (partition: number) => T) {
    this.make = make;
    this.broken.promise.catch(() => undefined);
  }

  /** Rejects when a partition, or the membership, cannot go on. */
  get failed(): Promise<never> {
    return this.broken.promise;
  }

  get parts(): ReadonlyMap<number, T> {
    return this.owned;
  }

  /** Whether all that is ours runs; where partitions are shared: and the group has said what that is, be it nothing. */
  get isReady(): boolean {
    return [...this.owned.values()].every((part) => this.running.has(part)) && this.membership?.isMember !== false;
  }

  /** Owns these for good; resolves when they run (or `begin` is done with each). */
  async hold(partitions: readonly number[], begin = (part: T, _partition: number): Promise<void> => part.start()): Promise<void> {
    const parts = partitions.map((partition) => [partition, this.add(partition)] as const);
    for (const [, part] of parts) await part.check?.();
    await Promise.all(parts.map(async ([partition, part]) => {
      await begin(part, partition);
      this.running.add(part);
    }));
  }

  /** Joins the group: which partitions are ours then changes with its members. */
  share(log: Log, group: string, topic: string): void {
    const membership = log.join(group, topic, {
      assigned: async (partitions) => {
        await Promise.all(partitions.map(async (partition) => {
          const part = this.add(partition);
          await this.begin(part).catch((error: unknown) => this.drop(partition, part, error));
        }));
      },
      revoked: async (partitions) => { await Promise.all(partitions.map((partition) => this.giveUp(partition))); },
    });
    this.membership = membership;
    membership.failed.catch((error: unknown) => { this.broken.reject(error); });
  }

  async stop(): Promise<void> {
    if (this.membership !== undefined) await this.membership.stop();
    await Promise.all([...this.owned.values()].map((part) => part.stop()));
  }

  private async begin(part: T): Promise<void> {
    await part.check?.();
    await part.start();
    this.running.add(part);
  }

  private add(partition: number): T {
    const part = this.make(partition);
    this.owned.set(partition, part);
    part.failed.catch((error: unknown) => this.drop(partition, part, error));
    return part;
  }

  /** A part that failed: by another's claim it is let go of, else we all end. */
  private async drop(partition: number, part: T, error: unknown): Promise<void> {
    if (this.owned.get(partition) !== part) return;
    if (this.membership === undefined || !(error instanceof ForeignClaimError)) {
      this.broken.reject(error);
      return;
    }
    this.owned.delete(partition);
    await part.stop().catch(() => undefined);
    this.membership.release(partition);
  }

  private async giveUp(partition: number): Promise<void> {
    const part = this.owned.get(partition);
    if (part === undefined) return;
    this.owned.delete(partition);
    await part.stop().catch((error: unknown) => {
      if (!(error instanceof ForeignClaimError)) throw error;
    });
  }
}
