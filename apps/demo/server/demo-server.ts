import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { NetworkView } from '../shared/protocol.js';
import { Backend } from './backend.js';
import { checkCaller, HttpError, readJson, refuseUpgrade, sendJson, targetOf } from './http.js';
import { Networks } from './networks.js';
import type { Pages } from './pages.js';
import { readFault, readRate } from './requests.js';

/** How many connections at once: every page needs a few, and there is one server for all. */
const MAX_CONNECTIONS = 1_024;

/** Messages a second to whoever connects to `/ws`. */
const PUBLIC_RATE = 1;

/** A running demo. */
export interface DemoServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the pages, the control API under `/api`, and the WebSockets under `/ws`, to this machine only.
 *
 * @param port 0 takes a free one.
 * @throws What `listen` throws: `EADDRINUSE` when the port is taken.
 */
export async function startDemoServer(port: number, pages: Pages): Promise<DemoServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 });
  server.maxConnections = MAX_CONNECTIONS;
  const actual = await listen(server, port);
  const demo = new Demo(actual, pages);
  server.on('request', (request, response) => void demo.answer(request, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    demo.upgrade(request, socket, head);
  });
  return {
    port: actual,
    close: async () => {
      await demo.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Demo {
  readonly #port: number;
  readonly #pages: Pages;
  readonly #networks: Networks;
  /** For clients without a page, at a fixed path: a server without a proxy. */
  readonly #public = new Backend();

  constructor(port: number, pages: Pages) {
    this.#port = port;
    this.#pages = pages;
    this.#networks = new Networks(port);
    this.#public.rate = PUBLIC_RATE;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      checkCaller(request, { host: this.#port, origin: this.#port });
      const { path, query } = targetOf(request);
      if (path.startsWith('/api/')) {
        await this.#answerApi(request, response, path, query.get('run') ?? '');
      } else {
        allow(request, 'GET', 'HEAD');
        this.#pages.send(response, path);
      }
    } catch (error) {
      fail(response, error);
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      // Whatever port the Host names: the proxy's, when the client came through one.
      checkCaller(request, { origin: this.#port });
      const { path, query } = targetOf(request);
      this.#backend(path).accept(request, socket, head, query);
    } catch (error) {
      refuseUpgrade(socket, error instanceof HttpError ? error.status : 500);
    }
  }

  async close(): Promise<void> {
    this.#public.stop();
    await this.#networks.close();
  }

  #backend(path: string): Backend {
    if (path === '/ws') return this.#public;
    const id = /^\/ws\/([0-9a-f]{32})$/.exec(path)?.[1];
    if (id === undefined) throw new HttpError(404, 'Cannot find this address');
    return this.#networks.get(id).backend;
  }

  async #answerApi(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    run: string,
  ): Promise<void> {
    if (path === '/api/networks') {
      allow(request, 'POST');
      const rate = readRate(await readJson(request));
      const network = await this.#networks.open();
      network.backend.rate = rate;
      return sendJson(response, 201, network.view(run));
    }
    const [, id, resource] =
      /^\/api\/networks\/([0-9a-f]{32})(?:\/(faults|rate))?$/.exec(path) ?? [];
    if (id === undefined) throw new HttpError(404, 'Cannot find this resource');
    sendJson(response, 200, await this.#answerNetwork(request, id, resource, run));
  }

  async #answerNetwork(
    request: IncomingMessage,
    id: string,
    resource: string | undefined,
    run: string,
  ): Promise<NetworkView> {
    const network = this.#networks.get(id);
    if (resource === 'faults') {
      allow(request, 'POST');
      await network.apply(readFault(await readJson(request)));
    } else if (resource === 'rate') {
      allow(request, 'POST');
      network.backend.rate = readRate(await readJson(request));
    } else {
      allow(request, 'GET', 'DELETE');
      if (request.method === 'DELETE') await this.#networks.remove(id);
    }
    return network.view(run);
  }
}

function allow(request: IncomingMessage, ...methods: readonly string[]): void {
  if (!methods.includes(request.method ?? '')) {
    throw new HttpError(405, `Cannot ${request.method} this: only ${methods.join(' and ')}`);
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (!(error instanceof HttpError)) console.error(error);
  if (response.headersSent) return void response.destroy();
  const known = error instanceof HttpError;
  // What is left of a refused body is not read: the connection ends with the answer.
  response.setHeader('connection', 'close');
  sendJson(response, known ? error.status : 500, {
    error: known ? error.message : 'Cannot answer: something is wrong here',
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
