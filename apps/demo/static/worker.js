/**
 * A socket in a worker, dedicated or service: the page's first message brings the port that both talk over.
 * The client is the global of the file for script tags.
 */
importScripts('./jetsocket.umd.min.js');

const OPTIONS = {
  buffer: { capacity: 10, ackOf: (message) => message.ack },
  backoff: { baseMs: 300, capMs: 2_000 },
  heartbeat: {
    intervalMs: 1_000,
    timeoutMs: 1_000,
    ping: () => ({ op: 'ping' }),
    isPong: (message) => message.op === 'pong',
  },
  connectTimeoutMs: 1_000,
};

self.addEventListener('message', (event) => {
  const { url } = event.data;
  // Without a URL it is only to keep a service worker awake.
  if (url !== undefined) serve(url, event.ports[0]);
});

function serve(url, port) {
  const socket = JetSocket.connect(url, OPTIONS);
  socket.on('*', (event) => port.postMessage({ event: cloneable(event), state: socket.state }));
  let n = 0;
  port.onmessage = ({ data: { order, count } }) => {
    if (order === 'close') void socket.close(1000, 'closed by the visitor');
    else for (let sent = 0; sent < count; sent++) socket.send({ n: ++n, t: Date.now() });
  };
}

/** A clone of an error loses the name of its class. */
function cloneable({ error, ...fields }) {
  return error === undefined
    ? fields
    : { ...fields, error: { name: error.name, message: error.message } };
}

// At the first visit already, and instead of an older one at once.
if ('skipWaiting' in self) {
  self.addEventListener('install', () => void self.skipWaiting());
}
