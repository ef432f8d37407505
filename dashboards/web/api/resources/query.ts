/** Somebody's own SELECT, as the reader of the store. */
import { z } from 'zod';
import { resource } from '../resource.ts';

export const query = resource({
  name: 'runQuery', method: 'post', path: '/query', summary: 'One SELECT as the reader of the store', role: 'read', heavy: true,
  query: z.strictObject({}),
  body: z.strictObject({ sql: z.string().trim().min(1, { message: 'is empty: write one SELECT' }).max(50_000) }),
  answer: z.strictObject({
    columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(z.unknown())), more: z.boolean(), elapsedMs: z.number(),
  }),
  handle: ({ store }, { body, signal }) => store.query(body.sql, signal),
});
