/** All checks of one runtime, one after the other, and what they came to. */
import { transportChecks } from '@jetsocket/testing/checks';
import { smokeChecks } from './smoke.mjs';

/**
 * @typedef {object} Runtime
 * @property {import('./control.mjs').Control} control
 * @property {(url: string, options: object) => any} connect
 * @property {boolean} takesHeaders
 * @property {Record<string, object>} packages What was imported, by name.
 * @property {(name: string) => any} [require] Where there is CommonJS.
 * @property {Transport[]} transports
 *
 * @typedef {object} Transport
 * @property {string} name
 * @property {any} transport
 * @property {boolean} canPing
 * @property {boolean} tellsStatus
 * @property {boolean} enforcesMaxMessageBytes
 */

/** @param {Runtime} runtime */
export async function runChecks(runtime) {
  const { control, transports } = runtime;
  const suites = [
    { suite: 'smoke', checks: smokeChecks(runtime) },
    ...transports.map(({ name, ...able }) => ({
      suite: name,
      checks: transportChecks(() => ({ ...able, start: () => control.conformanceServer() })),
    })),
  ];
  for (const { suite, checks } of suites) {
    for (const { name, run } of checks) {
      await control.call('report', { suite, name, error: await failureOf(run) });
    }
  }
  await control.call('done');
}

/** @param {() => Promise<void>} run @returns {Promise<string | undefined>} */
async function failureOf(run) {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
