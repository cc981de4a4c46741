// The global `JetSocket` comes from jetsocket.umd.min.js.
const MAX_EVENTS = 10_000;
const MAX_ROWS = 200;

const part = (name) => document.querySelector(`[data-testid="${name}"]`);

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

const TONES = {
  connected: 'good',
  reconnected: 'good',
  disconnected: 'bad',
  error: 'bad',
  buffer_overflow: 'bad',
  reconnecting: 'wait',
};

function print({ type, timestamp, ...fields }) {
  const row = make('li', '');
  row.dataset.tone = TONES[type] ?? 'plain';
  const list = make('span', '');
  list.className = 'fields';
  for (const [name, value] of Object.entries(fields)) {
    const field = make('span', ` ${text(value)}`);
    field.className = 'field';
    field.prepend(make('i', name));
    list.append(field);
  }
  const date = new Date(timestamp * 1_000);
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  const time = `${date.toTimeString().slice(0, 8)}.${ms}`;
  row.append(make('time', time), make('strong', type), list);
  part('log').prepend(row);
  if (part('log').children.length > MAX_ROWS) part('log').lastChild.remove();
}

function text(value) {
  if (value instanceof Error) return value.name;
  if (typeof value === 'string' && value !== '') return value;
  return JSON.stringify(typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value);
}

function make(name, content) {
  const element = document.createElement(name);
  element.textContent = content;
  return element;
}

start();
