/** GoBGP's JSON tables (`global rib -j`, `neighbor ... adj-in|adj-out -j`). */
import { z } from 'zod';
import { sortCommunities } from './as-path.ts';
import type { TruthRoute } from './tables.ts';

const LargeCommunity = z.object({
  ASN: z.number(),
  LocalData1: z.number(),
  LocalData2: z.number(),
});

/** What `value` holds depends on the type. */
const Attribute = z.object({
  type: z.number(),
  value: z.unknown().optional(),
  nexthop: z.string().optional(),
  metric: z.number().optional(),
  communities: z.array(z.number()).optional(),
  as_paths: z.array(z.object({ segment_type: z.number(), asns: z.array(z.number()) })).optional(),
});

const Path = z.object({
  nlri: z.object({ prefix: z.string(), id: z.number().optional() }),
  best: z.boolean().optional(),
  stale: z.boolean().optional(),
  attrs: z.array(Attribute),
  'neighbor-ip': z.string().optional(),
});

/** A session that is down answers with an error text in place of the paths. */
const Answer = z.record(z.string(), z.union([z.array(Path), z.string()]));

const ORIGINS: TruthRoute['origin'][] = ['igp', 'egp', 'incomplete'];

/** The routes of one table; GoBGP does not tell received path ids. */
export function parseGobgpRoutes(json: unknown): TruthRoute[] {
  return Object.values(Answer.parse(json)).flatMap((paths) =>
    typeof paths === 'string' ? [] : paths.map(toRoute),
  );
}

function toRoute(path: z.infer<typeof Path>): TruthRoute {
  // Path attribute type codes as GoBGP prints them.
  const of = (type: number) => path.attrs.find((attribute) => attribute.type === type);
  const segments = of(2)?.as_paths ?? [];
  const large = z.array(LargeCommunity).parse(of(32)?.value ?? []);
  const peer = path['neighbor-ip'];
  return {
    prefix: path.nlri.prefix,
    ...(path.nlri.id === undefined || path.nlri.id === 0 ? {} : { pathId: path.nlri.id }),
    origin: ORIGINS[Number(of(1)?.value)] ?? 'incomplete',
    asPathText: segments.map(segmentText).join(' '),
    asPath: segments.flatMap((segment) => segment.asns),
    nextHop: of(3)?.nexthop ?? of(14)?.nexthop ?? '',
    med: of(4)?.metric ?? null,
    localPref: z
      .number()
      .nullable()
      .parse(of(5)?.value ?? null),
    communities: sortCommunities(
      (of(8)?.communities ?? []).map((value) => `${value >>> 16}:${value & 0xffff}`),
    ),
    largeCommunities: sortCommunities(
      large.map((one) => `${one.ASN}:${one.LocalData1}:${one.LocalData2}`),
    ),
    ...(peer === undefined ? {} : { peer }),
    best: path.best === true,
    stale: path.stale === true,
  };
}

/** Segment type 1 is an AS_SET (RFC 4271 section 4.3). */
function segmentText({ segment_type, asns }: { segment_type: number; asns: number[] }): string {
  return segment_type === 1 ? `{${asns.join(',')}}` : asns.join(' ');
}
