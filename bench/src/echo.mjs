import { FIRST, message } from './messages.mjs';
import { quantile } from './statistics.mjs';

/**
 * One message there and back, then the next. Measured are the median round trip and the 99th percentile, in
 * microseconds.
 *
 * @param {number} messages
 * @returns {import('./run.mjs').Begin}
 */
export function echo(messages) {
  return (done, fail) => {
    /** @type {import('./clients/client.mjs').Client} */
    let client;
    const tripsMs = new Float64Array(messages);
    let trips = 0;
    let sentMs = 0;

    const next = () => {
      sentMs = performance.now();
      client.send(message(FIRST + trips));
    };

    return {
      opened(opened) {
        client = opened;
        next();
      },
      message({ id }) {
        tripsMs[trips] = performance.now() - sentMs;
        if (id !== FIRST + trips) {
          fail(`message ${id - FIRST} came back for ${trips}`);
          return;
        }
        trips++;
        if (trips < messages) next();
        else done([quantile([...tripsMs], 0.5) * 1_000, quantile([...tripsMs], 0.99) * 1_000]);
      },
    };
  };
}
