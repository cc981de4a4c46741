/** A long way: what goes through it takes so long each way. It can be cut, and refuses then. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @param {number} port Of the server. @param {number} delayMs Each way. */
export async function startRelay(port, delayMs) {
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set();
  let isUp = true;
  let acceptedMs = 0;
  const relay = createServer((near) => {
    if (!isUp) {
      near.destroy();
      return;
    }
    acceptedMs = performance.now();
    const far = connect(port, '127.0.0.1');
    join(near, far);
    join(far, near);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const address = relay.address();
  return {
    url: `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    /** When the latest connection came, by `performance.now()`. */
    get acceptedMs() {
      return acceptedMs;
    },
    cut() {
      isUp = false;
      for (const socket of open) socket.destroy();
    },
    restore() {
      isUp = true;
    },
    stop() {
      this.cut();
      relay.close();
    },
  };

  /** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
  function join(from, to) {
    open.add(from);
    from.setNoDelay(true);
    from.on('error', () => undefined);
    // Timers of one length fire in the order in which they were set.
    from.on('data', (bytes) => void setTimeout(() => !to.destroyed && to.write(bytes), delayMs));
    from.on('close', () => {
      open.delete(from);
      setTimeout(() => to.destroy(), delayMs);
    });
  }
}
