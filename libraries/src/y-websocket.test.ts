/** y-websocket: documents that were changed on both sides of a cut come together again. */
import { setupWSConnection } from '@y/websocket-server/utils';
import { once } from 'node:events';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { alive, behindProxy, counted } from './kit.js';

it('y-websocket brings documents together after a cut, through the drop-in', async () => {
  const { http, proxy, url } = await behindProxy();
  const wss = new WebSocketServer({ server: http });
  wss.on('connection', (socket, request) => setupWSConnection(socket, request));
  onTestFinished(() => void wss.close());

  const { WebSocket, made } = counted();
  const join = (): Y.Doc => {
    const doc = new Y.Doc();
    // Without it they would talk to each other past the server, being in one process.
    const provider = new WebsocketProvider(url, 'room', doc, {
      WebSocketPolyfill: WebSocket,
      disableBc: true,
      maxBackoffTime: 50,
    });
    onTestFinished(() => {
      provider.destroy();
    });
    return doc;
  };
  const ada = join();
  const bob = join();
  const text = (doc: Y.Doc): string => doc.getText('text').toJSON();
  const both = (expected: string): Promise<void> =>
    vi.waitFor(() => expect([text(ada), text(bob)]).toEqual([expected, expected]), {
      timeout: 10_000,
    });

  ada.getText('text').insert(0, 'hello');
  await both('hello');

  await proxy.refuse(true);
  const cut = proxy.cut();
  expect(cut).toBe(2);
  await once(proxy, 'closed');
  ada.getText('text').insert(5, ' world');
  bob.getText('text').insert(0, 'oh, ');
  await proxy.refuse(false);
  await both('oh, hello world');
  expect(alive(made)).toBe(2);
});
