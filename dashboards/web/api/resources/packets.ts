/** The packet behind an event: bytes, layers and fields. */
import { z } from 'zod';
import { Problem } from '../../problem.ts';
import { eventId } from '../columns.ts';
import { resource } from '../resource.ts';

export const packets = resource({
  name: 'explainPacket', method: 'get', path: '/packets/{event_id}', role: 'read', heavy: true,
  summary: 'The packet behind an event; of an event that a timer decided, the last one that it rests on',
  parameters: z.strictObject({ event_id: eventId }), query: z.strictObject({}),
  answer: z.strictObject({
    table: z.string(), event_type: z.string(), event_time: z.string(), evidence: z.string(), tap: z.string(), frame: z.number(), time: z.string(),
    bytes: z.string().meta({ description: 'the frame in hex' }), explained: z.record(z.string(), z.unknown()),
  }),
  async handle({ packets: source }, { path, signal }) {
    if (source === undefined) throw new Problem(501, 'No frames here', 'This server has no log of frames: ask one that runs beside the log');
    const found = await source(path.event_id, signal);
    if (found === undefined) throw new Problem(404, 'No such event', `No event ${path.event_id} is in the store`);
    return found;
  },
});
