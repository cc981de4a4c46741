/** Tables of what was measured, in Markdown. */
import { kinds } from './clients/kinds.mjs';

/** @param {string} name */
export function head(name) {
  const { title, version } = kinds[name] ?? { title: name, version: '' };
  return `${title} ${version}`;
}

/** @param {number} value */
export const whole = (value) => Math.round(value).toLocaleString('en-US');

/** @param {readonly string[]} first @param {readonly (readonly string[])[]} rows */
export function markdown(first, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    line(first),
    line(first.map((_, at) => (at === 0 ? '---' : '--:'))),
    ...rows.map(line),
  ].join('\n');
}
