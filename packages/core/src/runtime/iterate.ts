import type { Reader } from './reader.js';

/**
 * What `for await` walks over. It gets every message from its making on, until the socket is closed, which ends
 * it, or has failed, which it throws. Leaving the loop lets go.
 */
export function iterate<In>(reader: Reader<In>): AsyncIterableIterator<In> {
  return {
    next: () => reader.next(),
    async return(value?: unknown) {
      reader.leave();
      return { done: true, value: await value };
    },
    async throw(thrown?: unknown) {
      reader.leave();
      throw thrown;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
