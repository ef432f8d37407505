/** The SQL box: somebody's own question or one of the cookbook's, and its result as a table. */
import { ApiError, getList, runQuery } from './api.js';
import { byId, el, notice } from './dom.js';
import { clean, count, plural } from './format.js';
import { showFailure } from './table.js';

const NUMBER = /^(?:Nullable\(|LowCardinality\()*(?:U?Int|Float|Decimal)/;

/** The panel with box, questions and result. */
export class Query {
  /** @type {AbortController | undefined} */
  #running;

  constructor() {
    this.text = byId('sql-text', HTMLTextAreaElement);
    this.note = byId('sql-note', HTMLElement);
    this.result = byId('sql-result', HTMLElement);
    byId('sql-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.run();
    });
    this.text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.run();
    });
    this.result.replaceChildren(notice('No question asked yet', 'Choose one of the questions, or write your own SELECT. SHOW TABLES FROM routewatch lists what there is.'));
  }

  /** Loads the cookbook's questions as buttons. */
  async load() {
    const place = byId('cookbook', HTMLUListElement);
    try {
      const { rows } = await getList('/api/v1/cookbook');
      place.replaceChildren(...rows.map((row) => el('li', {}, el('button', {
        type: 'button', click: () => void this.ask(String(row['sql'])),
      }, clean(row['title'])))));
      if (this.text.value === '') this.text.value = String(rows[0]?.['sql'] ?? 'SELECT * FROM routewatch.timeline ORDER BY time DESC LIMIT 50').trim();
    } catch (error) {
      place.replaceChildren(el('li', {}, error instanceof Error ? error.message : ''));
    }
  }

  /**
   * A question of a link: shown, and run only when somebody says so.
   * @param {URLSearchParams} parameters
   */
  open(parameters) {
    const sql = (parameters.get('sql') ?? '').slice(0, 50_000).trim();
    if (sql === '') return;
    this.text.value = sql;
    this.note.textContent = 'From the link: run it?';
    byId('sql-run', HTMLButtonElement).focus();
  }

  /**
   * Puts a question into the box and runs it.
   * @param {string} sql
   */
  async ask(sql) {
    this.text.value = sql.trim();
    await this.run();
  }

  /** Runs what stands in the box; a question that still runs is given up. */
  async run() {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.note.textContent = 'Running…';
    this.result.setAttribute('aria-busy', 'true');
    try {
      const result = await runQuery(this.text.value, running.signal);
      this.note.textContent = `${result.more ? `first ${plural(result.rows.length, 'row')}` : plural(result.rows.length, 'row')} in ${count(Math.round(result.elapsedMs))} ms`;
      this.#draw(result);
    } catch (error) {
      if (running.signal.aborted) return;
      this.note.textContent = error instanceof ApiError && error.storeName !== '' ? error.storeName : 'Failed';
      showFailure(this.result, error);
    }
    if (this.#running === running) this.result.removeAttribute('aria-busy');
  }

  /** @param {import('./api.js').QueryResult} result */
  #draw({ columns, rows }) {
    if (rows.length === 0) {
      this.result.replaceChildren(notice('No rows', 'The question was understood; nothing in the store answers it.'));
      return;
    }
    const kinds = columns.map(({ type }) => NUMBER.test(type) ? 'number' : 'code');
    this.result.replaceChildren(el('table', {}, el('caption', { class: 'spoken' }, 'Result'),
      el('thead', {}, el('tr', {}, ...columns.map(({ name, type }, index) => el('th', { scope: 'col', title: type, class: kinds[index] }, clean(name))))),
      el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((value, index) => el('td', { class: kinds[index] }, valueMark(value))))))));
    this.result.scrollTop = 0;
  }
}

/** @param {unknown} value */
function valueMark(value) {
  if (value === null) return el('span', { class: 'muted' }, 'NULL');
  if (Array.isArray(value)) return clean(value.join(' '));
  if (typeof value === 'object') return clean(JSON.stringify(value));
  return clean(value);
}
