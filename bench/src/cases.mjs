import { echo } from './echo.mjs';
import { WINDOW } from './messages.mjs';
import { receive } from './receive.mjs';
import { send } from './send.mjs';

/**
 * @typedef {object} Measure
 * @property {string} title
 * @property {'messages/s' | 'µs'} unit
 * @property {'higher' | 'lower'} better
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {number} messages How many a run takes, unless asked otherwise: for a fifth of a second or so.
 * @property {readonly Measure[]} measures What a run measures, in this order.
 * @property {import('./client.mjs').Settings} settings
 * @property {(messages: number) => string} path What is asked of the server.
 * @property {(messages: number) => import('./run.mjs').Begin} begin
 */

/** @param {string} title @returns {readonly Measure[]} */
const rate = (title) => [{ title, unit: 'messages/s', better: 'higher' }];
/** @param {string} title @returns {Measure} */
const time = (title) => ({ title, unit: 'µs', better: 'lower' });
/** Told so often, the client need not stop. @param {number} messages */
const countPath = (messages) => `/count?messages=${messages}&every=${WINDOW / 4}`;

/** @type {readonly Case[]} */
export const cases = [
  {
    name: 'receive-json',
    messages: 300_000,
    measures: rate('receive JSON'),
    settings: {},
    path: (messages) => `/feed?messages=${messages}`,
    begin: (messages) => receive(messages, false),
  },
  {
    name: 'receive-text',
    messages: 500_000,
    measures: rate('receive text'),
    settings: { text: true },
    path: (messages) => `/feed?messages=${messages}`,
    begin: (messages) => receive(messages, true),
  },
  {
    name: 'send-burst',
    messages: 60_000,
    measures: rate('send JSON, 500 a turn'),
    settings: {},
    path: countPath,
    begin: (messages) => send(messages, 500),
  },
  {
    name: 'send-single',
    messages: 20_000,
    measures: rate('send JSON, 1 a turn'),
    settings: {},
    path: countPath,
    begin: (messages) => send(messages, 1),
  },
  {
    name: 'send-acked',
    messages: 60_000,
    measures: rate('send JSON, 500 a turn, ackOf'),
    settings: { acks: true },
    path: (messages) => `/count?messages=${messages}&every=100`,
    begin: (messages) => send(messages, 500),
  },
  {
    name: 'echo',
    messages: 8_000,
    measures: [time('echo, median'), time('echo, 99th percentile')],
    settings: {},
    path: () => '/echo',
    begin: echo,
  },
];
