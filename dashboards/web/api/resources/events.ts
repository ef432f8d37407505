/** The live stream: a snapshot, then changes. */
import { z } from 'zod';
import { answered, resource } from '../resource.ts';

export const events = resource({
  name: 'followEvents', method: 'get', path: '/events', role: 'read', streamed: 'text/event-stream',
  summary: 'Server-sent events: `snapshot` (the newest), then `changes`; `dropped` before a slow client is cut off',
  query: z.strictObject({}),
  answer: z.unknown(),
  handle({ streams }, { request, response }) {
    streams.open(request, response);
    return Promise.resolve(answered);
  },
});
