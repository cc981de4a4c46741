/**
 * A transport that takes everything, and carries nothing: what a client costs by itself is measured over it.
 *
 * @param {object} [options]
 * @param {(listener: import('@jetsocket/node').LinkListener) => void} [options.opened] Given what reports to the
 *   client, when there is a connection.
 * @param {Promise<unknown>} [options.when] When there is one. Default: at once.
 * @param {string} [options.protocol] What the server chose. Default: none.
 * @param {(data: import('@jetsocket/node').FrameData, listener: import('@jetsocket/node').LinkListener) => void} [options.sent]
 * @returns {import('@jetsocket/node').Transport}
 */
export function silent({ opened, when = Promise.resolve(), protocol = '', sent } = {}) {
  return {
    takesHeaders: true,
    open(_request, listener) {
      void when.then(() => {
        opened?.(listener);
        listener.onOpen(protocol);
      });
      return {
        send(data) {
          sent?.(data, listener);
          return true;
        },
        close: () => listener.onClose({ code: 1000, reason: '', wasClean: true }),
        abandon: () => undefined,
        bufferedBytes: 0,
      };
    },
  };
}
