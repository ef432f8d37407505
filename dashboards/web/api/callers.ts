/** Who asks, and whether they may: bearer tokens with roles; reading is open on loopback as long as no token was made. */
import type { Request, Response } from 'express';
import { mayAct, type Role } from '../operations/tokens.ts';
import type { Operations } from '../operations/index.ts';
import { Problem } from '../problem.ts';

/** Somebody with a role. */
export interface Caller {
  /** Name of the token, or `anonymous`. */
  readonly name: string;
  readonly role: Role;
  /** Who requests are counted for: the token's id; undefined for `anonymous`. */
  readonly id: string | undefined;
}

/** What a request says of who asks: a caller, nobody, or a token that is none. */
export type Claim = Caller | 'nobody' | 'wrong-token';

/** Reads the token of a request, if it has one. */
export function claimOf(request: Request, operations: Operations, openReading: boolean): Claim {
  const given = request.headers.authorization;
  if (given !== undefined) {
    const token = operations.tokens.verify(/^Bearer +(\S{1,200})$/i.exec(given)?.[1] ?? '');
    return token === undefined ? 'wrong-token' : { name: token.name, role: token.role, id: token.id };
  }
  return openReading && !operations.tokens.any() ? { name: 'anonymous', role: 'read', id: undefined } : 'nobody';
}

/** The caller where the role is enough; else a 401 or 403 problem is thrown. */
export function allowed(claim: Claim, needed: Role, response: Response): Caller {
  if (claim === 'wrong-token') {
    response.set('WWW-Authenticate', 'Bearer realm="routewatch", error="invalid_token"');
    throw new Problem(401, 'This token is not known', 'It is wrong, was revoked or has expired: `routewatch token list` names those that there are');
  }
  if (claim === 'nobody' || (claim.id === undefined && !mayAct(claim.role, needed))) {
    response.set('WWW-Authenticate', 'Bearer realm="routewatch"');
    throw new Problem(401, 'A token is needed', `Send "Authorization: Bearer TOKEN" with one of role ${needed}: \`routewatch token create --role ${needed} NAME\` makes it`);
  }
  if (!mayAct(claim.role, needed)) {
    throw new Problem(403, 'This role may not do that', `The token "${claim.name}" has the role ${claim.role}; this needs ${needed}`);
  }
  return claim;
}

/** Whether an address is this machine's own. */
export function isLoopback(host: string): boolean {
  return host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
