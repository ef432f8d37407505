/** The id of a request: the caller's own where it is harmless, else a new one; it stands in the answer, in problems and in the trail. */
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

const NAME = 'X-Request-Id';
const harmless = /^[\w.:-]{1,64}$/;

/** Gives each answer its id. */
export function requestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.get(NAME) ?? '';
  response.set(NAME, harmless.test(given) ? given : randomUUID());
  next();
}

/** The id that the answer has got. */
export function sameRequestId(response: Response): string {
  return response.get(NAME) ?? '';
}
