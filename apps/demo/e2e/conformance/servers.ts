/** In Node: serves the suite's page, and starts and controls the servers that it asks for. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConformanceServer } from '@jetsocket/testing/conformance';
import { startConformanceServer } from '../../../../packages/testing/test/conformance-server.js';
import { type Control, fromWired, type ServerView } from './protocol.js';

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Conformance</title><script src="/conformance.js"></script>';

export interface Servers {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param script What the page loads. */
export async function startServers(script: string): Promise<Servers> {
  const servers = new Map<number, ConformanceServer>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname;
    if (path === '/') return send(response, 'text/html', PAGE);
    if (path === '/conformance.js') return send(response, 'text/javascript', script);
    if (path === '/servers') return send(response, 'application/json', await open(servers));
    const id = Number(/^\/servers\/(\d+)$/.exec(path)?.[1]);
    const server = servers.get(id);
    if (server === undefined) return void response.writeHead(404).end();
    const order = JSON.parse(await bodyOf(request)) as Control;
    if (order.method === 'stop') servers.delete(id);
    send(response, 'application/json', JSON.stringify((await obey(server, order)) ?? null));
  };
  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    stop: async () => {
      for (const server of servers.values()) await server.stop();
      http.closeAllConnections();
      http.close();
    },
  };
}

async function open(servers: Map<number, ConformanceServer>): Promise<string> {
  const server = await startConformanceServer();
  const id = Math.max(0, ...servers.keys()) + 1;
  servers.set(id, server);
  const { echoUrl, silentUrl, refusedUrl } = server;
  const rejectUrlStart = server.rejectUrl(0).slice(0, -1);
  return JSON.stringify({
    id,
    echoUrl,
    silentUrl,
    refusedUrl,
    rejectUrlStart,
  } satisfies ServerView);
}

function obey(server: ConformanceServer, order: Control): unknown {
  switch (order.method) {
    case 'send':
      return server.send(fromWired(order.data));
    case 'close':
      return server.close(order.code, order.reason);
    case 'header':
      return server.header(order.name);
    case 'terminate':
    case 'receivedCount':
    case 'stop':
      return server[order.method]();
  }
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
  });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
