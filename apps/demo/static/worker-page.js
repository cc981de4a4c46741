/** The page of a socket that lives in a worker: it tells the worker what to do, and shows what that tells. */
// `part` and `print` come from event-log.js.

const MAX_EVENTS = 10_000;
const BURST = 20;
const isService = new URLSearchParams(location.search).get('in') === 'service-worker';

/** Asks the demo's server over HTTP, past the network that is being broken. */
async function ask(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

async function startServiceWorker() {
  // No page is in its scope: nothing of the demo is taken over by it.
  const scope = './in-service-worker/';
  const registration = await navigator.serviceWorker.register('./worker.js', { scope });
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  while (worker.state !== 'activated') {
    await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
  }
  return worker;
}

async function start() {
  part('place').textContent = isService ? 'service worker' : 'worker';
  const worker = isService ? await startServiceWorker() : new Worker('./worker.js');
  const network = await ask('api/networks', { rateIn: 1 });

  const { port1: port, port2 } = new MessageChannel();
  const events = [];
  window.jetsocketDemo = { events };
  port.onmessage = ({ data: { event, state } }) => {
    events.push(event);
    if (events.length > MAX_EVENTS) events.shift();
    print(event);
    part('state').textContent = state;
    part('state').dataset.state = state;
  };
  // Without news a browser ends a service worker after half a minute.
  if (isService) setInterval(() => worker.postMessage({}), 10_000);
  worker.postMessage({ url: `${network.url}?ack=1` }, [port2]);

  part('send-one').addEventListener('click', () => port.postMessage({ order: 'send', count: 1 }));
  part('send-burst').addEventListener('click', () =>
    port.postMessage({ order: 'send', count: BURST }),
  );
  part('socket-close').addEventListener('click', () => port.postMessage({ order: 'close' }));
  for (const kind of ['cut', 'refuse', 'hang', 'restart', 'restore']) {
    const path = `api/networks/${network.id}/faults`;
    part(`fault-${kind}`).addEventListener('click', () => ask(path, { kind }));
  }
  // Without a question or a connection for a minute, the server takes the network away.
  setInterval(() => fetch(`api/networks/${network.id}`), 20_000);
  addEventListener('pagehide', () => port.postMessage({ order: 'close' }));
}

start();
