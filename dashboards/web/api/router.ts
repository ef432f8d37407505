/** The API: each resource with its checks, in one order for all: who asks, how often, whether they may, what they say. */
import express, { type Request, type Response } from 'express';
import { otherHosts } from '../guard.ts';
import { sameRequestId } from '../request-id.ts';
import { Problem, toProblem } from '../problem.ts';
import type { Actor } from '../operations/index.ts';
import { allowed, type Caller, type Claim, claimOf, isLoopback } from './callers.ts';
import { openApi } from './openapi.ts';
import { rateLimits } from './rates.ts';
import { answered, type Asked, type Resource, type Services } from './resource.ts';
import { resources } from './resources/index.ts';

const LONGEST_BODY = '256kb';

/** All routes below /api/v1. */
export function makeApi(services: Services): express.Router {
  const { config, operations } = services;
  const api = express.Router();
  const limitOf = rateLimits(config.limits);
  // Who comes through a proxy looks like this machine itself.
  const openReading = isLoopback(config.host) && otherHosts(config).length === 0;
  api.use((request, response, next) => {
    response.set('Cache-Control', 'no-store');
    response.locals['claim'] = claimOf(request, operations, openReading);
    next();
  });
  const document = openApi(resources);
  api.get('/openapi.json', (_request, response) => { response.json(document); });
  for (const resource of resources) {
    const body = resource.body === undefined ? [] : [express.json({ limit: LONGEST_BODY })];
    api[resource.method](
      expressPath(resource.path), limitOf(resource),
      (request, response, next) => {
        response.locals['caller'] = permitted(services, resource, request, response);
        next();
      },
      ...body,
      async (request: Request, response: Response) => {
        const answer = await resource.handle(services, askedOf(services, resource, request, response));
        if (answer === answered) return;
        if (answer === undefined) response.status(204).end();
        else response.json(answer);
      },
    );
  }
  for (const path of new Set(resources.map((resource) => resource.path))) api.all(expressPath(path), (request, response) => { refuseMethod(path, request, response); });
  return api;
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** The caller; a write that is refused leaves its line in the trail. */
function permitted({ operations }: Services, resource: Resource, request: Request, response: Response): Caller {
  const claim = response.locals['claim'] as Claim;
  try {
    return allowed(claim, resource.role, response);
  } catch (error) {
    const named = typeof claim === 'string' ? { name: claim, role: '' } : claim;
    if (resource.role !== 'read') operations.refused(actorOf(named, request, response), resource.name, toProblem(error).message);
    throw error;
  }
}

function actorOf({ name, role }: { readonly name: string; readonly role: string }, request: Request, response: Response): Actor {
  return { actor: name, role, address: request.ip ?? '', request_id: sameRequestId(response) };
}

function askedOf({ operations }: Services, resource: Resource, request: Request, response: Response): Asked<Record<string, unknown>, Record<string, unknown>, unknown> {
  if (resource.body !== undefined && request.is('application/json') === false) {
    throw new Problem(415, 'Unsupported Media Type', 'Send the body as application/json');
  }
  const caller = response.locals['caller'] as Caller;
  return {
    path: resource.parameters?.parse(request.params) ?? {},
    query: resource.query.parse(request.query),
    body: resource.body?.parse(request.body),
    caller, request, response,
    signal: goneSignal(response),
    change: (action, subject, work, detail) => operations.change(actorOf(caller, request, response), action, subject, work, detail),
  };
}

function refuseMethod(path: string, request: Request, response: Response): void {
  const methods = resources.filter((resource) => resource.path === path).map(({ method }) => method.toUpperCase());
  response.set('Allow', methods.join(', '));
  throw new Problem(405, 'Method Not Allowed', `${request.method} is none of ${methods.join(', ')}, which this takes`);
}

/** Aborts when who asked goes away before there was an answer. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
