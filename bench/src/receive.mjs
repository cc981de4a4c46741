import { FIRST, numberInBytes, numberInText } from './messages.mjs';

/** @type {Record<import('./clients/client.mjs').Form, (message: any) => number>} */
const numberOf = { json: ({ id }) => id, text: numberInText, binary: numberInBytes };

/** What tells the server to begin, in each form. */
const BEGIN = { json: 'begin', text: 'begin', binary: Buffer.from('begin') };

/**
 * The server sends as fast as it is read; measured is the time until the last message was handed over.
 *
 * @param {number} messages
 * @param {import('./clients/client.mjs').Form} form
 * @returns {import('./run.mjs').Begin}
 */
export function receive(messages, form) {
  const numberIn = numberOf[form];
  return (done, fail) => {
    let startedMs = 0;
    let due = FIRST;
    return {
      opened(client) {
        startedMs = performance.now();
        client.send(BEGIN[form]);
      },
      message(message) {
        const number = numberIn(message);
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
