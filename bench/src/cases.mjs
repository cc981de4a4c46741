import { echo } from './echo.mjs';
import { LEAST_BYTES, WINDOW } from './messages.mjs';
import { receive } from './receive.mjs';
import { send } from './send.mjs';

/**
 * @typedef {object} Measure
 * @property {string} title
 * @property {'messages/s' | 'µs'} unit
 * @property {'higher' | 'lower'} better
 * @property {Readonly<Record<string, number>>} goals By client: the ratio to ws that it has to reach.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {number} messages How many a run takes, unless asked otherwise: for a fifth of a second or so.
 * @property {readonly Measure[]} measures What a run measures, in this order.
 * @property {import('./clients/client.mjs').Settings} settings
 * @property {readonly string[]} [only] The clients that can do it; all, if undefined.
 * @property {(messages: number) => string} path What is asked of the server.
 * @property {(messages: number) => import('./run.mjs').Begin} begin
 */

/** @param {string} title @param {number} full @param {number} session @returns {readonly Measure[]} */
const rate = (title, full, session) => [
  { title, unit: 'messages/s', better: 'higher', goals: { full_buffer: full, session } },
];

/** @param {string} title @returns {Measure} */
const time = (title) => ({
  title,
  unit: 'µs',
  better: 'lower',
  goals: { full_buffer: 1.03, session: 1.05 },
});

/** Told so often, the client need not stop. @param {number} messages */
const countPath = (messages) => `/count?messages=${messages}&every=${WINDOW / 4}`;

/**
 * @param {import('./clients/client.mjs').Form} form
 * @param {string} size
 * @param {number} bytes
 * @param {number} messages
 * @param {number} full
 * @param {number} session
 * @returns {Case}
 */
const receiving = (form, size, bytes, messages, full, session) => ({
  name: `receive-${form}-${size.replace(' ', '').toLowerCase()}`,
  messages,
  measures: rate(`receive ${form === 'json' ? 'JSON' : form}, ${size}`, full, session),
  settings: { form },
  path: (count) => `/feed?messages=${count}&bytes=${bytes}&form=${form}`,
  begin: (count) => receive(count, form),
});

/**
 * @param {'json' | 'text'} form
 * @param {number} perTurn
 * @param {number} messages
 * @param {Readonly<Record<string, number>>} goals
 * @returns {Case}
 */
const sending = (form, perTurn, messages, goals) => ({
  name: `send-${form}-${perTurn}`,
  messages,
  measures: [
    {
      title: `send ${form === 'json' ? 'JSON' : form}, ${perTurn} a turn`,
      unit: 'messages/s',
      better: 'higher',
      goals,
    },
  ],
  settings: { form },
  path: countPath,
  begin: (count) => send(count, perTurn, form),
});

/** @type {readonly Case[]} */
export const cases = [
  receiving('json', '64 B', LEAST_BYTES, 300_000, 0.95, 0.9),
  receiving('text', '64 B', LEAST_BYTES, 500_000, 0.92, 0.88),
  receiving('text', '4 KiB', 4_096, 40_000, 0.98, 0.95),
  receiving('binary', '4 KiB', 4_096, 40_000, 0.98, 0.95),
  receiving('text', '64 KiB', 65_536, 2_000, 0.98, 0.95),
  receiving('binary', '64 KiB', 65_536, 2_000, 0.98, 0.95),
  sending('text', 500, 100_000, { full_buffer: 4, session: 3.5 }),
  sending('text', 100, 100_000, { full_buffer: 4, session: 3.5 }),
  sending('text', 10, 60_000, { full_buffer: 2.5, session: 2.2 }),
  sending('text', 1, 20_000, { full_buffer: 0.95, session: 0.9 }),
  sending('json', 500, 60_000, {}),
  {
    name: 'send-acked',
    messages: 60_000,
    measures: [
      { title: 'send JSON, 500 a turn, ackOf', unit: 'messages/s', better: 'higher', goals: {} },
    ],
    settings: { form: 'json', acks: true },
    only: ['ws', 'full_buffer'],
    path: (messages) => `/count?messages=${messages}&every=100`,
    begin: (messages) => send(messages, 500, 'json'),
  },
  {
    name: 'echo',
    messages: 8_000,
    measures: [time('round trip, median'), time('round trip, 99th percentile')],
    settings: { form: 'json' },
    path: () => '/echo',
    begin: echo,
  },
];
