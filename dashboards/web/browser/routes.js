/** Routes as they are now: who announces what to whom, found by address or prefix. */
import { getList } from './api.js';
import { byId, el } from './dom.js';
import { clean, plural } from './format.js';
import { sinceMark } from './states.js';
import { KeyedTable } from './table.js';

/** @typedef {import('./api.js').Row} Row */

/** The panel with its search. */
export class Routes {
  #prefix = '';

  constructor() {
    this.note = byId('routes-note', HTMLElement);
    this.table = new KeyedTable(byId('routes-list', HTMLElement), 'Routes now', [
      { title: 'Prefix', cell: (row) => prefixMark(row), class: 'code' },
      { title: 'Sender', cell: (row) => clean(row['sender']), class: 'code' },
      { title: 'Receiver', cell: (row) => clean(row['receiver']), class: 'code' },
      { title: 'Next hop', cell: (row) => clean(row['next_hop']), class: 'code low' },
      { title: 'AS path', cell: (row) => clean(row['as_path_text']) || el('span', { class: 'muted' }, 'local'), class: 'code' },
      { title: 'Pref', cell: (row) => clean(row['local_pref']), class: 'number low', hint: 'LOCAL_PREF' },
      { title: 'MED', cell: (row) => clean(row['med']), class: 'number low' },
      { title: 'Origin', cell: (row) => clean(row['origin']), class: 'muted low' },
      { title: 'Communities', cell: (row) => communities(row), class: 'code clip low' },
      { title: 'Since', cell: (row) => sinceMark(row['since_ns']), class: 'number' },
    ], (row) => ['sender', 'receiver', 'afi_safi', 'prefix', 'path_id'].map((name) => String(row[name])).join('|'));
    byId('routes-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#prefix = byId('routes-prefix', HTMLInputElement).value.trim();
      void this.refresh();
    });
  }

  async refresh() {
    const prefix = this.#prefix;
    try {
      const { rows, more } = await getList('/api/v1/routes', { prefix });
      if (prefix !== this.#prefix) return;
      this.note.textContent = rows.length === 0 ? ''
        : `${more ? `first ${plural(rows.length, 'path')}` : plural(rows.length, 'path')}${prefix === '' ? '' : ` for ${prefix}`}`;
      this.table.show(rows, prefix === ''
        ? { title: 'No route has been seen yet', advice: 'Routes appear when a tapped BGP session announces them; what was announced before the tap needs a route refresh.' }
        : { title: `Nothing covers ${prefix}, and nothing is inside it`, advice: 'On the tapped sessions nobody announces it now. Who did before: the cookbook’s question below.' });
    } catch (error) {
      if (prefix !== this.#prefix) return;
      this.note.textContent = '';
      this.table.fail(error);
    }
  }
}

/** @param {Row} row */
function prefixMark(row) {
  const path = Number(row['path_id']);
  const stale = row['stale'] === true || row['stale'] === 1;
  return el('span', {}, clean(row['prefix']),
    path > 0 ? el('span', { class: 'router-id', title: 'ADD-PATH path identifier' }, ` #${path}`) : null,
    row['relation'] === 'exact' ? el('span', { class: 'tag' }, 'exact') : null,
    row['relation'] === 'covers' ? el('span', { class: 'tag' }, 'covers') : null,
    stale ? el('span', { class: 'tag warn' }, 'stale') : null);
}

/** @param {Row} row */
function communities(row) {
  const all = ['communities', 'large_communities', 'ext_communities'].flatMap((name) => {
    const value = row[name];
    return Array.isArray(value) ? value.map(clean) : [];
  });
  return el('span', { title: all.join(' ') }, all.join(' '));
}
