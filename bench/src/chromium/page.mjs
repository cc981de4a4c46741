/** What runs in the browser: one client receives so many messages, and every number is looked at. */
import { FIRST, numberInText } from '../messages.mjs';

const DEADLINE_MS = 30_000;

/**
 * @typedef {'json' | 'text'} Form
 * @typedef {(url: string, form: Form, opened: (send: () => void, close: () => void) => void,
 *   message: (message: any) => void, failed: (why: string) => void) => void} Open
 */

/** As one writes it by hand, and a lookalike in the same form. @param {any} Socket @returns {Open} */
const lookalike = (Socket) => (url, form, opened, message, failed) => {
  const socket = new Socket(url);
  const send = () => socket.send('begin');
  socket.addEventListener('open', () => opened(send, () => socket.close(1000)));
  socket.addEventListener('error', () => failed('the connection failed'));
  socket.addEventListener(
    'message',
    form === 'json'
      ? (/** @type {MessageEvent<string>} */ { data }) => message(JSON.parse(data))
      : (/** @type {MessageEvent<string>} */ { data }) => message(data),
  );
};

/** @param {object} options @returns {Open} */
const jet = (options) => (url, form, opened, message, failed) => {
  const socket = connect(url, {
    reconnect: false,
    codec: form === 'json' ? json : text,
    ...options,
  });
  socket.on('connected', () =>
    opened(
      () => void socket.send('begin'),
      () => void socket.close(),
    ),
  );
  socket.on('message', (/** @type {{ data: unknown }} */ { data }) => message(data));
  socket.on('error', (/** @type {{ error: Error }} */ { error }) => failed(error.message));
};

// Asked for by address: that is how a page without a bundler has them.
const { connect, json, text } = await import(String('/jetsocket.mjs'));
const { default: PartySocket } = await import(String('/partysocket.mjs'));

/** @type {Readonly<Record<string, Open>>} */
const opens = {
  native: lookalike(WebSocket),
  full_buffer: jet({}),
  session: jet({ replay: { mode: 'session' } }),
  partysocket: lookalike(PartySocket),
};

/** @param {string} name @param {string} url @param {Form} form @param {number} messages @returns {Promise<number>} Milliseconds. */
function receive(name, url, form, messages) {
  const numberOf = form === 'json' ? (/** @type {{ id: number }} */ { id }) => id : numberInText;
  return new Promise((resolve, reject) => {
    let startedMs = 0;
    let due = FIRST;
    let close = () => undefined;
    const failed = (/** @type {string} */ why) => reject(new Error(`${name}: ${why}`));
    const message = (/** @type {any} */ data) => {
      const number = numberOf(data);
      if (number !== due) return failed(`${number - FIRST} came where ${due - FIRST} was due`);
      due++;
      if (due < FIRST + messages) return;
      resolve(performance.now() - startedMs);
      close();
    };
    const opened = (/** @type {() => void} */ send, /** @type {() => any} */ closing) => {
      close = closing;
      startedMs = performance.now();
      send();
    };
    setTimeout(() => failed(`only ${due - FIRST} of ${messages} came`), DEADLINE_MS);
    opens[name]?.(url, form, opened, message, failed);
  });
}

Object.assign(globalThis, { receive, isReady: true });
