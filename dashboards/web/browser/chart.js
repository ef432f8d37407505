/** A step chart of one count over time, as SVG: flat between changes, falls marked, doubtful stretches dashed. */
import { svg } from './dom.js';

/** @typedef {{ ms: number, value: number, sure: boolean }} Step a value that holds until the next step */
/** @typedef {{ from: number, to: number, width: number }} Axis times in ms, width in pixels */

export const CHART_HEIGHT = 34;
const TOP = 5;
const BOTTOM = 4;
/** Room for the mark of a fall that happened just now. */
const RIGHT = 6;

/**
 * Draws the steps.
 * @param {readonly Step[]} steps in order of time
 * @param {Axis} axis
 * @param {{ top: number, expected: number | undefined, label: string }} options `top` is the highest value of the scale,
 *   `expected` what the inventory says, `label` what the chart says to who does not see it
 */
export function stepChart(steps, axis, { top, expected, label }) {
  const chart = svg('svg', { class: 'chart', width: axis.width, height: CHART_HEIGHT, viewBox: `0 0 ${axis.width} ${CHART_HEIGHT}`, role: 'img', 'aria-label': label });
  const y = (/** @type {number} */ value) => CHART_HEIGHT - BOTTOM - (value / Math.max(1, top)) * (CHART_HEIGHT - TOP - BOTTOM);
  const floor = y(0);
  for (const at of ticks(axis)) chart.append(svg('line', { class: 'chart-grid', x1: x(axis, at), x2: x(axis, at), y1: 0, y2: CHART_HEIGHT }));
  chart.append(svg('line', { class: 'chart-floor', x1: 0, x2: axis.width, y1: floor, y2: floor }));
  /** @type {Node[]} */
  const falls = [];
  steps.forEach((step, index) => {
    const begin = Math.max(0, x(axis, step.ms));
    const end = x(axis, steps[index + 1]?.ms ?? axis.to);
    if (end < 0) return;
    const level = y(step.value);
    chart.append(svg('rect', { class: 'chart-area', x: begin, y: level, width: Math.max(0, end - begin), height: Math.max(0, floor - level) }));
    chart.append(svg('line', { class: step.sure ? 'chart-line' : 'chart-line doubtful', x1: begin, x2: end, y1: level, y2: level }));
    const before = steps[index - 1];
    if (before === undefined || x(axis, step.ms) < 0) return;
    const fell = step.value < before.value;
    chart.append(svg('line', { class: fell ? 'chart-fall' : 'chart-line', x1: begin, x2: begin, y1: y(before.value), y2: level }));
    if (fell) falls.push(svg('path', { class: 'chart-fall-mark', d: `M${begin - 4} ${level - 6}h8l-4 6z` }));
  });
  if (expected !== undefined) chart.append(svg('line', { class: 'chart-expected', x1: 0, x2: axis.width, y1: y(expected), y2: y(expected) }));
  chart.append(...falls);
  return chart;
}

/**
 * The axis below the charts.
 * @param {Axis} axis
 */
export function timeAxis(axis) {
  const drawing = svg('svg', { class: 'chart axis', width: axis.width, height: 18, viewBox: `0 0 ${axis.width} 18`, 'aria-hidden': 'true' });
  const withDay = axis.to - axis.from > 36 * 3_600_000;
  const withSeconds = axis.to - axis.from < 10 * 60_000;
  for (const at of ticks(axis)) {
    const place = x(axis, at);
    if (place < 24 || place > axis.width - 24) continue;
    const iso = new Date(at).toISOString();
    drawing.append(svg('line', { class: 'chart-grid', x1: place, x2: place, y1: 0, y2: 4 }));
    drawing.append(svg('text', { x: place, y: 15, 'text-anchor': 'middle' }, withDay ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}` : iso.slice(11, withSeconds ? 19 : 16)));
  }
  return drawing;
}

/**
 * The value at a time; undefined before the first step.
 * @param {readonly Step[]} steps
 * @param {number} ms
 */
export function valueAt(steps, ms) {
  return steps.findLast((step) => step.ms <= ms)?.value;
}

const MINUTE = 60_000;
const DISTANCES = [MINUTE / 4, MINUTE / 2, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE, 180 * MINUTE, 360 * MINUTE,
  720 * MINUTE, 1440 * MINUTE, 2880 * MINUTE];

/**
 * The time at a place on the axis, given as a share of its width.
 * @param {Axis} axis
 * @param {number} share
 */
export function timeAt(axis, share) {
  return axis.from + Math.min(1, (share * axis.width) / (axis.width - RIGHT)) * (axis.to - axis.from);
}

/**
 * Round times on the axis, at least about 90 pixels apart.
 * @param {Axis} axis
 * @returns {number[]}
 */
function ticks(axis) {
  const span = axis.to - axis.from;
  const most = Math.max(1, Math.floor(axis.width / 90));
  const distance = DISTANCES.find((each) => span / each <= most) ?? span;
  /** @type {number[]} */
  const places = [];
  for (let at = Math.ceil(axis.from / distance) * distance; at <= axis.to && places.length < 100; at += distance) places.push(at);
  return places;
}

/**
 * @param {Axis} axis
 * @param {number} ms
 */
function x(axis, ms) {
  return Math.round(((ms - axis.from) / Math.max(1, axis.to - axis.from)) * (axis.width - RIGHT) * 10) / 10;
}
