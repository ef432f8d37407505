/** The whole table of routes, or a part of it, as a stream of lines with an end. */
import { z } from 'zod';
import { rowSchema, selectList } from '../columns.ts';
import { at, limit } from '../inputs.ts';
import { filterInputs, filterValues, viewAt, where } from '../list.ts';
import { answered, resource } from '../resource.ts';
import { pathColumns, pathFilters } from './routes.ts';

/** A dump that is cut off has no last line. */
const end = z.strictObject({ end: z.literal(true), rows: z.number(), more: z.boolean() });

const MOST_ROWS = 500_000;

export const rib = resource({
  name: 'dumpRib', method: 'get', path: '/rib', role: 'read', heavy: true,
  summary: 'All paths as lines of JSON, in order of prefix; the last line says how many they were and whether there are more',
  query: z.strictObject({ ...filterInputs(pathFilters), limit: limit(100_000, MOST_ROWS), ...at }),
  answer: z.union([rowSchema(pathColumns), end]), streamed: 'application/x-ndjson',
  async handle({ store }, { query: asked, signal, response }) {
    const { limit: rows, at: instant, ...rest } = asked as { limit: number; at?: bigint } & Record<string, unknown>;
    const sql = `SELECT ${selectList(pathColumns)} FROM ${viewAt('rib', instant)} AS v ${where(pathFilters, rest)}
      ORDER BY afi_safi, prefix_address, prefix_length, sender, receiver, path_id, domain, network_instance, link`;
    await store.stream(sql, filterValues(pathFilters, rest), rows, signal, response);
    return answered;
  },
});
