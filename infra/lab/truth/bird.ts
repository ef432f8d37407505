/** BIRD's `show route all` text: one block a path, the prefix only on the first path of a network. */
import { asNumbers, normalAsPath, sortCommunities } from './as-path.ts';
import type { TruthRoute } from './tables.ts';

/** `10.0.0.0/8   unicast [peer1 02:13:02.275 from 10.0.0.1] * (100) [AS65001i]` */
const HEAD = /^(\S+)?\s+(?:unicast|blackhole|unreachable|prohibit) \[(\S+) [^\]]*\]( \*)?/;

const ORIGINS: Record<string, TruthRoute['origin']> = {
  IGP: 'igp',
  EGP: 'egp',
  Incomplete: 'incomplete',
};

/** The BGP routes of the text; static and other routes without BGP type are left out. */
export function parseBirdRoutes(text: string): TruthRoute[] {
  const routes: TruthRoute[] = [];
  let prefix = '';
  let isBgp = false;
  let route: TruthRoute | undefined;
  const finish = () => {
    if (route !== undefined && isBgp) routes.push(route);
    route = undefined;
    isBgp = false;
  };
  for (const line of text.split('\n')) {
    const head = line.startsWith('\t') ? null : HEAD.exec(line);
    if (head !== null) {
      finish();
      prefix = head[1] ?? prefix;
      route = emptyRoute(prefix, head[2] ?? '', head[3] !== undefined);
    } else if (route !== undefined) {
      if (line.startsWith('\tType: BGP')) isBgp = true;
      const attribute = /^\tBGP\.(\w+): ?(.*)$/.exec(line);
      if (attribute !== null) setAttribute(route, attribute[1] ?? '', attribute[2] ?? '');
    }
  }
  finish();
  return routes;
}

function emptyRoute(prefix: string, protocol: string, best: boolean): TruthRoute {
  return {
    prefix,
    origin: 'incomplete',
    asPathText: '',
    asPath: [],
    nextHop: '',
    med: null,
    localPref: null,
    communities: [],
    largeCommunities: [],
    peer: protocol,
    best,
  };
}

function setAttribute(route: TruthRoute, name: string, value: string): void {
  switch (name) {
    case 'origin':
      route.origin = ORIGINS[value] ?? 'incomplete';
      break;
    case 'as_path':
      route.asPathText = normalAsPath(value);
      route.asPath = asNumbers(value);
      break;
    case 'next_hop':
      // `global link-local` for IPv6
      route.nextHop = value.split(' ')[0] ?? '';
      break;
    case 'med':
      route.med = Number(value);
      break;
    case 'local_pref':
      route.localPref = Number(value);
      break;
    case 'path_id':
      route.pathId = Number(value);
      break;
    case 'community':
      route.communities = tuples(value);
      break;
    case 'large_community':
      route.largeCommunities = tuples(value);
      break;
  }
}

/** `(65010,1) (65010, 2)` → `65010:1`, `65010:2` */
function tuples(value: string): string[] {
  return sortCommunities(
    [...value.matchAll(/\(([^)]*)\)/g)].map(([, inside]) => asNumbers(inside ?? '').join(':')),
  );
}
