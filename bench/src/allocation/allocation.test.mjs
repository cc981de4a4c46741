/** What a message may cost in memory on its way. Counted in bytes, which a busy machine does not change. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';

const file = fileURLToPath(new URL('main.mjs', import.meta.url));
const flags = ['--expose-gc', '--max-semi-space-size=256', '--min-semi-space-size=256'];

/** Of the record of a message: five fields, and the number that is its timestamp. */
const RECORD_BYTES = 80;

/** @type {Record<string, number>} */
let bytes = {};
beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, file]);
  bytes = JSON.parse(stdout);
}, 120_000);

it.each([
  ['a message that comes costs its record, and nothing else', 'receive', RECORD_BYTES],
  ['so it does among ten handlers', 'receiveAmongTenHandlers', RECORD_BYTES + 2],
  [
    'in a session, its part of the frame and now and then an acknowledgement',
    'receiveInSession',
    136,
  ],
  ['a message that is sent costs its delivery', 'send', 72],
  ['and a place in the outbox where it awaits an acknowledgement', 'sendAwaitingAck', 112],
  ['and its frame in a session', 'sendInSession', 264],
])('%s', (_title, name, limit) => {
  expect(bytes[name]).toBeGreaterThan(RECORD_BYTES / 2);
  expect(bytes[name]).toBeLessThanOrEqual(limit);
});
