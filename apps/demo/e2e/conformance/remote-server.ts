/** In the browser: a conformance server in Node, its controls requests. */
import type { ConformanceServer } from '@jetsocket/testing/conformance';
import { type Control, type ServerView, toWired } from './protocol.js';

export async function startRemoteServer(): Promise<ConformanceServer> {
  const view = (await post('/servers', {})) as ServerView;
  const control = (order: Control): Promise<unknown> => post(`/servers/${view.id}`, order);
  return {
    echoUrl: view.echoUrl,
    silentUrl: view.silentUrl,
    refusedUrl: view.refusedUrl,
    rejectUrl: (status) => `${view.rejectUrlStart}${status}`,
    send: (data) => control({ method: 'send', data: toWired(data) }) as Promise<void>,
    close: (code, reason) => control({ method: 'close', code, reason }) as Promise<void>,
    terminate: () => control({ method: 'terminate' }) as Promise<void>,
    receivedCount: () => control({ method: 'receivedCount' }) as Promise<number>,
    header: async (name) =>
      ((await control({ method: 'header', name })) as string | null) ?? undefined,
    stop: () => control({ method: 'stop' }) as Promise<void>,
  };
}

async function post(path: string, body: object): Promise<unknown> {
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`Cannot use ${path}: HTTP ${response.status}`);
  return response.json();
}
