/** Questions in SQL, worked out. */
import { z } from 'zod';
import { listSchema, text } from '../columns.ts';
import { resource } from '../resource.ts';

export const cookbook = resource({
  name: 'listCookbook', method: 'get', path: '/cookbook', summary: 'Questions in SQL', role: 'read',
  query: z.strictObject({}), answer: listSchema({ title: text(), sql: text() }),
  handle: ({ config }) => Promise.resolve({ rows: config.cookbook, more: false }),
});
