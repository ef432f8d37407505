/** Who changed what, and who was refused. */
import { z } from 'zod';
import { page } from '../inputs.ts';
import { resource } from '../resource.ts';

export const auditEvents = resource({
  name: 'listAuditEvents', method: 'get', path: '/audit-events', role: 'admin', summary: 'Who changed what through the API or the command, and who was refused; newest first',
  query: z.strictObject(page(200)),
  answer: z.strictObject({
    rows: z.array(z.strictObject({
      id: z.number(), time_ns: z.string(), actor: z.string(), role: z.string(), address: z.string(), request_id: z.string(), action: z.string(),
      subject: z.string(), outcome: z.enum(['done', 'refused']), detail: z.string(),
    })),
    more: z.boolean(),
  }),
  handle({ operations: { audit } }, { query: { limit, offset } }) {
    const rows = audit.list(limit + 1, offset);
    return Promise.resolve({ rows: rows.slice(0, limit), more: rows.length > limit });
  },
});
