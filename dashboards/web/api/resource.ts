/** What a resource of the API is: one shape for all of them, so that routes, checks and documentation are made in one place. */
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { WebConfig } from '../config.ts';
import type { EventStreams } from '../events.ts';
import type { Operations } from '../operations/index.ts';
import type { Role } from '../operations/tokens.ts';
import type { ReadStore } from '../store.ts';
import type { Caller } from './callers.ts';

/** Finds and explains the packet behind an event; undefined when there is no such event. Throws a Problem where its frame is gone. */
export type PacketSource = (eventId: string, signal: AbortSignal) => Promise<unknown>;

/** What resources answer from. */
export interface Services {
  readonly config: WebConfig;
  readonly store: ReadStore;
  readonly streams: EventStreams;
  readonly operations: Operations;
  readonly packets: PacketSource | undefined;
}

/** One request after its checks. */
export interface Asked<P, Q, B> {
  readonly path: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  /** Aborts when who asked has gone. */
  readonly signal: AbortSignal;
  readonly request: Request;
  readonly response: Response;
  /** Makes a change and its audit row in one transaction. */
  readonly change: <T>(action: string, subject: string, work: () => T, detail?: unknown) => T;
}

/** The answer was written by the resource itself. */
export const answered = Symbol('answered');

/** What a resource says of itself. */
export interface ResourceSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
  /** operationId: verb and object. */
  readonly name: string;
  readonly method: 'get' | 'put' | 'post' | 'delete';
  /** Below /api/v1, parameters as {name}. */
  readonly path: string;
  readonly summary: string;
  readonly role: Role;
  /** Whole scans and streams of rows: fewer of them are taken in a minute. */
  readonly heavy?: boolean;
  readonly parameters?: P;
  readonly query: Q;
  readonly body?: B;
  readonly answer: A;
  /** Where the answer is no JSON document: of what type it is, one line or event being as `answer` says. */
  readonly streamed?: 'application/x-ndjson' | 'text/event-stream';
  readonly handle: (services: Services, asked: Asked<z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<unknown>;
}

/** A resource whatever its types. */
export type Resource = ResourceSpec<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>;

/** Checks the parts of a resource against each other; from then on they are all alike. */
export function resource<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(spec: ResourceSpec<P, Q, B, A>): Resource {
  return spec as unknown as Resource;
}
