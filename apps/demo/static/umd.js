// The global `JetSocket` comes from jetsocket.umd.min.js; `part` and `print` from event-log.js.
const MAX_EVENTS = 10_000;

/** Asks the demo's server over HTTP, past the network that is being broken. */
async function ask(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

async function start() {
  const network = await ask('api/networks', { rateIn: 1 });
  const socket = JetSocket.connect(`${network.url}?ack=1`, {
    buffer: { capacity: 10, ackOf: (message) => message.ack },
    backoff: { baseMs: 300, capMs: 2_000 },
    heartbeat: {
      intervalMs: 2_000,
      timeoutMs: 1_500,
      ping: () => ({ op: 'ping' }),
      isPong: (message) => message.op === 'pong',
    },
  });

  const events = [];
  window.jetsocketDemo = { socket, events };
  socket.on('*', (event) => {
    events.push(event);
    if (events.length > MAX_EVENTS) events.shift();
    print(event);
    part('state').textContent = socket.state;
    part('state').dataset.state = socket.state;
  });

  let n = 0;
  const send = () => socket.send({ n: ++n, t: Date.now() });
  part('send-one').addEventListener('click', send);
  part('send-burst').addEventListener('click', () => {
    for (let count = 0; count < 20; count++) send();
  });
  for (const kind of ['cut', 'refuse', 'restore']) {
    const path = `api/networks/${network.id}/faults`;
    part(`fault-${kind}`).addEventListener('click', () => ask(path, { kind }));
  }
  // Without a question or a connection for a minute, the server takes the network away.
  setInterval(() => fetch(`api/networks/${network.id}`), 20_000);
}

start();
