import { FIRST, numberInText } from './messages.mjs';

/**
 * The server sends as fast as it is read; measured is the time until the last message was handed over.
 *
 * @param {number} messages
 * @param {boolean} text
 * @returns {import('./run.mjs').Begin}
 */
export function receive(messages, text) {
  return (done, fail) => {
    let startedMs = 0;
    let due = FIRST;
    return {
      opened(client) {
        startedMs = performance.now();
        client.send('begin');
      },
      message(message) {
        const number = text ? numberInText(message) : message.id;
        if (number !== due) {
          fail(`message ${number - FIRST} came where ${due - FIRST} was due`);
          return;
        }
        due++;
        if (due === FIRST + messages) done([(messages * 1_000) / (performance.now() - startedMs)]);
      },
    };
  };
}
