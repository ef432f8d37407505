/** Planned work, during which alerts are silent and recorded all the same. */
import { z } from 'zod';
import { nowNs } from '../../operations/database.ts';
import type { OwnedWindow } from '../../operations/windows.ts';
import { Problem } from '../../problem.ts';
import { instant, page, yesOrNo } from '../inputs.ts';
import { resource } from '../resource.ts';

const names = z.array(z.string().trim().min(1).max(200)).max(1000).default([]);
const window = z.strictObject({
  id: z.uuid(), domain: z.string(), routers: z.array(z.string()), links: z.array(z.string()), from_ns: z.string(), to_ns: z.string(),
  reason: z.string(), created_by: z.string(),
});
const path = '/maintenance-windows';

export const listWindows = resource({
  name: 'listMaintenanceWindows', method: 'get', path, role: 'read', summary: 'Maintenance windows that last or will come; with past=yes all',
  query: z.strictObject({ ...page(), past: yesOrNo('no') }),
  answer: z.strictObject({ rows: z.array(window), more: z.boolean() }),
  handle({ operations: { windows } }, { query: { limit, offset, past } }) {
    const rows = windows.list(past === 'yes' ? 0n : nowNs(), limit + 1, offset);
    return Promise.resolve({ rows: rows.slice(0, limit).map(shown), more: rows.length > limit });
  },
});

export const addWindow = resource({
  name: 'addMaintenanceWindow', method: 'post', path, role: 'operate', summary: 'Announces planned work: of routers, of links, or (with neither) of a domain',
  query: z.strictObject({}),
  body: z.strictObject({
    domain: z.string().trim().min(1).max(200), routers: names, links: names, from: instant.optional().describe('default: now'), to: instant,
    reason: z.string().trim().min(1).max(1000),
  }),
  answer: window,
  handle({ operations: { windows } }, { body, caller, change }) {
    const { from = nowNs(), to, domain, routers, links, reason } = body;
    if (to <= from || to <= nowNs()) throw new Problem(400, 'This request is not understood', 'The window ends before it begins, or has ended already: `to` must be later');
    return Promise.resolve(shown(change('add-maintenance-window', domain, () => windows.add({ domain, routers, links, from, to, reason, createdBy: caller.name }))));
  },
});

export const removeWindow = resource({
  name: 'removeMaintenanceWindow', method: 'delete', path: `${path}/{id}`, role: 'operate', summary: 'Takes a maintenance window back',
  parameters: z.strictObject({ id: z.uuid() }), query: z.strictObject({}), answer: z.undefined(),
  handle({ operations: { windows } }, { path: { id }, change }) {
    change('remove-maintenance-window', id, () => {
      if (!windows.remove(id)) throw new Problem(404, 'No such window', `There is no maintenance window ${id}`);
    });
    return Promise.resolve(undefined);
  },
});

function shown({ id, domain, routers, links, from, to, reason, createdBy }: OwnedWindow): object {
  return { id, domain, routers, links, from_ns: from.toString(), to_ns: to.toString(), reason, created_by: createdBy };
}
