/** Settings of the page's server: one schema that checks, types, describes and defaults them. */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { LiveFeed } from '../../stream/contract/live.ts';
import type { PacketSource } from './api/resource.ts';

/** One question of the cookbook, as the page offers it. */
export interface CookbookQuestion {
  readonly title: string;
  readonly sql: string;
}

const limits = z.strictObject({
  queryRows: z.int().min(1).default(1000).describe('rows of a query that the page shows'),
  queryBytes: z.int().min(1024).default(8 * 1024 * 1024).describe('bytes that the result of one query may have'),
  queryMemoryBytes: z.int().min(1024 * 1024).default(1024 * 1024 * 1024).describe('memory that one query may use'),
  querySeconds: z.number().min(0.1).default(30).describe('time that one query may run'),
  streams: z.int().min(1).default(256).describe('pages that may follow events at the same time'),
  snapshotEvents: z.int().min(0).default(500).describe('events that a page gets when it connects'),
  queuedEvents: z.int().min(1).default(2000).describe('events that wait for a slow page before it is dropped'),
  queuedBytes: z.int().min(1024).default(8 * 1024 * 1024).describe('bytes of those events'),
  dropSeconds: z.number().min(0).default(5).describe('time that a dropped page has to read what was sent before'),
  readsPerMinute: z.int().min(1).default(1200).describe('requests of one token or address that read a list, a minute'),
  heavyPerMinute: z.int().min(1).default(120).describe('of those that may scan much: SQL, dumps, packets'),
  writesPerMinute: z.int().min(1).default(60).describe('of those that change something'),
});

/** What an operator sets: the part `web` of the configuration file. */
export const webSettings = z.strictObject({
  host: z.string().default('127.0.0.1').refine((host) => isIP(host) !== 0, { message: 'must be an IP address' })
    .describe('address to listen on; where it is not loopback, reading needs a token, too'),
  port: z.int().min(0).max(65_535).default(0).describe('TCP port; 0 takes a free one'),
  url: z.url({ protocol: /^https?$/ }).optional()
    .describe('address of the page as others reach it through a proxy (https://routewatch.example); links in alerts begin with it, its name is taken as Host, reading needs a token'),
  allowedHosts: z.array(z.string()).default([])
    .describe('further Host header values (name:port) besides loopback names, the listening address and that of url; with any, reading needs a token'),
  allowedOrigins: z.array(z.string()).default([])
    .describe('Origin header values of foreign pages that may ask with a token (CORS); none unless named'),
  limits: limits.prefault({}).describe('bounds on what may be asked for'),
});

/** All settings of the server but the live feed and the source of packets, which are objects of the program's own. */
export const webConfig = z.object({
  storeUrl: z.url({ protocol: /^https?$/ }).describe('HTTP address of ClickHouse or of the embedded store; the reader has no password'),
  operationsFile: z.string().min(1).default(':memory:')
    .describe('SQLite file of tokens, expected neighbours, maintenance windows and their trail; made if missing'),
  cookbook: z.array(z.object({ title: z.string(), sql: z.string() })).default([])
    .describe('questions offered beside the SQL box'),
  ...webSettings.shape,
});

/** Names and descriptions of what an operator sets, `limits.` in front of its parts. */
export function describeWebSettings(): readonly { readonly name: string; readonly about: string }[] {
  const described = (shape: Readonly<Record<string, z.ZodType>>, before: string) => Object.entries(shape).map(([name, schema]) => ({ name: before + name, about: schema.description ?? '' }));
  return [...described(webSettings.shape, '').filter(({ name }) => name !== 'limits'), ...described(limits.shape, 'limits.')];
}

/** Settings as a caller gives them. */
export type WebOptions = z.input<typeof webConfig> & { readonly live: LiveFeed; readonly packets?: PacketSource };
/** Settings after check, with all defaults filled in. */
export type WebConfig = z.output<typeof webConfig>;
/** Bounds on what one page may ask for. */
export type WebLimits = WebConfig['limits'];
