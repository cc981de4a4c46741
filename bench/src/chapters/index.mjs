/** The chapters of docs/benchmarks.md that are more than a table of ratios. Each can be measured alone. */
import { missingBrowser } from '../chromium/browser.mjs';
import { measureChromium } from '../chromium/main.mjs';
import { measureFlame } from '../flame/main.mjs';
import { measureGrowth } from '../growth/main.mjs';
import { measureOutage } from '../outage/main.mjs';
import { measureMemory } from './memory.mjs';
import { measureResume } from '../resume/main.mjs';

/**
 * @typedef {object} Plan
 * @property {string} origin Of the server.
 * @property {number | undefined} [rounds] The chapter's own number, if undefined.
 * @property {number | undefined} [count] How many messages, or clients: the chapter's own number, if undefined.
 * @property {readonly string[]} clients Names of `clients/kinds.mjs`: a chapter leaves out the others.
 * @property {boolean} isWritten Pictures go to docs/ only then.
 * @property {(what: string) => void} progress
 *
 * @typedef {object} Chapter
 * @property {string} title
 * @property {(plan: Plan) => Promise<string>} measure To the text of its section.
 * @property {() => string | undefined} [missing] What it needs and is not there, asked before anything is measured.
 */

/** In the order of the page. @type {Readonly<Record<string, Chapter>>} */
export const chapters = {
  memory: { title: 'Memory', measure: measureMemory },
  growth: { title: 'As it grows', measure: measureGrowth },
  resume: { title: 'Coming back', measure: measureResume },
  outage: { title: 'Everybody loses the server at once', measure: measureOutage },
  chromium: { title: 'In Chromium', measure: measureChromium, missing: missingBrowser },
  flame: { title: 'Where the time goes', measure: measureFlame },
};

/** @param {readonly string[]} names */
export function checkChapters(names) {
  for (const name of names) {
    const chapter = chapters[name];
    if (chapter === undefined)
      throw new Error(
        `There is no chapter '${name}'. There are ${Object.keys(chapters).join(', ')}`,
      );
    const missing = chapter.missing?.();
    if (missing !== undefined) throw new Error(missing);
  }
}

/** @param {string} name @param {Plan} plan */
export async function sectionOf(name, plan) {
  const chapter = chapters[name];
  if (chapter === undefined) throw new Error(`There is no chapter '${name}'`);
  return `## ${chapter.title}\n\n${(await chapter.measure(plan)).trim()}\n`;
}
