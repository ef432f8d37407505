/** Reads truth files (the daemons' own tables at one moment) into plain objects, whatever daemon printed them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { parseBirdRoutes } from './bird.ts';
import { parseFrrRoutes } from './frr-tables.ts';
import { parseGobgpRoutes } from './gobgp.ts';

/** One answer of a daemon: `json` when it was JSON, `text` otherwise. `t` is seconds since 1970. */
const TruthItem = z.object({
  t: z.number(),
  node: z.string(),
  /** How it was asked: `vt` (vtysh), `birdc`, `gobgp`, `x` (shell). */
  via: z.string(),
  cmd: z.string(),
  json: z.unknown().optional(),
  text: z.string().optional(),
});

/** One truth file: all answers at about `t` (seconds since 1970; each item has its own exact time). */
const Truth = z.object({
  label: z.string(),
  rel: z.number(),
  t: z.number(),
  items: z.array(TruthItem),
});

/** One answer of a daemon: `json` when it was JSON, `text` otherwise. `t` is seconds since 1970. */
export type TruthItem = z.infer<typeof TruthItem>;

/** One truth file, see above. */
export type Truth = z.infer<typeof Truth>;

/** A route as some table shows it. A field that the table does not tell is absent; `null` means "not set". */
export interface TruthRoute {
  prefix: string;
  pathId?: number;
  origin: 'igp' | 'egp' | 'incomplete';
  /** `65010 65020 {65022}` */
  asPathText: string;
  /** The numbers in order, those of sets included. */
  asPath: number[];
  /** Without the link-local next hop. */
  nextHop: string;
  med: number | null;
  localPref: number | null;
  /** `65010:1`, in ascending order; absent in FRR's tables of one neighbour. */
  communities?: string[];
  /** `65010:1:2`, in ascending order. */
  largeCommunities?: string[];
  /** Where the table has routes of several peers: the peer's address (FRR, GoBGP) or protocol (BIRD). */
  peer?: string;
  best?: boolean;
  stale?: boolean;
}

/** What a table of routes is about. */
export type TableKind = 'received' | 'advertised' | 'all';

/** One table of routes out of a truth item. `neighbor` is absent for `all`. */
export interface TruthTable {
  t: number;
  node: string;
  kind: TableKind;
  neighbor?: string;
  routes: TruthRoute[];
}

/** Reads one `truth/NN-label.json` or `.json.gz`. */
export function readTruth(file: string): Truth {
  return Truth.parse(JSON.parse(readText(file)));
}

/** All truth files of a `truth/` folder in the order they were taken. */
export function readTruthFolder(folder: string): Truth[] {
  return readdirSync(folder)
    .filter((name) => /^\d+-.*\.json(\.gz)?$/.test(name))
    .toSorted()
    .map((name) => readTruth(join(folder, name)));
}

/** A text file, gzip or not. */
export function readText(file: string): string {
  const data = readFileSync(file);
  return (data[0] === 0x1f && data[1] === 0x8b ? gunzipSync(data) : data).toString('utf8');
}

/** The table of BGP routes that an item holds; undefined for other items and for a daemon that refused. */
export function tableOf(item: TruthItem): TruthTable | undefined {
  const { t, node } = item;
  if (item.via === 'vt') {
    const found =
      /^show bgp (?:ipv4|ipv6) unicast(?: neighbors (\S+) (received|advertised)-routes)? json$/.exec(
        item.cmd,
      );
    if (found === null || item.json === undefined) return undefined;
    const kind = found[2] === 'received' || found[2] === 'advertised' ? found[2] : undefined;
    return table(t, node, kind, found[1], parseFrrRoutes(item.json));
  }
  if (item.via === 'gobgp') {
    const found = /^(?:neighbor (\S+) adj-(in|out)|global rib -a \S+)(?: -a \S+)? -j$/.exec(
      item.cmd,
    );
    if (found === null || item.json === undefined) return undefined;
    const kind = found[2] === undefined ? undefined : found[2] === 'in' ? 'received' : 'advertised';
    return table(t, node, kind, found[1], parseGobgpRoutes(item.json));
  }
  if (item.via === 'birdc' && item.text !== undefined) {
    const found = /^show route all(?: import table (\S+))?/.exec(item.cmd);
    if (found === null) return undefined;
    // An import table is named by the protocol (`isp4.ipv4`), not by an address.
    return table(
      t,
      node,
      found[1] === undefined ? undefined : 'received',
      found[1],
      parseBirdRoutes(item.text),
    );
  }
  return undefined;
}

/** Every table of routes in a truth file. */
export function tablesOf(truth: Truth): TruthTable[] {
  return truth.items.map(tableOf).filter((found) => found !== undefined);
}

function table(
  t: number,
  node: string,
  kind: TableKind | undefined,
  neighbor: string | undefined,
  routes: TruthRoute[],
): TruthTable {
  return {
    t,
    node,
    kind: kind ?? 'all',
    ...(neighbor === undefined ? {} : { neighbor }),
    routes: routes.map((route) => ({ ...route, nextHop: normalAddress(route.nextHop) })),
  };
}

/** `::ffff:a03:2` (GoBGP, BIRD) as inet_ntop writes it: `::ffff:10.3.0.2` (RFC 5952 section 5). */
function normalAddress(text: string): string {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(text);
  if (mapped === null) return text;
  const bytes = [mapped[1], mapped[2]].map((group) => Number.parseInt(group ?? '', 16));
  return `::ffff:${bytes.flatMap((group) => [group >>> 8, group & 0xff]).join('.')}`;
}
