/**
 * The conformance suite over the browser's own WebSocket. This one file is loaded by the page, and, when the
 * page is told so, by a worker or a service worker, to which it then hands every check.
 */
import { browserTransport } from '../../../../packages/browser/src/index.js';
import { Bench } from '../../../../packages/testing/src/conformance/bench.js';
import { checks } from '../../../../packages/testing/src/conformance/checks.js';
import type { Outcome, Place } from './protocol.js';
import { startRemoteServer } from './remote-server.js';

/** What the test calls. */
export interface InBrowser {
  readonly names: readonly string[];
  run(name: string): Promise<Outcome>;
}

declare global {
  interface Window {
    conformance?: InBrowser;
  }
}

const FILE = './conformance.js';

async function runHere(name: string): Promise<Outcome> {
  try {
    const check = checks.find((one) => one.name === name);
    if (check === undefined) throw new Error('There is no such check');
    const subject = {
      transport: browserTransport(),
      canPing: false,
      tellsStatus: false,
      enforcesMaxMessageBytes: false,
      start: startRemoteServer,
    };
    const bench = new Bench(subject, await startRemoteServer());
    try {
      await check.run(bench);
    } finally {
      await bench.finish();
    }
    return { name, failure: null };
  } catch (error) {
    return { name, failure: String(error) };
  }
}

/** As a worker: each request brings the port for its answer. */
function serve(): void {
  addEventListener('message', (event) => {
    const { data, ports } = event as MessageEvent<string>;
    const answered = runHere(data).then((outcome) => ports[0]?.postMessage(outcome));
    // A service worker is ended when it has nothing to do; this is something.
    if ('waitUntil' in event) (event as unknown as LifeLine).waitUntil(answered);
  });
}

interface LifeLine {
  waitUntil(work: Promise<unknown>): void;
}

interface Postable {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

async function start(place: Place): Promise<void> {
  const run = place === 'page' ? runHere : askOf(await open(place));
  window.conformance = { names: checks.map(({ name }) => name), run };
}

async function open(place: Exclude<Place, 'page'>): Promise<Postable> {
  if (place === 'worker') return new Worker(FILE);
  const registration = await navigator.serviceWorker.register(FILE);
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  if (worker === null) throw new Error('There is no service worker');
  while (worker.state !== 'activated') {
    await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
  }
  return worker;
}

function askOf(worker: Postable): (name: string) => Promise<Outcome> {
  return (name) =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }: MessageEvent<Outcome>) => resolve(data);
      worker.postMessage(name, [port2]);
    });
}

if (typeof document === 'undefined') serve();
else void start((new URLSearchParams(location.search).get('in') ?? 'page') as Place);
