// @vitest-environment happy-dom
/** The hooks of docs/ssr.md, in React's StrictMode, against a real server. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createElement, StrictMode, useCallback, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Price } from './price.jsx';
import { useJetSocket, useMessages } from './react.js';

/** Says `hello` on each connection, and counts them. */
async function startServer() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const sockets: WebSocket[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data) => {
      socket.send((data as Buffer).toString());
    });
  });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets, server };
}

const handled: unknown[] = [];

function Line({ url, id }: { readonly url: string; readonly id: string }) {
  const [socket, state] = useJetSocket(url);
  const [last, setLast] = useState('nothing');
  useMessages(
    socket,
    useCallback((message) => {
      handled.push(message);
      setLast(String(message));
    }, []),
  );
  const send = () => {
    socket?.send(id);
  };
  return createElement('button', { id, onClick: send }, `${state}, ${last}`);
}

const twoOf = (url: string) =>
  createElement(
    StrictMode,
    null,
    createElement(Line, { url, id: 'a' }),
    createElement(Line, { url, id: 'b' }),
  );

function mount() {
  const place = document.createElement('div');
  document.body.append(place);
  const root = createRoot(place);
  onTestFinished(() => root.unmount());
  return { place, root };
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

it('useJetSocket() makes one connection for two components in StrictMode, and closes it with the last', async () => {
  const { url, sockets } = await startServer();
  const { place, root } = mount();
  root.render(twoOf(url));
  await until(() => expect(place.textContent).toBe('connected, nothingconnected, nothing'));
  expect(sockets.length).toBe(1);

  root.render(createElement(StrictMode, null, createElement(Line, { url, id: 'a' })));
  await until(() => expect(place.querySelectorAll('button').length).toBe(1));
  handled.length = 0;
  place.querySelector('button')?.click();
  await until(() => expect(place.textContent).toBe('connected, a'));
  expect(handled).toEqual(['a']);
  expect(sockets.length).toBe(1);

  // Another page, with the same line on it, in the place of this one.
  root.render(createElement(Line, { url, id: 'c', key: 'other' }));
  await until(() => expect(place.querySelector('#c')?.textContent).toBe('connected, nothing'));
  expect(sockets.length).toBe(1);

  const closed = once(sockets[0] as WebSocket, 'close');
  root.render(null);
  expect((await closed)[0]).toBe(1000);
});

it('useJetSocket() moves to another address', async () => {
  const [one, other] = [await startServer(), await startServer()];
  const { place, root } = mount();
  root.render(createElement(Line, { url: one.url, id: 'a' }));
  await until(() => expect(place.textContent).toBe('connected, nothing'));
  const closed = once(one.sockets[0] as WebSocket, 'close');
  root.render(createElement(Line, { url: other.url, id: 'a' }));
  await closed;
  await until(() => expect(place.textContent).toBe('connected, nothing'));
  expect(other.sockets.length).toBe(1);
});

it('a component shows what came, and whether it is of now', async () => {
  const { url, sockets, server } = await startServer();
  const { place, root } = mount();
  root.render(createElement(Price, { url }));
  await until(() => expect(place.innerHTML).toBe('<p class="connected">…</p>'));
  sockets[0]?.send('{"price":5}');
  await until(() => expect(place.innerHTML).toBe('<p class="connected">5</p>'));
  server.close(); // It comes back to nobody.
  sockets[0]?.terminate();
  await until(() =>
    expect(place.innerHTML).toMatch(/^<p class="(backing_off|connecting)">5<\/p>$/),
  );
});

it('useJetSocket() begins anew with a socket that had failed for good', async () => {
  const { url, sockets } = await startServer();
  const { place, root } = mount();
  root.render(createElement(Line, { url, id: 'a' }));
  await until(() => expect(place.textContent).toBe('connected, nothing'));
  sockets[0]?.close(1008);
  await until(() => expect(place.textContent).toBe('failed, nothing'));
  root.render([
    createElement(Line, { url, id: 'a', key: 'a' }),
    createElement(Line, { url, id: 'b', key: 'b' }),
  ]);
  await until(() => expect(place.textContent).toBe('connected, nothingconnected, nothing'));
  expect(sockets.length).toBe(2);
});

it('useJetSocket() says idle on a server, and opens nothing', async () => {
  const { url, sockets } = await startServer();
  expect(renderToString(createElement(Line, { url, id: 'a' }))).toContain('idle');
  // A connection that was begun would be there before one that is begun now.
  const { place, root } = mount();
  root.render(createElement(Line, { url, id: 'a' }));
  await until(() => expect(place.textContent).toBe('connected, nothing'));
  expect(sockets.length).toBe(1);
});
