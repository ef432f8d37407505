/** Paths of a prefix: exact, longest match, covered, covering; now and at a time. */
import { z } from 'zod';
import { big, type Columns, flag, instant, listSchema, number, optionalNumber, selectList, text, texts, uuid } from '../columns.ts';
import { at, page, type PrefixSearch, prefix } from '../inputs.ts';
import { byDomain, filterInputs, filterValues, viewAt, where } from '../list.ts';
import { resource } from '../resource.ts';

/** Columns of a path. */
export const pathColumns: Columns = {
  domain: text(), network_instance: text(), link: text(), sender: text(), receiver: text(), afi_safi: text(), prefix: text(), path_id: number(), origin: text(),
  as_path_text: text(), origin_as: number(), next_hop: text(), med: optionalNumber(), local_pref: optionalNumber(), communities: texts(),
  large_communities: texts(), ext_communities: texts(), originator_id: text(), cluster_list: texts(), stale: flag(), attributes: big('toString(v.attributes)'),
  since_ns: instant('v.since'), event_id: uuid('v.event_id'),
};

export const pathFilters = {
  ...byDomain, sender: 'sender = {sender:String}', receiver: 'receiver = {receiver:String}', afi_safi: 'afi_safi = {afi_safi:String}',
};

/** What of the prefixes around the given one is asked for: `related` is all that covers it and all within it. */
const matches = ['related', 'exact', 'longest', 'covered', 'covering'] as const;

const covers = 'covers(prefix_address, prefix_length, {given:String})';
const within = 'covered_by(prefix_address, prefix_length, {given:String})';

const conditions: Readonly<Record<(typeof matches)[number], string>> = {
  related: `(${covers} OR ${within})`,
  exact: `${within} AND prefix_length = {length:UInt8}`,
  longest: covers,
  covered: within,
  covering: covers,
};

const order = 'sender, receiver, path_id, domain, network_instance, link';

export const routes = resource({
  name: 'findRoutes', method: 'get', path: '/routes', summary: 'Paths of an address or prefix, of what covers it (the longest first), and of its more specifics', role: 'read',
  query: z.strictObject({ prefix: prefix.optional(), match: z.enum(matches).default('related'), ...filterInputs(pathFilters), ...page(200), ...at }),
  answer: listSchema({ ...pathColumns, relation: text() }),
  async handle({ store }, { query: asked, signal }) {
    const { limit, offset, at: instant_, match, prefix: given, ...rest } = asked as { limit: number; offset: number; at?: bigint; match: (typeof matches)[number]; prefix?: PrefixSearch } & Record<string, unknown>;
    const from = `FROM ${viewAt('rib', instant_)} AS v`;
    const values = filterValues(pathFilters, rest);
    if (given === undefined) {
      return store.page(`SELECT ${selectList(pathColumns)}, '' AS relation ${from} ${where(pathFilters, rest)} ORDER BY afi_safi, prefix_address, prefix_length, ${order}`, values, { limit, offset }, signal);
    }
    const relation = "multiIf(prefix_length > {length:UInt8}, 'more-specific', prefix_length = {length:UInt8}, 'exact', 'covers')";
    // What a packet would follow is told for each receiver: each has a table of its own.
    const longest = match === 'longest' ? 'QUALIFY prefix_length = max(prefix_length) OVER (PARTITION BY domain, network_instance, receiver)' : '';
    return store.page(`
      SELECT ${selectList(pathColumns)}, ${relation} AS relation ${from} ${where(pathFilters, rest, conditions[match])} ${longest}
      ORDER BY relation = 'more-specific', if(relation = 'more-specific', 1, -1) * prefix_length, prefix_address, ${order}`,
    { ...values, length: given.length, given: given.text }, { limit, offset }, signal);
  },
});
