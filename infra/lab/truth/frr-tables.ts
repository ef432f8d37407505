/** FRR's JSON tables of BGP routes: `show bgp ... json`, received-routes and advertised-routes. */
import { z } from 'zod';
import { asNumbers, normalAsPath } from './as-path.ts';
import type { TruthRoute } from './tables.ts';

const NeighborRoute = z.object({
  nextHop: z.string().optional(),
  nextHopGlobal: z.string().optional(),
  metric: z.number().optional(),
  locPrf: z.number().optional(),
  path: z.string(),
  bgpOriginCode: z.string(),
});

const Path = z.object({
  bestpath: z.boolean().optional(),
  stale: z.boolean().optional(),
  metric: z.number().optional(),
  locPrf: z.number().optional(),
  peerId: z.string(),
  path: z.string(),
  origin: z.string(),
  nexthops: z.array(z.object({ ip: z.string(), scope: z.string().optional() })),
});

/** Prefix → route(s), under the name of the table that was asked for. */
const Answer = z.object({
  receivedRoutes: z.record(z.string(), NeighborRoute).optional(),
  advertisedRoutes: z.record(z.string(), NeighborRoute).optional(),
  routes: z.record(z.string(), z.array(Path)).optional(),
});

const ORIGINS: Record<string, TruthRoute['origin']> = {
  i: 'igp',
  e: 'egp',
  '?': 'incomplete',
  IGP: 'igp',
  EGP: 'egp',
  incomplete: 'incomplete',
};

/**
 * The routes of any of the three tables; an answer without routes gives none.
 * FRR does not tell communities here, prints `0.0.0.0` as next hop of what it sends with its own
 * address, and shows local preference even where the message carries none (eBGP).
 */
export function parseFrrRoutes(json: unknown): TruthRoute[] {
  const answer = Answer.parse(json);
  const ofNeighbor = answer.receivedRoutes ?? answer.advertisedRoutes;
  if (ofNeighbor !== undefined) {
    return Object.entries(ofNeighbor).map(([prefix, route]) => ({
      prefix,
      ...common(route.path, route.bgpOriginCode, route.metric, route.locPrf),
      nextHop: route.nextHopGlobal ?? route.nextHop ?? '',
    }));
  }
  return Object.entries(answer.routes ?? {}).flatMap(([prefix, paths]) =>
    paths.map((path) => ({
      prefix,
      ...common(path.path, path.origin, path.metric, path.locPrf),
      nextHop:
        (path.nexthops.find((hop) => hop.scope !== 'link-local') ?? path.nexthops[0])?.ip ?? '',
      peer: path.peerId,
      best: path.bestpath === true,
      stale: path.stale === true,
    })),
  );
}

function common(
  path: string,
  origin: string,
  metric: number | undefined,
  localPref: number | undefined,
): Pick<TruthRoute, 'origin' | 'asPath' | 'asPathText' | 'med' | 'localPref'> {
  const known = ORIGINS[origin];
  if (known === undefined) throw new Error(`FRR table: origin "${origin}" is not one we know`);
  return {
    origin: known,
    asPathText: normalAsPath(path),
    asPath: asNumbers(path),
    med: metric ?? null,
    localPref: localPref ?? null,
  };
}
