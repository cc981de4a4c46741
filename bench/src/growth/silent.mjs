/**
 * A transport that takes everything, and carries nothing: what a client costs by itself is measured over it.
 * `opened` is called with what reports to the client, when there is a connection.
 *
 * @param {(listener: import('@jetsocket/node').LinkListener) => void} [opened]
 * @param {Promise<unknown>} [when]
 * @returns {import('@jetsocket/node').Transport}
 */
export function silent(opened = () => undefined, when = Promise.resolve()) {
  return {
    takesHeaders: true,
    open(_request, listener) {
      void when.then(() => {
        opened(listener);
        listener.onOpen('');
      });
      return {
        send: () => true,
        close: () => listener.onClose({ code: 1000, reason: '', wasClean: true }),
        abandon: () => undefined,
        bufferedBytes: 0,
      };
    },
  };
}
