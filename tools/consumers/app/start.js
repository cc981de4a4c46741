/**
 * Three clients to one server that echoes: each says hello, and, when its connection is lost, says so while there is
 * none. What they got back is there for the test to see.
 */
const FAST = { backoff: { baseMs: 20, capMs: 200 } };

export function start({ connect, connectInBrowser, LastingWebSocket }) {
  const got = { jetsocket: [], browser: [], websocket: [] };
  globalThis.got = got;
  talk(connect('/ws/jetsocket', FAST), got.jetsocket);
  talk(connectInBrowser('/ws/browser', FAST), got.browser);
  const socket = new LastingWebSocket('/ws/websocket', [], { ...FAST, outages: 'reopen' });
  socket.onmessage = ({ data }) => got.websocket.push(data);
  socket.onclose = () => socket.send('lost');
  socket.addEventListener('open', () => socket.send('hello'), { once: true });
}

function talk(socket, got) {
  socket.on('message', ({ data }) => got.push(data));
  socket.on('disconnected', () => socket.send('lost'));
  socket.send('hello');
}
