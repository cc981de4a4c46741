/**
 * A page in which one section, from its heading of the second level to the next, is another; at the end, if there was
 * none of its name.
 *
 * @param {string} page
 * @param {string} section Begins with its heading.
 */
export function withSection(page, section) {
  const heading = section.slice(0, section.indexOf('\n') + 1);
  const start = `\n${page}`.indexOf(`\n${heading}`);
  if (start === -1) return `${page.trimEnd()}\n\n${section.trim()}\n`;
  const next = page.indexOf('\n## ', start + heading.length);
  const after = next === -1 ? '' : page.slice(next);
  return `${page.slice(0, start)}${section.trim()}\n${after}`;
}
