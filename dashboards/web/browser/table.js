/** Tables whose rows are kept by key, so that a refresh moves nothing that did not change. */
import { arrange, el, notice } from './dom.js';
import { ApiError } from './api.js';
import { clock } from './format.js';

/** @typedef {import('./api.js').Row} Row */
/** @typedef {import('./dom.js').Child} Child */
/** @typedef {{ title: string, cell: (row: Row) => Child, class?: string, hint?: string }} TableColumn */

/**
 * A table in a scrolling region that can be reached by keyboard.
 */
export class KeyedTable {
  /** @type {Map<string, { text: string, element: HTMLTableRowElement }>} */
  #rows = new Map();
  #started = false;

  /**
   * @param {HTMLElement} place where it stands; its content is replaced
   * @param {string} caption for who does not see the heading
   * @param {TableColumn[]} columns
   * @param {(row: Row) => string} key
   */
  constructor(place, caption, columns, key) {
    this.place = place;
    this.columns = columns;
    this.key = key;
    this.body = el('tbody');
    this.table = el('table', {}, el('caption', { class: 'spoken' }, caption),
      el('thead', {}, el('tr', {}, ...columns.map(({ title, class: name, hint }) => el('th', { scope: 'col', class: name, title: hint }, title)))),
      this.body);
  }

  /**
   * Shows these rows; those that changed since the last time light up.
   * @param {readonly Row[]} rows
   * @param {{ title: string, advice: string }} empty
   */
  show(rows, empty) {
    if (rows.length === 0) {
      this.place.replaceChildren(notice(empty.title, empty.advice));
      this.#rows.clear();
      return;
    }
    /** @type {Map<string, { text: string, element: HTMLTableRowElement }>} */
    const next = new Map();
    for (const row of rows) {
      const key = this.key(row);
      const text = JSON.stringify(row);
      const before = this.#rows.get(key);
      if (before?.text === text) {
        next.set(key, before);
        continue;
      }
      const element = el('tr', { class: this.#started ? 'changed' : undefined },
        ...this.columns.map(({ cell, class: name }) => el('td', { class: name }, cell(row))));
      next.set(key, { text, element });
    }
    this.#rows = next;
    this.#started = true;
    arrange(this.body, [...next.values()].map(({ element }) => element));
    if (this.table.parentNode !== this.place) this.place.replaceChildren(this.table);
  }

  /** @param {unknown} error */
  fail(error) {
    showFailure(this.place, error);
    this.#rows.clear();
  }
}

/**
 * Says what went wrong in the place of a list.
 * @param {HTMLElement} place
 * @param {unknown} error
 */
export function showFailure(place, error) {
  const title = error instanceof ApiError ? error.title : 'This part of the page failed';
  const detail = error instanceof Error ? error.message : String(error);
  place.replaceChildren(notice(title, `${detail} (${clock(Date.now())} UTC)`, 'failed'));
}
