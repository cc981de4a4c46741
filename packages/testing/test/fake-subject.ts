import type { Link, LinkListener, OpenRequest, Transport } from '@jetsocket/core';
import type { ConformanceServer, ConformanceSubject } from '../src/conformance.js';
import { FakeClock } from '../src/fake-clock.js';
import { FakeTransport, type FakeTransportOptions } from '../src/fake-transport.js';

/** The virtual network as a subject of the conformance suite: what the server does stands in the URL. */
export function fakeSubject(options: Partial<FakeTransportOptions> = {}): ConformanceSubject {
  const clock = new FakeClock();
  const network = new FakeTransport({
    ...options,
    clock,
    onReceived: (link, data) => link.deliver(data),
  });
  return {
    transport: new Routed(network),
    canPing: options.canPing ?? true,
    tellsStatus: true,
    enforcesMaxMessageBytes: options.enforcesMaxMessageBytes ?? true,
    start: () => serverOf(network),
    pause: () => clock.advance(10),
  };
}

class Routed implements Transport {
  readonly #network: FakeTransport;

  constructor(network: FakeTransport) {
    this.#network = network;
  }

  get takesHeaders(): boolean {
    return this.#network.takesHeaders;
  }

  open(request: OpenRequest, listener: LinkListener): Link {
    const [behaviour, detail] = new URL(request.url).pathname.slice(1).split('/');
    if (behaviour === 'silent') this.#network.hang(1);
    if (behaviour === 'refused') this.#network.refuse(1);
    if (behaviour === 'reject') this.#network.refuse(1, { httpStatus: Number(detail) });
    return this.#network.open(request, listener);
  }
}

function serverOf(network: FakeTransport): ConformanceServer {
  const newest = (): FakeTransport['links'][number] | undefined => network.links.at(-1);
  return {
    echoUrl: 'wss://fake.test/echo',
    silentUrl: 'wss://fake.test/silent',
    refusedUrl: 'wss://fake.test/refused',
    rejectUrl: (status) => `wss://fake.test/reject/${status}`,
    send: (data) => newest()?.deliver(data),
    close: (code, reason) => newest()?.closeFromServer(code, reason),
    terminate: () => newest()?.cut(),
    receivedCount: () => newest()?.received.length ?? 0,
    header: (name) => newest()?.request.headers[name],
    stop: () => undefined,
  };
}
