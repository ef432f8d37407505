/** Who may talk to the page's server: its own names and its own origin only (DNS rebinding, foreign pages). */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { WebConfig } from './config.ts';
import { Problem } from './problem.ts';

/**
 * Checks Host and, where the browser sends it, Origin; `names` is asked each time, as the port is known late.
 * Pages of `origins` may ask across origins, with a token: never with cookies.
 */
export function guard(names: () => ReadonlySet<string>, origins: ReadonlySet<string>): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const known = names();
    const host = (request.headers.host ?? '').toLowerCase();
    if (!known.has(host)) {
      throw new Problem(403, 'Unknown Host', `The Host header "${host.slice(0, 200)}" is not one of this server's. `
        + 'Use its address, or add the name to allowedHosts');
    }
    const origin = request.headers.origin?.toLowerCase();
    if (origin !== undefined && origins.has(origin)) {
      response.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'X-Request-Id, RateLimit', 'Cross-Origin-Resource-Policy': 'cross-origin', Vary: 'Origin' });
      if (request.method !== 'OPTIONS') return next();
      response.set({ 'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE', 'Access-Control-Allow-Headers': 'Authorization, Content-Type, Last-Event-ID', 'Access-Control-Max-Age': '600' });
      response.status(204).end();
      return undefined;
    }
    if (origin !== undefined && ![...known].some((name) => origin === `http://${name}` || origin === `https://${name}`)) {
      throw new Problem(403, 'Foreign Origin', `The Origin "${origin.slice(0, 200)}" may not use this server`);
    }
    return next();
  };
}

/** The Host values by which others reach a server: through a proxy, or by a name of its own. */
export function otherHosts({ url, allowedHosts }: Pick<WebConfig, 'url' | 'allowedHosts'>): readonly string[] {
  return url === undefined ? allowedHosts : [...allowedHosts, new URL(url).host];
}

/** The Host values of a server: loopback names, the address it listens on, and those that are allowed. */
export function ownNames(host: string, port: number, allowed: readonly string[]): ReadonlySet<string> {
  const listening = host.includes(':') ? `[${host}]` : host;
  const names = ['127.0.0.1', 'localhost', '[::1]', listening].map((name) => `${name}:${port}`);
  return new Set([...names, ...allowed.map((name) => name.toLowerCase())]);
}
