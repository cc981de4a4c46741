/**
 * Two exchanges on loopback, which speak as two well-known ones do: a connection has the channels that it asked
 * for, and a new connection has none.
 */
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** How an exchange is spoken to. */
interface Dialect {
  /** What a message asks for; undefined for one that is none of this exchange's. */
  readonly read: (
    message: Record<string, unknown>,
  ) => { readonly on: boolean; readonly names: readonly string[] } | undefined;
  readonly confirm: (message: Record<string, unknown>) => unknown;
  readonly tick: (name: string, price: number) => unknown;
}

export interface Exchange {
  readonly port: number;
  /** What every connection said, in order. */
  readonly said: Record<string, unknown>[][];
  /** Trades at that price, for those that asked for the channel. */
  tick(name: string, price: number): void;
  /** How many connections have that channel. */
  subscribers(name: string): number;
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** `{ method: 'SUBSCRIBE', params: [...], id }`, and `{ stream, data }` back. */
export const binanceLike: Dialect = {
  read: ({ method, params }) =>
    method === 'SUBSCRIBE' || method === 'UNSUBSCRIBE'
      ? { on: method === 'SUBSCRIBE', names: strings(params) }
      : undefined,
  confirm: ({ id }) => ({ result: null, id }),
  tick: (stream, price) => ({ stream, data: { e: 'trade', p: String(price) } }),
};

/** `{ op: 'subscribe', args: [...] }`, and `{ topic, data }` back. */
export const bybitLike: Dialect = {
  read: ({ op, args }) =>
    op === 'subscribe' || op === 'unsubscribe'
      ? { on: op === 'subscribe', names: strings(args) }
      : undefined,
  confirm: ({ op, req_id }) => ({ success: true, op, req_id }),
  tick: (topic, price) => ({ topic, type: 'snapshot', data: [{ p: String(price) }] }),
};

export async function exchange({ read, confirm, tick }: Dialect): Promise<Exchange> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const channels = new Map<WebSocket, Set<string>>();
  const said: Record<string, unknown>[][] = [];
  server.on('connection', (client) => {
    const own = new Set<string>();
    channels.set(client, own);
    const log: Record<string, unknown>[] = [];
    said.push(log);
    client.on('close', () => channels.delete(client));
    client.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as Record<string, unknown>;
      log.push(message);
      const asked = read(message);
      if (asked === undefined) return;
      for (const name of asked.names) {
        if (asked.on) own.add(name);
        else own.delete(name);
      }
      client.send(JSON.stringify(confirm(message)));
    });
  });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const having = (name: string): WebSocket[] =>
    [...channels].flatMap(([client, own]) => (own.has(name) ? [client] : []));
  return {
    port: (server.address() as AddressInfo).port,
    said,
    tick(name, price) {
      for (const client of having(name)) client.send(JSON.stringify(tick(name, price)));
    },
    subscribers: (name) => having(name).length,
  };
}
