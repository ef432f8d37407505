/** `operator_changes`: what operators have changed through the API or the command. */
import { defineTable } from './define.ts';

export const operatorChanges = defineTable({
  id: 14,
  name: 'operator_changes',
  meaning: 'One change that an operator made: of expected neighbours, maintenance windows or tokens. Whoever was refused, addresses and details stand in the trail that only the role admin may read.',
  kind: 'fact',
  source: 'reports',
  migration: 11,
  eventTypes: [{ name: 'operator.change', meaning: 'no YANG notification: RouteWatch' }],
  columns: [
    { name: 'action', type: 'LowCardinality(String)', wire: 'text', meaning: 'What was done: `add-maintenance-window`, `learn-expected-neighbors`, `create-token` and so on.' },
    { name: 'subject', type: 'String', wire: 'text', meaning: 'To what: a domain, the id of a window, the name of a token.' },
    { name: 'actor', type: 'LowCardinality(String)', wire: 'text', meaning: 'Name of the token; `command line` where somebody with access to the data directory did it.' },
    { name: 'role', type: 'LowCardinality(String)', wire: 'text', meaning: 'Role of the token: `operate`, `admin`.' },
    { name: 'request_id', type: 'String', wire: 'text', meaning: 'Id of the request (`X-Request-Id`); empty: none.' },
  ],
  orderBy: ['time', 'event_id'],
  transitions: [],
  rowKey: 'the line of the trail',
});
