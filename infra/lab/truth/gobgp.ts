/** GoBGP's JSON tables (`global rib -j`, `neighbor ... adj-in|adj-out -j`). */
import { sortCommunities } from './as-path.ts';
import type { TruthRoute } from './tables.ts';

interface Attribute {
  type: number;
  value?: unknown;
  nexthop?: string;
  metric?: number;
  communities?: number[];
  as_paths?: { segment_type: number; asns: number[] }[];
}

interface Path {
  nlri: { prefix: string; id?: number };
  best?: boolean;
  stale?: boolean;
  attrs: Attribute[];
  'neighbor-ip'?: string;
}

interface LargeCommunity {
  ASN: number;
  LocalData1: number;
  LocalData2: number;
}

const ORIGINS: TruthRoute['origin'][] = ['igp', 'egp', 'incomplete'];

/** The routes of one table; GoBGP does not tell received path ids. */
export function parseGobgpRoutes(json: unknown): TruthRoute[] {
  if (typeof json !== 'object' || json === null) return [];
  const networks = Object.values(json as Record<string, Path[]>);
  return networks.filter((paths) => Array.isArray(paths)).flatMap((paths) => paths.map(toRoute));
}

function toRoute(path: Path): TruthRoute {
  // Path attribute type codes as GoBGP prints them.
  const of = (type: number) => path.attrs.find((attribute) => attribute.type === type);
  const segments = of(2)?.as_paths ?? [];
  const large = (of(32)?.value ?? []) as LargeCommunity[];
  const peer = path['neighbor-ip'];
  return {
    prefix: path.nlri.prefix,
    ...(path.nlri.id === undefined || path.nlri.id === 0 ? {} : { pathId: path.nlri.id }),
    origin: ORIGINS[Number(of(1)?.value)] ?? 'incomplete',
    asPathText: segments.map(segmentText).join(' '),
    asPath: segments.flatMap((segment) => segment.asns),
    nextHop: of(3)?.nexthop ?? of(14)?.nexthop ?? '',
    med: of(4)?.metric ?? null,
    localPref: (of(5)?.value as number | undefined) ?? null,
    communities: sortCommunities((of(8)?.communities ?? []).map((value) => `${value >>> 16}:${value & 0xffff}`)),
    largeCommunities: sortCommunities(large.map((one) => `${one.ASN}:${one.LocalData1}:${one.LocalData2}`)),
    ...(peer === undefined ? {} : { peer }),
    best: path.best === true,
    stale: path.stale === true,
  };
}

/** Segment type 1 is an AS_SET (RFC 4271 section 4.3). */
function segmentText({ segment_type, asns }: { segment_type: number; asns: number[] }): string {
  return segment_type === 1 ? `{${asns.join(',')}}` : asns.join(' ');
}
