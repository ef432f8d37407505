/** Which neighbours routers should have: read, set, taken back, learned from what is there, frozen. */
import { z } from 'zod';
import type { ExpectedNeighbor } from '../../../../stream/contract/operations.ts';
import { FrozenError } from '../../operations/expected.ts';
import { Problem } from '../../problem.ts';
import { page, text } from '../inputs.ts';
import { resource } from '../resource.ts';

const MOST_ENTRIES = 2000;
/** Neighbours that one call may learn. */
const MOST_LEARNED = 100_000;

const name = z.string().trim().min(1).max(200);
const protocol = z.enum(['isis', 'ospfv2', 'ospfv3', 'bgp']);
const entry = z.strictObject({
  domain: name, protocol,
  router: name.describe('system id, router id, or address (bgp)'), neighbor: name,
  link: z.string().trim().max(200).default('').describe('empty: on whatever link'),
});
const entries = z.array(entry).min(1).max(MOST_ENTRIES);
const row = z.strictObject({ domain: z.string(), protocol: z.string(), router: z.string(), neighbor: z.string(), link: z.string() });
const path = '/expected-neighbors';

export const listExpected = resource({
  name: 'listExpectedNeighbors', method: 'get', path, role: 'read', summary: 'Which neighbours routers should have, and which domains are frozen',
  query: z.strictObject({ ...page(), domain: text }),
  answer: z.strictObject({ rows: z.array(row), more: z.boolean(), frozen: z.array(z.string()) }),
  handle({ operations: { expected } }, { query: { limit, offset, domain } }) {
    const rows = expected.page(domain, limit + 1, offset);
    return Promise.resolve({ rows: rows.slice(0, limit), more: rows.length > limit, frozen: expected.frozen() });
  },
});

export const addExpected = resource({
  name: 'addExpectedNeighbors', method: 'post', path, role: 'operate', summary: 'Adds expected neighbours; those that are there already stay',
  query: z.strictObject({}), body: z.strictObject({ entries }), answer: z.strictObject({ added: z.number() }),
  handle: ({ operations: { expected } }, { body, change }) => attempt(() => change('add-expected-neighbors', subjectOf(body.entries), () => ({ added: expected.add(body.entries) }), body)),
});

export const setExpected = resource({
  name: 'setExpectedNeighbors', method: 'put', path, role: 'operate', summary: 'Makes these the whole set of a domain',
  query: z.strictObject({}), body: z.strictObject({ domain: name, entries: z.array(entry).max(MOST_ENTRIES) }),
  answer: z.strictObject({ added: z.number(), removed: z.number() }),
  handle({ operations: { expected } }, { body, change }) {
    const foreign = body.entries.find(({ domain }) => domain !== body.domain);
    if (foreign !== undefined) throw new Problem(400, 'This request is not understood', `An entry is of domain "${foreign.domain}", the set of "${body.domain}"`);
    return attempt(() => change('set-expected-neighbors', body.domain, () => expected.replace(body.domain, body.entries), body));
  },
});

export const removeExpected = resource({
  name: 'removeExpectedNeighbor', method: 'delete', path, role: 'operate', summary: 'Takes an expected neighbour back',
  query: entry, answer: z.strictObject({ removed: z.number() }),
  handle: ({ operations: { expected } }, { query, change }) => attempt(() => change('remove-expected-neighbor', query.domain, () => ({ removed: expected.remove([query]) }), query)),
});

export const learnExpected = resource({
  name: 'learnExpectedNeighbors', method: 'post', path: `${path}/learn`, role: 'operate', summary: 'Adds all neighbours that are up now (adjacencies, and BGP sessions that are established)',
  query: z.strictObject({}),
  body: z.strictObject({ domain: name, protocols: z.array(protocol).min(1).default(['isis', 'ospfv2', 'ospfv3', 'bgp']) }),
  answer: z.strictObject({ added: z.number(), seen: z.number() }),
  async handle({ store, operations: { expected } }, { body, signal, change }) {
    const seen = await store.rows(`
      SELECT DISTINCT domain, protocol, router, neighbor, link FROM (
        SELECT toString(domain) AS domain, toString(protocol) AS protocol, toString(router) AS router, toString(neighbor) AS neighbor, toString(link) AS link
        FROM routewatch.adjacencies WHERE state IN ('up', 'full', '2-way')
        UNION ALL
        SELECT toString(domain), 'bgp', toString(router), toString(peer), '' FROM routewatch.sessions WHERE state = 'established')
      WHERE domain = {domain:String} AND has({protocols:Array(String)}, protocol)
      ORDER BY protocol, router, neighbor, link LIMIT ${MOST_LEARNED}`, { domain: body.domain, protocols: body.protocols }, signal) as unknown as ExpectedNeighbor[];
    return attempt(() => change('learn-expected-neighbors', body.domain, () => ({ added: expected.add(seen), seen: seen.length })));
  },
});

export const freezeExpected = resource({
  name: 'freezeExpectedNeighbors', method: 'put', path: `${path}/frozen`, role: 'operate', summary: 'Freezes the expected neighbours of a domain, so that neither hand nor learning changes them; or thaws them',
  query: z.strictObject({}), body: z.strictObject({ domain: name, frozen: z.boolean() }), answer: z.strictObject({ frozen: z.array(z.string()) }),
  handle: ({ operations: { expected } }, { body, change }) => attempt(() => change(body.frozen ? 'freeze-expected-neighbors' : 'thaw-expected-neighbors', body.domain, () => {
    expected.freeze(body.domain, body.frozen);
    return { frozen: expected.frozen() };
  })),
});

/** A frozen domain is a conflict. */
async function attempt<T>(work: () => T): Promise<T> {
  try {
    return await Promise.resolve(work());
  } catch (error) {
    if (error instanceof FrozenError) throw new Problem(409, 'Frozen', error.message);
    throw error;
  }
}

function subjectOf(given: readonly ExpectedNeighbor[]): string {
  return [...new Set(given.map(({ domain }) => domain))].toSorted().join(', ');
}
