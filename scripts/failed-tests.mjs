/** Which tests failed, by the reports of the runners, and the command that runs each of them alone. */
import { join, relative, sep } from 'node:path';

/** @typedef {{ what: string, again: string }} Failed */

/** What is in single quotes, the shell leaves alone. @param {string} text */
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The name is a pattern there, and names have brackets. @param {string} name */
const asPattern = (name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * @param {any} report Vitest's, as JSON. @param {string} root Of the repository.
 * @returns {Failed[]}
 */
export function failedInVitest({ testResults }, root) {
  return testResults.flatMap((/** @type {any} */ result) => {
    const file = inRepository(result.name, root);
    const failed = result.assertionResults.filter(
      (/** @type {any} */ { status }) => status === 'failed',
    );
    // A file that cannot be loaded has no tests, and so no failed ones.
    if (result.status === 'failed' && failed.length === 0)
      return [{ what: `${file} cannot be run`, again: `npx vitest run ${file}` }];
    return failed.map((/** @type {any} */ { fullName }) => ({
      what: `${file}: ${fullName}`,
      again: `npx vitest run ${file} -t ${quote(`${asPattern(fullName)}$`)}`,
    }));
  });
}

/**
 * @param {any} report Playwright's, as JSON. @param {string} root Of the repository.
 * @param {string} which What chooses the tests of the stage: `--config=…` or `--project=…`.
 * @returns {Failed[]}
 */
export function failedInPlaywright({ config, suites }, root, which) {
  return specsIn(suites)
    .filter(({ ok }) => ok === false)
    .map(({ file, line, title }) => {
      const place = `${inRepository(join(config.rootDir, file), root)}:${line}`;
      return { what: `${place}: ${title}`, again: `npx playwright test ${which} ${place}` };
    });
}

/** @param {any[]} suites A file each, and in it what `describe` groups. @returns {any[]} */
function specsIn(suites) {
  return suites.flatMap((suite) => [...(suite.specs ?? []), ...specsIn(suite.suites ?? [])]);
}

/** @param {string} path @param {string} root */
function inRepository(path, root) {
  return relative(root, path).split(sep).join('/');
}
