import { FIRST, message, text, WINDOW } from './messages.mjs';

/**
 * Sends so many messages a turn of the event loop, as long as no more than a window of them is on its way;
 * measured is the time until the server has all.
 *
 * @param {number} messages
 * @param {number} perTurn
 * @param {'json' | 'text'} form
 * @returns {import('./run.mjs').Begin}
 */
export function send(messages, perTurn, form) {
  const make = form === 'json' ? message : text;
  return (done) => {
    /** @type {import('./clients/client.mjs').Client} */
    let client;
    let startedMs = 0;
    let sent = 0;
    let received = 0;
    let isPaused = false;

    const turn = () => {
      const end = Math.min(sent + perTurn, messages, received + WINDOW);
      isPaused = end === sent;
      while (sent < end) client.send(make(FIRST + sent++));
      if (sent < messages && !isPaused) setImmediate(turn);
    };

    return {
      opened(opened) {
        client = opened;
        startedMs = performance.now();
        setImmediate(turn);
      },
      message(message) {
        // socket.io answers with an object, whatever it was sent.
        ({ received } = typeof message === 'string' ? JSON.parse(message) : message);
        if (received === messages) done([(messages * 1_000) / (performance.now() - startedMs)]);
        else if (isPaused) turn();
      },
    };
  };
}
