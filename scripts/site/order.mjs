/** Folders of packages/, as the site lists them: what most people install comes first. */
const ORDER = ['jetsocket', 'core', 'browser', 'node', 'server', 'testing', 'otel'];

/** Compares two folders; one that is not listed is behind all that are. @param {string} one @param {string} other */
export function byOrder(one, other) {
  return rank(one) - rank(other);
}

/** @param {string} name */
function rank(name) {
  return ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length;
}
