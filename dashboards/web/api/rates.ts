/** How often somebody may ask: requests a minute, for reads, for what scans much, and for writes. */
import type { RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { WebLimits } from '../config.ts';
import { Problem } from '../problem.ts';
import type { Claim } from './callers.ts';
import type { Resource } from './resource.ts';

const MINUTE_MS = 60_000;

/** The limiter of each kind of resource. */
export function rateLimits(limits: WebLimits): (resource: Resource) => RequestHandler {
  const reads = limiter(limits.readsPerMinute);
  const heavy = limiter(limits.heavyPerMinute);
  const writes = limiter(limits.writesPerMinute);
  return (resource) => (resource.role !== 'read' ? writes : resource.heavy === true ? heavy : reads);
}

function limiter(limit: number): RequestHandler {
  return rateLimit({
    windowMs: MINUTE_MS, limit, standardHeaders: 'draft-8', legacyHeaders: false, validate: false,
    keyGenerator: (request, response) => tokenId(response) ?? ipKeyGenerator(request.ip ?? ''),
    handler: () => { throw new Problem(429, 'Too many requests', `${limit} of this kind in a minute are taken. The header RateLimit says when the next one is`); },
  });
}

function tokenId(response: Response): string | undefined {
  const claim = response.locals['claim'] as Claim;
  return typeof claim === 'string' ? undefined : claim.id;
}
