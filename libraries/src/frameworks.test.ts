// @vitest-environment happy-dom
/** What docs/ssr.md has for Vue and Svelte, against a real server. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createApp, createSSRApp, h } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { type WebSocket, WebSocketServer } from 'ws';
import { jetSocket } from './svelte.js';
import { useJetSocket } from './vue.js';

async function startServer() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const sockets: WebSocket[] = [];
  server.on('connection', (socket) => void sockets.push(socket));
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets };
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

const lineOf = (url: string) => ({
  setup() {
    const { state } = useJetSocket(url);
    return () => h('p', state.value);
  },
});

it('useJetSocket() of Vue connects when it is mounted, and closes with its component', async () => {
  const { url, sockets } = await startServer();
  expect(await renderToString(createSSRApp(lineOf(url)))).toBe('<p>idle</p>');
  const place = document.createElement('div');
  const app = createApp(lineOf(url));
  app.mount(place);
  await until(() => expect(place.textContent).toBe('connected'));
  expect(sockets.length).toBe(1);
  const closed = once(sockets[0] as WebSocket, 'close');
  app.unmount();
  expect((await closed)[0]).toBe(1000);
});

it('jetSocket() of Svelte is open while somebody reads it, again and again', async () => {
  const { url, sockets } = await startServer();
  const { state } = jetSocket(url);
  for (const count of [1, 2]) {
    let last = '';
    const leave = state.subscribe((value) => (last = value));
    await until(() => expect(last).toBe('connected'));
    expect(sockets.length).toBe(count);
    const closed = once(sockets[count - 1] as WebSocket, 'close');
    leave();
    expect((await closed)[0]).toBe(1000);
  }
});
