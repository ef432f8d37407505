/** Our part in a consumer group: which partitions are ours; no records pass through it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AssignerProtocol } from 'kafkajs';
import { z } from 'zod';
import type { Membership, MembershipHandler } from '../../contract/log.ts';
import { assign, type Member } from './assigner.ts';
import type { KafkaClient } from './client.ts';
import { KafkaError, typeOf } from './errors.ts';
import type { RawBroker } from './kafkajs.ts';

const PROTOCOL = 'routewatch-sticky';
/** A member that is silent so long is gone; the least that a broker allows by default, ms. */
const SESSION_MS = 6000;
const REBALANCE_MS = 10_000;
const HEARTBEAT_MS = 1000;

/** What a member tells of itself when it joins. */
const userData = z.object({ held: z.array(z.number().int().nonnegative()), generation: z.number().int() });

export interface MembershipOptions {
  /** Name in Kafka. */
  readonly groupId: string;
  readonly topic: string;
  readonly partitions: number;
  /** Connections for this membership alone: a join waits for the other members. */
  readonly client: KafkaClient;
}

export class KafkaMembership implements Membership {
  readonly failed: Promise<never>;
  isMember = false;
  private readonly options: MembershipOptions;
  private readonly handler: MembershipHandler;
  private readonly running: Promise<void>;
  private memberId = '';
  private generation = -1;
  /** The generation that we last had partitions in. */
  private heldSince = -1;
  /** What we hold: until `revoked` has resolved it is ours. */
  private readonly held = new Set<number>();
  private changes: Promise<void> = Promise.resolve();
  private mustRejoin = false;
  private isStopped = false;
  private wakeUp: () => void = () => undefined;
  private readonly broken = Promise.withResolvers<never>();

  constructor(options: MembershipOptions, handler: MembershipHandler) {
    this.options = options;
    this.handler = handler;
    this.failed = this.broken.promise;
    this.failed.catch(() => undefined);
    this.running = this.run().catch((error: unknown) => { this.broken.reject(error); });
  }

  release(partition: number): void {
    if (!this.held.delete(partition)) return;
    this.rejoin();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wakeUp();
    await Promise.race([this.running, sleep(HEARTBEAT_MS, undefined, { ref: false })]);
    await this.changes.catch(() => undefined);
    const held = [...this.held];
    if (held.length > 0) await this.handler.revoked(held);
    this.held.clear();
    if (this.memberId !== '') await Promise.race([this.leave(), sleep(HEARTBEAT_MS, undefined, { ref: false })]);
    this.options.client.close();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const assigned = await this.joinAndSync();
      if (this.isStopped) return;
      if (assigned === undefined) continue;
      this.mustRejoin = false;
      this.apply(assigned);
      await this.stay();
    }
  }

  /** Joins; the leader shares out. Undefined where the group changed meanwhile. */
  private async joinAndSync(): Promise<number[] | undefined> {
    const { groupId, topic } = this.options;
    try {
      return await this.ask(async (broker) => {
        const metadata = AssignerProtocol.MemberMetadata.encode({ version: 0, topics: [topic], userData: Buffer.from(JSON.stringify({ held: [...this.held], generation: this.heldSince })) });
        const joined = await broker.joinGroup({
          groupId, sessionTimeout: SESSION_MS, rebalanceTimeout: REBALANCE_MS, memberId: this.memberId, groupProtocols: [{ name: PROTOCOL, metadata }],
        });
        this.memberId = joined.memberId;
        this.generation = joined.generationId;
        const groupAssignment = joined.leaderId === joined.memberId ? this.shareOut(joined.members) : [];
        const { memberAssignment } = await broker.syncGroup({ groupId, generationId: this.generation, memberId: this.memberId, groupAssignment });
        return AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [];
      });
    } catch (error) {
      if (this.isStopped) return undefined;
      this.forgetIfUnknown(error);
      if (!isRegroup(error)) throw error;
      return undefined;
    }
  }

  private shareOut(members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]): { memberId: string; memberAssignment: Buffer }[] {
    const known: Member[] = members.map(({ memberId, memberMetadata }) => {
      const text = AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData.toString('utf8') ?? '';
      const told = userData.safeParse(text === '' ? undefined : JSON.parse(text));
      return { id: memberId, held: [], generation: -1, ...told.data };
    });
    return [...assign(known, this.options.partitions)].map(([memberId, partitions]) => ({
      memberId, memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 0, assignment: { [this.options.topic]: partitions }, userData: Buffer.alloc(0) }),
    }));
  }

  /** What we lose is stopped first; when it is, another round gives it to its new owner. */
  private apply(assigned: readonly number[]): void {
    this.heldSince = this.generation;
    const lost = [...this.held].filter((partition) => !assigned.includes(partition));
    const gained = assigned.filter((partition) => !this.held.has(partition));
    for (const partition of gained) this.held.add(partition);
    this.changes = this.changes.then(() => this.change(lost, gained));
    this.changes.catch((error: unknown) => { this.broken.reject(error); });
  }

  private async change(lost: readonly number[], gained: readonly number[]): Promise<void> {
    if (lost.length > 0) {
      await this.handler.revoked(lost);
      for (const partition of lost) this.held.delete(partition);
      this.rejoin();
    }
    const still = gained.filter((partition) => this.held.has(partition));
    if (still.length > 0 && !this.isStopped) await this.handler.assigned(still);
    this.isMember = true;
  }

  /** Heartbeats until the group changes, or we want it to. */
  private async stay(): Promise<void> {
    const { groupId } = this.options;
    while (!this.isStopped && !this.mustRejoin) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, HEARTBEAT_MS);
        this.wakeUp = (): void => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (this.isStopped || this.mustRejoin) return;
      try {
        await this.ask((broker) => broker.heartbeat({ groupId, groupGenerationId: this.generation, memberId: this.memberId }));
      } catch (error) {
        if (this.isStopped) return;
        this.forgetIfUnknown(error);
        if (!isRegroup(error)) throw error;
        return;
      }
    }
  }

  private rejoin(): void {
    this.mustRejoin = true;
    this.wakeUp();
  }

  private async leave(): Promise<void> {
    const { groupId } = this.options;
    await this.ask((broker) => broker.leaveGroup({ groupId, memberId: this.memberId })).catch(() => undefined);
  }

  private ask<T>(work: (broker: RawBroker) => Promise<T>): Promise<T> {
    const { client, groupId } = this.options;
    return client.call(`group ${groupId}`, async (cluster) => work(await client.coordinator(cluster, groupId)));
  }

  private forgetIfUnknown(error: unknown): void {
    if (typeOf(error) === 'UNKNOWN_MEMBER_ID' || typeOf(error) === 'FENCED_INSTANCE_ID') this.memberId = '';
  }
}

/** The group is another one now: join again. */
function isRegroup(error: unknown): boolean {
  return error instanceof KafkaError && error.fault === 'regroup';
}
